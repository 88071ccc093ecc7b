"""`maagn train`, `maagn gallery` and `maagn reproduce`: checkpoints, clips, the paper's tables."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from maagn.cli.data import ClassesFrom, Columns, Layout, Names, Pictures, Root, Videos
from maagn.cli.failure import one_line
from maagn.cli.options import Device
from maagn.config import RECIPES, Freeze, Optimiser, Take
from maagn.errors import ModelError
from maagn.suggest import closest_first

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
Whole = Annotated[int | None, typer.Option(min=1)]
Count = Annotated[int | None, typer.Option(min=0)]
Share = Annotated[float | None, typer.Option(min=0.0, max=1.0)]
Amount = Annotated[float | None, typer.Option(min=0.0)]


@one_line()
def train(
    preset: Annotated[str, typer.Argument(help="Preset, e.g. maagn-demo.")],
    recipe: Annotated[
        str,
        typer.Option(help=f"What is not given is taken from: {', '.join(RECIPES)}."),
    ] = "demo",
    data: Annotated[
        str | None,
        typer.Option(help="`opposites`, or a folder or list of videos, of any layout."),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="Folder or list to validate on. Default: the data's own split."),
    ] = None,
    hold_out: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Without a validation split, one clip in so many is held out, whole groups where "
            "file names tell them. Default: 5.",
        ),
    ] = None,
    layout: Layout = "auto",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override a field, e.g. fusion=sum; repeatable."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="Network to begin from: a checkpoint or its name, a published file that "
            "`maagn import` reads, or torchvision's ResNet. All that fits is taken."
        ),
    ] = None,
    take: Annotated[
        Take | None, typer.Option(help="What of it to take; backbone: that alone.")
    ] = None,
    freeze: Annotated[
        Freeze | None,
        typer.Option(
            help="What stays as --start gave it: `backbone`, with its normalisation's statistics."
        ),
    ] = None,
    epochs: Whole = None,
    clips: Annotated[
        int | None, typer.Option(min=0, help="Training clips per epoch; 0: all in the folder.")
    ] = None,
    validation_clips: Count = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Clips per optimiser step.")] = None,
    accumulate: Annotated[
        int | None, typer.Option(min=1, help="Gradient accumulation steps per batch.")
    ] = None,
    optimiser: Annotated[Optimiser | None, typer.Option()] = None,
    learning_rate: Amount = None,
    momentum: Share = None,
    milestones: Annotated[
        list[int] | None,
        typer.Option("--milestone", help="Epoch after which to divide the rate by 10; repeatable."),
    ] = None,
    warmup: Share = None,
    weight_decay: Amount = None,
    label_smoothing: Share = None,
    auxiliary_weight: Amount = None,
    ema: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.99999, help="Decay of the moving average of weights; 0: none."),
    ] = None,
    masks_spread: Annotated[
        float | None,
        typer.Option(
            min=0.0, help="Deviation over clips of what masks begin with; 0: as other layers."
        ),
    ] = None,
    masks_rate: Annotated[
        float | None,
        typer.Option(min=0.0, help="Learning rate of masks and alpha, of the others'; 0: as they."),
    ] = None,
    idle: Annotated[
        bool | None,
        typer.Option("--idle/--no-idle", help="Show the action in a part of the frames alone."),
    ] = None,
    spoilt: Annotated[
        int | None, typer.Option(min=0, help="Frames of a clip that show nothing of it, at most.")
    ] = None,
    precision: Annotated[Precision | None, typer.Option()] = None,
    compile: Annotated[
        bool | None,
        typer.Option(
            "--compile/--no-compile",
            help="Compile the network (torch.compile); on a CPU this needs a C++ compiler.",
        ),
    ] = None,
    short_side: Annotated[
        tuple[int, int] | None,
        typer.Option(help="Smallest and largest short side before cropping."),
    ] = None,
    crop: Whole = None,
    flip: Annotated[
        bool | None,
        typer.Option(
            "--flip/--no-flip", help="Mirror clips at random, swapping left and right labels."
        ),
    ] = None,
    colour: Annotated[
        float | None, typer.Option(min=0.0, max=0.9, help="Strength of random colour changes.")
    ] = None,
    reversal: Annotated[
        bool | None,
        typer.Option(
            "--reversal/--no-reversal",
            help="Also train on reversed clips, labelled as the opposite.",
        ),
    ] = None,
    opposites: Annotated[
        str | None,
        typer.Option(help="CSV of opposite classes: `class,opposite[,kind]`."),
    ] = None,
    mirrored: Annotated[
        str | None, typer.Option(help="CSV of classes that a mirror swaps: `class,partner`.")
    ] = None,
    seed: Count = None,
    out: Annotated[
        Path | None, typer.Option(help="Checkpoint. Default: checkpoints/PRESET.safetensors.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder in which to cache rendered clips.")
    ] = None,
    devices: Annotated[
        int, typer.Option(min=1, help="Number of processes that share each batch.")
    ] = 1,
    device: Device = None,
    keep_every: Annotated[
        int, typer.Option(min=0, help="Also save the state every N steps; 0: only per epoch.")
    ] = 0,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would be done, and how long it takes; write nothing."
        ),
    ] = False,
) -> None:
    """Train PRESET; resumes if it was stopped.

    Before the first step it says which clips it trains and validates on, which classes are
    opposites, and what reversal and mirror do to them; after some steps, how long an epoch takes.
    """
    asked: dict[str, Any] = dict(locals())
    for name in ("recipe", "out", "cache", "devices", "device", "keep_every", "dry_run"):
        del asked[name]
    given: dict[str, Any] = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asked.items()
        if value not in (None, [])
    }
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

        typer.echo(str(rehearse(spec, device=device, report=typer.echo)))
        return
    run(
        spec,
        out=out or FOLDER / f"{preset}.safetensors",
        cache=cache,
        devices=devices,
        device=device,
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
    out: Annotated[Path, typer.Option(help="Output folder; created if missing.")],
    per_class: Annotated[int, typer.Option(min=1, help="Clips per class.")] = 2,
) -> None:
    """Render held-out clips of every class, and list what each shows."""
    from maagn.cli.failure import appearing_in, refuse_file
    from maagn.opposites.sheet import write_gallery

    refuse_file(out)
    with appearing_in(out) as folder:
        entries = write_gallery(folder, per_class=per_class)
    typer.echo(f"Written to {out}: {len(entries)} clips")


_RESULTS = Path("docs/reproduction")


class Target(StrEnum):
    """The tables and figures that `maagn reproduce` knows: the paper's, and one of ours."""

    TABLE1 = "table1"
    TABLE3 = "table3"
    TABLE4 = "table4"
    TABLE5 = "table5"
    TABLE6 = "table6"
    MASKS = "masks"
    FIG8 = "fig8"
    ALL = "all"
    PAGE = "page"


