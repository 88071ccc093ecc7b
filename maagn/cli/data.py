"""`maagn data`: the benchmark as files, and what it gives away."""

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from maagn.cli.failure import one_line

if TYPE_CHECKING:
    from maagn.opposites.split import Split

SPLITS = ("train", "val", "test")

data = typer.Typer(
    help="Sets of videos, and the rendered benchmark as files.", no_args_is_help=True
)


@data.command()
@one_line()
def opposites(
    out: Annotated[Path, typer.Option(help="Folder for the files; made where it is missing.")],
    split: Annotated[list[str], typer.Option(help="train, val or test; give it again for more.")],
    per_class: Annotated[int, typer.Option(min=1, help="Clips of every class.")] = 20,
    size: Annotated[int, typer.Option(min=16, max=1024, help="Side in pixels; even.")] = 240,
) -> None:
    """Write a split of the benchmark in the layout of Something-Something V2."""
    unknown = [name for name in split if name not in SPLITS]
    if unknown:
        raise typer.BadParameter(f"there is no split {unknown[0]}", param_hint="--split")
    if size % 2:
        raise typer.BadParameter("is an even number", param_hint="--size")
    from maagn.cli.folder import appearing_in, refuse_file
    from maagn.data.export import export_opposites

    refuse_file(out)
    if out.exists() and any(out.iterdir()):
        raise OSError(errno.ENOTEMPTY, "is not empty, give a new folder", str(out))
    with appearing_in(out) as folder:
        written = export_opposites(
            folder, splits=cast("list[Split]", split), per_class=per_class, size=size
        )
    typer.echo(f"Written to {out}: {written} clips")


@data.command()
@one_line()
def sheet(
    out: Annotated[Path, typer.Option(help="The picture, PNG or JPEG.")],
) -> None:
    """Write one picture of all classes, a row a pair."""
    from maagn.opposites.sheet import write_sheet

    write_sheet(out)
    typer.echo(f"Written to {out}")


@data.command()
@one_line()
def speed(
    clips: Annotated[int, typer.Option(min=1, help="How many clips are drawn.")] = 340,
) -> None:
    """How many training clips does one core draw in a second?"""
    from time import process_time

    import cv2

    from maagn.opposites.dataset import FRAMES, RENDERED, OppositesDataset

    cv2.setNumThreads(1)
    drawn = OppositesDataset("train", length=clips, train=True)
    start = process_time()
    for index in range(clips):
        drawn.whole(index)
    rate = clips / (process_time() - start)
    typer.echo(f"{rate:.0f} clips a second and core ({FRAMES} frames of {RENDERED} pixels)")


@data.command()
@one_line()
def leak(
    split: Annotated[Literal["val", "test"], typer.Option(help="Whose scenes.")] = "test",
    train_scenes: Annotated[int, typer.Option(min=2, help="Learned from, a pair.")] = 60,
    test_scenes: Annotated[int, typer.Option(min=1, help="Tested on, a pair.")] = 30,
) -> None:
    """Does anything but the order of frames tell opposites apart? A linear classifier tries to."""
    from maagn.cli.tables import print_leaks
    from maagn.evaluate.leak import leaks

    for title, looped in (("Loops, entered anywhere", True), ("From the beginning", False)):
        found = leaks(
            train_scenes=train_scenes, test_scenes=test_scenes, split=split, looped=looped
        )
        print_leaks(title, found)
