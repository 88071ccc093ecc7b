"""`maagn train`, `maagn gallery` and `maagn reproduce`: checkpoints, clips, the paper's tables."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from maagn.cli.failure import one_line
from maagn.config import RECIPES, Optimiser
from maagn.errors import ModelError
from maagn.suggest import closest_first

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
Whole = Annotated[int | None, typer.Option(min=1)]
Count = Annotated[int | None, typer.Option(min=0)]
Share = Annotated[float | None, typer.Option(min=0.0, max=1.0)]
Amount = Annotated[float | None, typer.Option(min=0.0)]


@one_line()
def train(
    preset: Annotated[str, typer.Argument(help="Which network, e.g. maagn-demo.")],
    recipe: Annotated[
        str,
        typer.Option(help=f"What is not given is taken from: {', '.join(RECIPES)}."),
    ] = "demo",
    data: Annotated[
        str | None, typer.Option(help="`opposites`, or a folder with Something-Something.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change the preset, e.g. fusion=sum; may be repeated."),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="A checkpoint whose backbone is the first.")
    ] = None,
    epochs: Whole = None,
    clips: Annotated[
        int | None, typer.Option(min=0, help="Training clips an epoch; 0 for all of a folder's.")
    ] = None,
    validation_clips: Count = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Clips an optimiser step.")] = None,
    accumulate: Annotated[
        int | None, typer.Option(min=1, help="Parts that a batch is worked through in.")
    ] = None,
    optimiser: Annotated[Optimiser | None, typer.Option()] = None,
    learning_rate: Amount = None,
    momentum: Share = None,
    milestones: Annotated[
        list[int] | None,
        typer.Option("--milestone", help="Epoch after which the rate is a tenth; may be repeated."),
    ] = None,
    warmup: Share = None,
    weight_decay: Amount = None,
    label_smoothing: Share = None,
    auxiliary_weight: Amount = None,
    ema: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.99999, help="Decay of the weights' running mean; 0 for none."),
    ] = None,
    precision: Annotated[Precision | None, typer.Option()] = None,
    short_side: Annotated[
        tuple[int, int] | None, typer.Option(help="Smallest and largest, before the crop.")
    ] = None,
    crop: Whole = None,
    flip: Annotated[
        bool | None, typer.Option("--flip/--no-flip", help="Mirror clips at random.")
    ] = None,
    colour: Annotated[
        float | None, typer.Option(min=0.0, max=0.9, help="Random change of light and colour.")
    ] = None,
    reversal: Annotated[
        bool | None,
        typer.Option("--reversal/--no-reversal", help="Show clips backwards too, as the opposite."),
    ] = None,
    opposites: Annotated[
        str | None,
        typer.Option(help="Pairs of opposite classes: lines `class,opposite[,kind]`."),
    ] = None,
    mirrored: Annotated[
        str | None, typer.Option(help="Classes that a mirror exchanges: lines `class,partner`.")
    ] = None,
    seed: Count = None,
    out: Annotated[
        Path | None, typer.Option(help="The checkpoint; else checkpoints/PRESET.safetensors.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder that keeps rendered clips for other runs.")
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="Processes that share every batch.")] = 1,
    keep_every: Annotated[
        int, typer.Option(min=0, help="Steps after which the state is kept; 0 for epochs alone.")
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell size and time after a step; write nothing.")
    ] = False,
) -> None:
    """Train PRESET; a run that was stopped goes on."""
    asked: dict[str, Any] = dict(locals())
    for name in ("recipe", "out", "cache", "devices", "keep_every", "dry_run"):
        del asked[name]
    given = {name: value for name, value in asked.items() if value not in (None, [])}
    if changes:
        given["changes"] = tuple(_change(words) for words in changes)
    if milestones:
        given["milestones"] = tuple(milestones)
    if recipe not in RECIPES:
        known = closest_first(recipe, RECIPES)
        raise ModelError(f"There is no recipe {recipe}: choose from {known}.")
    spec = replace(RECIPES[recipe], **given)
    from maagn.checkpoint import FOLDER
    from maagn.train.loop import train as run

    if dry_run:
        from maagn.train.dry_run import rehearse

        typer.echo(str(rehearse(spec)))
        return
    run(
        spec,
        out=out or FOLDER / f"{preset}.safetensors",
        cache=cache,
        devices=devices,
        keep_every=keep_every,
        report=typer.echo,
    )


def _change(words: str) -> tuple[str, str]:
    name, equals, value = words.partition("=")
    if not equals:
        raise ModelError(f"{words} changes nothing: write NAME=VALUE, e.g. fusion=sum.")
    return name, value


@one_line()
def gallery(
    out: Annotated[Path, typer.Option(help="Folder for the clips; made where it is missing.")],
    per_class: Annotated[int, typer.Option(min=1, help="Clips of every class.")] = 2,
) -> None:
    """Render held-out clips of every class, with a list of what each shows."""
    from maagn.cli.failure import appearing_in, refuse_file
    from maagn.opposites.sheet import write_gallery

    refuse_file(out)
    with appearing_in(out) as folder:
        entries = write_gallery(folder, per_class=per_class)
    typer.echo(f"Written to {out}: {len(entries)} clips")


_RESULTS = Path("docs/reproduction")


class Target(StrEnum):
    """What can be reproduced."""

    TABLE1 = "table1"
    TABLE3 = "table3"
    TABLE4 = "table4"
    TABLE5 = "table5"
    TABLE6 = "table6"
    FIG8 = "fig8"
    ALL = "all"
    PAGE = "page"


@one_line()
def reproduce(
    target: Annotated[
        Target, typer.Argument(help="A table, fig8, all, or page: only write the page again.")
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of every network.")] = 3,
    work: Annotated[Path, typer.Option(help="For checkpoints and rendered clips.")] = Path(
        "runs/reproduce"
    ),
    results: Annotated[Path, typer.Option(help="Where outcomes are kept.")] = _RESULTS,
    page: Annotated[Path, typer.Option(help="Written from all outcomes.")] = Path(
        "docs/reproduction.md"
    ),
) -> None:
    """Train what TARGET compares, measure it on the test split, and write what came out.

    A run that was stopped goes on; what was measured before is not trained again.
    """
    from maagn.reproduce.cost import write_costs
    from maagn.reproduce.page import write_page
    from maagn.reproduce.queue import run_queue
    from maagn.reproduce.study import STUDIES, Size, rows

    tables = list(STUDIES) if target is Target.ALL else [t for t in STUDIES if t == target]
    run_queue(
        rows(tables),
        seeds=range(seeds),
        size=Size(),
        work=work,
        results=results,
        cache=work / "clips",
        report=typer.echo,
    )
    if target in (Target.TABLE3, Target.TABLE6, Target.ALL):
        write_costs(results / "costs.json")
    write_page(page, results)
    typer.echo(f"Written to {page}")