@one_line()
def reproduce(
    target: Annotated[
        Target, typer.Argument(help="A table, masks, fig8 or all; page: only rewrite the page.")
    ],
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Training runs per network; each table has its own.")
    ] = None,
    work: Annotated[Path, typer.Option(help="Folder for checkpoints and rendered clips.")] = Path(
        "runs/reproduce"
    ),
    results: Annotated[Path, typer.Option(help="Folder for the outcomes.")] = _RESULTS,
    page: Annotated[Path, typer.Option(help="Page to write.")] = Path("docs/reproduction.md"),
    device: Device = None,
) -> None:
    """Train and test the networks that TARGET compares, and write the results.

    Resumes if it was stopped; networks that were already measured are not trained again.
    """
    from maagn.reproduce.cost import write_costs
    from maagn.reproduce.page import write_page
    from maagn.reproduce.queue import run_queue
    from maagn.reproduce.study import STUDIES, rows

    tables = [study for name, study in STUDIES.items() if target in (Target.ALL, name)]
    for size, needed in rows(tables).items():
        run_queue(
            needed,
            seeds=range(seeds or size.seeds),
            size=size,
            work=work,
            results=results,
            cache=work / "clips",
            device=device,
            report=typer.echo,
        )
    if target in (Target.TABLE3, Target.TABLE6, Target.ALL):
        write_costs(results / "costs.json", device=device)
    write_page(page, results)
    typer.echo(f"Written to {page}")
