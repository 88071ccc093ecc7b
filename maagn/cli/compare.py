"""`maagn compare` and `maagn confused`: what did a run find?"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maagn.cli.failure import one_line, without_nan

if TYPE_CHECKING:
    from maagn.evaluate.predictions import Predictions
    from maagn.evaluate.results import Results

Run = Annotated[
    str, typer.Argument(metavar="RUN", help="Folder of a run, file of results, or a run's name.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def read(run: str) -> "Results":
    """The results that an argument names: a folder, a file, or a run below `runs/`."""
    from maagn.evaluate.runs import find_run, read_run

    path = Path(run)
    return read_run(path) if path.exists() else find_run(run).read()


@one_line()
def compare(
    run: Run,
    first: Annotated[str | None, typer.Argument(help="A network; the run's first.")] = None,
    second: Annotated[str | None, typer.Argument(help="Another; the run's second.")] = None,
    against: Annotated[
        str | None,
        typer.Option(help="Run of the second network, if it is another; common clips count."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two networks on the clips that both have seen: overall, by pair, by class."""
    from maagn.cli.tables import print_comparison
    from maagn.errors import ResultsError
    from maagn.evaluate.align import align
    from maagn.evaluate.compare import by_pair, gains, overall, table

    results = read(run)
    others = results if against is None else read(against)
    one = first or results.models[0]
    left = [name for name in others.models if against is not None or name != one]
    if second is None and not left:
        raise ResultsError(f"{run} holds {one} alone: name another run with --against.")
    here, there = align(results, one, others, second or left[0])
    whole = overall(here, there)
    pairs = table(pair for pair in by_pair(here, there) if pair.first.trials)
    classes = table(gains(here, there))
    if not as_json:
        print_comparison(here.model, there.model, whole, pairs, classes)
        return
    found = {
        "run": run,
        "against": against or run,
        "first": here.model,
        "second": there.model,
        "clips": len(here),
        "overall": {key: value for key, value in asdict(whole).items() if key != "labels"},
        "pairs": pairs.to_dict("records"),
        "classes": classes.to_dict("records"),
    }
    typer.echo(json.dumps(without_nan(found), indent=1, ensure_ascii=False))


@one_line()
def confused(
    run: Run,
    model: Annotated[
        list[str] | None, typer.Option(help="A network of the run; repeatable. Default: all.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="Rows of each table.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List the opposites, and any other classes, that networks take for each other."""
    from maagn.cli.tables import print_confusions, print_opposites

    results = read(run)
    chosen = [results.of(name) for name in model or results.models]
    if not as_json:
        print_opposites(chosen, most=most)
        print_confusions([(one.model, others(one)[:most]) for one in chosen])
        return
    found = [
        {"model": one.model, "clips": len(one), "opposites": opposites(one)[:most],
         "others": others(one)[:most]}
        for one in chosen
    ]  # fmt: skip
    typer.echo(json.dumps(without_nan(found), indent=1, ensure_ascii=False))


def opposites(predictions: "Predictions") -> list[dict[str, Any]]:
    """Pairs of opposites, most confused first, with 95 % intervals."""
    from maagn.evaluate.metrics import confused_pairs

    return [
        {
            "classes": [predictions.labels[number] for number in pair.classes],
            "clips": pair.clips,
            "opposite": asdict(pair.opposite),
            "preferred": asdict(pair.preferred),
        }
        for pair in confused_pairs(predictions)
    ]


def others(predictions: "Predictions") -> list[dict[str, Any]]:
    """Cells of the confusion matrix off its diagonal, of classes that are no opposites."""
    import numpy as np

    from maagn.evaluate.metrics import confusion

    counts = confusion(predictions)
    clips = counts.sum(axis=1)
    cells = counts.copy()
    np.fill_diagonal(cells, 0)
    paired = np.flatnonzero(predictions.opposites >= 0)
    cells[paired, predictions.opposites[paired]] = 0
    rows, columns = np.nonzero(cells)
    order = np.argsort(-cells[rows, columns], kind="stable")
    return [
        {
            "class": predictions.labels[row],
            "predicted": predictions.labels[column],
            "errors": int(cells[row, column]),
            "clips": int(clips[row]),
        }
        for row, column in zip(rows[order], columns[order], strict=True)
    ]
