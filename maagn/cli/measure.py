"""`maagn data measure`: what is known of every clip of a set without asking a network."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.data import (
    ClassesFrom,
    Columns,
    Layout,
    Names,
    Pictures,
    Root,
    SplitOption,
    Videos,
    open_source,
)
from maagn.cli.failure import one_line

_EVERY_SECONDS = 2.0


@one_line()
def measure(
    source: Annotated[
        Path, typer.Argument(help="A folder or a list of videos, or the name of a registered set.")
    ],
    layout: Layout = "auto",
    split: SplitOption = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    workers: Annotated[int, typer.Option(min=1, help="Videos measured in parallel.")] = 2,
    out: Annotated[
        Path | None,
        typer.Option(help="Parquet file to write; by default beside a registered set's list."),
    ] = None,
) -> None:
    """Measure length, size, brightness, motion, shake and cuts of every video.

    Started again, it measures only those that are new, changed, or could not be read.
    """
    from maagn.cli.tables import print_measures
    from maagn.data.measures import measured
    from maagn.data.registry import find, videos_of

    if source.exists():
        opened = open_source(
            source, layout, split, names, root, videos, pictures, columns, classes_from
        )
    else:
        kept = find(str(source))
        opened = videos_of(kept)
        out = out or kept.measures
    if out is None:
        raise typer.BadParameter("give the file to write", param_hint="--out")
    table = measured(opened.videos, out, workers=workers, report=_teller())
    print_measures(table)
    typer.echo(f"Written to {out}")


def _teller() -> Callable[[int, int], None]:
    """Tells on stderr how far it is, now and then."""
    last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > _EVERY_SECONDS:
            last = time.monotonic()
            typer.echo(f"{done:,} of {total:,} videos", err=True)

    return tell
