"""`maagn models` and `maagn evaluate`: which networks are there, and how good are they?"""

import json
import math
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from maagn.cli.explain import load
from maagn.cli.failure import one_line
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
    split: Annotated[str, typer.Option(help="val or test.")] = "test",
    per_class: Annotated[int, typer.Option(min=1, help="Held-out clips of every class.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option(help="Keep the results of every clip in this Parquet file, factors beside."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON, and nothing else.")
    ] = False,
) -> None:
    """How often are the networks right on rendered clips that training never saw?"""
    from maagn.evaluate.accuracy import count
    from maagn.evaluate.ask import ask
    from maagn.evaluate.compare import overall
    from maagn.evaluate.factors import clips_of, write_factors
    from maagn.evaluate.results import write_results

    if split not in ("val", "test"):
        raise typer.BadParameter("is val or test", param_hint="--split")
    networks = load(model)
    named = " ".join(f"--model {network.name}" for network in networks)
    command = f"maagn evaluate {named} --split {split} --per-class {per_class}"
    results = ask(
        networks, split=cast(Literal["val", "test"], split), per_class=per_class, command=command
    )
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
