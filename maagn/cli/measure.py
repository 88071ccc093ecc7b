"""`maagn models` and `maagn evaluate`: which networks are there, and how good are they?"""

import json
import math
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from maagn.cli.explain import load
from maagn.cli.failure import one_line
from maagn.cli.runs import Batch, CropsName, PrecisionName, Threads, Workers, do_run
from maagn.cli.videos import (
    ClassesFrom,
    Columns,
    Layout,
    MirroredFile,
    Names,
    OppositesFile,
    Pictures,
    Root,
    SplitName,
    Videos,
    open_source,
)
from maagn.errors import CheckpointError


@one_line()
def models() -> None:
    """Which networks are there, where do they come from, what were they measured to do?"""
    from maagn.checkpoint import available, load_model
    from maagn.cli.tables import print_models

    found, damaged = [], []
    for name in available():
        try:
            found.append(load_model(name))
        except CheckpointError as error:
            damaged.append(str(error))
    print_models(found, damaged)


@one_line()
def evaluate(
    model: Annotated[
        list[str] | None,
        typer.Option(help="A name in checkpoints/ or a file; give it again for more."),
    ] = None,
    split: Annotated[
        SplitName | None, typer.Option(help="Of the rendered clips test; of --data val.")
    ] = None,
    per_class: Annotated[int, typer.Option(min=1, help="Rendered clips of every class.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Of rendered clips a Parquet file; of --data the run's folder, which goes on "
            "where it was stopped."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="A folder or list of videos, instead of rendered clips.")
    ] = None,
    layout: Layout = "auto",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    opposites: OppositesFile = None,
    mirrored: MirroredFile = None,
    views: Annotated[CropsName, typer.Option(help="Crops of every video of --data.")] = "centre",
    clips: Annotated[int, typer.Option(min=1, help="Moments of every video of --data.")] = 1,
    window: Annotated[
        int, typer.Option(min=0, help="Consecutive frames a moment has, e.g. 64; 0 for all.")
    ] = 0,
    batch: Batch = 16,
    workers: Workers = 2,
    threads: Threads = 1,
    precision: Annotated[PrecisionName, typer.Option(help="Of the arithmetic.")] = "32-true",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON, and nothing else.")
    ] = False,
) -> None:
    """How often are the networks right, on rendered clips that training never saw or on --data?"""
    if data is not None:
        if out is None:
            raise typer.BadParameter("give the run's folder, e.g. runs/NAME", param_hint="--out")
        where = (layout, split or "val", names, root, videos, pictures, columns, classes_from)
        do_run(
            "answers",
            partial(open_source, data, *where),
            model,
            out,
            crops=views,
            clips=clips,
            window=window,
            batch=batch,
            workers=workers,
            threads=threads,
            precision=precision,
            opposites=opposites,
            mirrored=mirrored,
        )
        return
    if opposites is not None or mirrored is not None:
        raise typer.BadParameter(
            "rendered clips have pairs of their own: give it with --data",
            param_hint="--opposites" if opposites is not None else "--mirrored",
        )
    from maagn.evaluate.accuracy import count
    from maagn.evaluate.ask import ask
    from maagn.evaluate.compare import overall
    from maagn.evaluate.factors import clips_of, write_factors
    from maagn.evaluate.results import write_results

    split = split or "test"
    if split == "train":
        raise typer.BadParameter("is val or test", param_hint="--split")
    networks = load(model)
    named = " ".join(f"--model {network.name}" for network in networks)
    command = f"maagn evaluate {named} --split {split} --per-class {per_class}"
    results = ask(networks, split=split, per_class=per_class, command=command)
    if out is not None:
        write_results(out, results)
        write_factors(out.with_suffix(".factors.parquet"), clips_of(results.answers[0]))
    counts = [count(answers) for answers in results]
    if as_json:
        typer.echo(json.dumps(_without_nan([one.as_dict() for one in counts]), indent=1))
        return
    from maagn.cli.tables import print_accuracies, print_comparisons

    print_accuracies(counts)
    first, *others = results.answers
    print_comparisons(first.model, [(other.model, overall(first, other)) for other in others])
    if out is not None:
        typer.echo(f"Written to {out}")


def _without_nan(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """A share of no clips is not a number; JSON has null for it."""
    match value:
        case dict():
            return {name: _without_nan(one) for name, one in value.items()}
        case list():
            return [_without_nan(one) for one in value]
        case float() if math.isnan(value):
            return None
    return value
