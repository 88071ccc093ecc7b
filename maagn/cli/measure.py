"""`maagn models` and `maagn evaluate`: which networks are there, and how good are they?"""

import json
import math
from typing import Annotated

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
    per_class: Annotated[int, typer.Option(min=1, help="Held-out clips of every class.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the counts as JSON, and nothing else.")
    ] = False,
) -> None:
    """How often are the networks right on rendered clips that training never saw?"""
    from maagn.evaluate.accuracy import evaluate as measure

    counts = [measure(network, per_class=per_class) for network in load(model)]
    if as_json:
        typer.echo(json.dumps([_without_nan(one.as_dict()) for one in counts], indent=1))
    else:
        from maagn.cli.tables import print_accuracies

        print_accuracies(counts)


def _without_nan(values: dict[str, object]) -> dict[str, object]:
    """A share of no clips is not a number; JSON has null for it."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }
