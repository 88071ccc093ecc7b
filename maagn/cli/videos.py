"""`maagn data check` and `maagn data register`: sets of videos that people bring."""

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from maagn.cli.failure import one_line

if TYPE_CHECKING:
    from maagn.data.videos import VideoSet

LayoutName = Literal[
    "auto", "something-v1", "something-v2", "kinetics", "frame-list", "class-folders"
]
SplitName = Literal["train", "val", "test"]
Source = Annotated[Path, typer.Argument(help="A folder, or a list of videos.")]
Layout = Annotated[LayoutName, typer.Option(help="How it is distributed.")]
Split = Annotated[SplitName, typer.Option(help="Which part.")]
Names = Annotated[
    Path | None, typer.Option(help="Class names, one a line, for lists that have numbers.")
]
Root = Annotated[Path | None, typer.Option(help="What the paths of such a list are from.")]
OppositesFile = Annotated[
    Path | None,
    typer.Option("--opposites", help="Pairs of opposite classes: lines `class,opposite[,kind]`."),
]
MirroredFile = Annotated[
    Path | None,
    typer.Option("--mirrored", help="Classes that a mirror exchanges: lines `class,partner`."),
]

Videos = Annotated[
    Path | None, typer.Option(help="The folder of the videos, where it is elsewhere.")
]
Pictures = Annotated[
    str | None,
    typer.Option(help="What frames in folders are called, e.g. 'img_{:05d}.jpg'."),
]
ColumnsName = Literal["auto", "path class", "path frames class", "path first last class"]
Columns = Annotated[ColumnsName, typer.Option(help="What a line of a list holds.")]
ClassesFrom = Annotated[
    int | None, typer.Option(min=0, max=1, help="The first class's number in a list.")
]


def open_source(
    source: Path,
    layout: LayoutName,
    split: SplitName,
    names: Path | None,
    root: Path | None,
    videos: Path | None = None,
    pictures: str | None = None,
    columns: ColumnsName = "auto",
    classes_from: int | None = None,
) -> "VideoSet":
    """The set that the options name."""
    from maagn.data.open import open_videos

    return open_videos(
        source,
        layout=layout,
        split=split,
        labels=names,
        root=root,
        videos=videos,
        pictures=pictures,
        columns=columns,
        classes_from=classes_from,
    )


@one_line()
def check(
    source: Source,
    layout: Layout = "auto",
    split: Split = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    model: Annotated[
        str | None, typer.Option(help="A network whose classes these must be.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Frames that a network needs.")] = 8,
    read: Annotated[bool, typer.Option("--read", help="Decode every video, too.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Videos looked at at a time.")] = 2,
    out: Annotated[Path | None, typer.Option(help="Write what was found as CSV.")] = None,
) -> None:
    """What of a set is missing, unreadable, too short or mislabelled? Nothing is changed.

    Ends with code 1 where anything is.
    """
    from maagn.checkpoint import load_card
    from maagn.cli.tables import print_findings
    from maagn.data.check import KINDS
    from maagn.data.check import check as look

    opened = open_source(
        source, layout, split, names, root, videos, pictures, columns, classes_from
    )
    labels = load_card(model).labels if model else None
    found = look(opened, frames=frames, read=read, labels=labels, workers=workers)
    counts: Counter[str] = Counter()
    for finding in found:
        counts[finding.kind] += finding.videos
    print_findings(opened, [(kind, counts[kind]) for kind in KINDS], found)
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "id", "reason"))
            writer.writerows((one.kind, one.id, one.reason) for one in found)
        typer.echo(f"Written to {out}")
    if any(counts[kind] for kind in KINDS if kind != "unlisted"):
        raise typer.Exit(1)


@one_line()
def register(
    source: Source,
    layout: Layout = "auto",
    split: Split = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    name: Annotated[str | None, typer.Option(help="What to call it in the app.")] = None,
    opposites: OppositesFile = None,
    mirrored: MirroredFile = None,
) -> None:
    """Keep the list of a set, so that the app's Data page can browse it."""
    from maagn.data.registry import register as keep
    from maagn.label_files import read_class_pairs

    opened = open_source(
        source, layout, split, names, root, videos, pictures, columns, classes_from
    )
    pairs = read_class_pairs(opened.labels, opposites=opposites, mirrored=mirrored)
    kept = keep(opened, name=name, pairs=pairs)
    typer.echo(f"{kept.name}: {kept.clips:,} clips of {len(kept.labels)} classes, {kept.layout}")
