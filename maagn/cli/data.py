"""`maagn data`: the rendered benchmark as files, sets of videos, pairs of classes."""

import csv
import errno
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from maagn.cli.failure import one_line
from maagn.data.open import LAYOUTS

if TYPE_CHECKING:
    from maagn.data.videos import VideoSet
    from maagn.labels import ClassRelations
    from maagn.opposites.split import Split

SPLITS = ("train", "val", "test")

data = typer.Typer(help="Check, register and export sets of videos.", no_args_is_help=True)


@data.command()
@one_line()
def opposites(
    out: Annotated[Path, typer.Option(help="Output folder; created if missing.")],
    split: Annotated[list[str], typer.Option(help="train, val or test; repeatable.")],
    per_class: Annotated[int, typer.Option(min=1, help="Clips per class.")] = 20,
    size: Annotated[
        int, typer.Option(min=16, max=1024, help="Side in pixels; an even number.")
    ] = 240,
) -> None:
    """Write a split of the benchmark in the layout of Something-Something V2."""
    unknown = [name for name in split if name not in SPLITS]
    if unknown:
        raise typer.BadParameter(f"there is no split {unknown[0]}", param_hint="--split")
    if size % 2:
        raise typer.BadParameter("is an even number", param_hint="--size")
    from maagn.cli.failure import appearing_in, refuse_file
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
    out: Annotated[Path, typer.Option(help="Output picture, PNG or JPEG.")],
) -> None:
    """Write one picture of all classes, one row per pair."""
    from maagn.opposites.sheet import write_sheet

    write_sheet(out)
    typer.echo(f"Written to {out}")


@data.command()
@one_line()
def speed(
    clips: Annotated[int, typer.Option(min=1, help="Number of clips to draw.")] = 340,
) -> None:
    """Measure how many training clips one core renders per second."""
    from time import process_time

    import cv2

    from maagn.opposites.dataset import FRAMES, RENDERED, OppositesDataset

    cv2.setNumThreads(1)
    drawn = OppositesDataset("train", length=clips, train=True)
    start = process_time()
    for index in range(clips):
        drawn.whole(index)
    rate = clips / (process_time() - start)
    typer.echo(f"{rate:.0f} clips per second and core ({FRAMES} frames of {RENDERED} pixels)")


@data.command()
@one_line()
def leak(
    split: Annotated[Literal["val", "test"], typer.Option(help="Split to test on.")] = "test",
    train_scenes: Annotated[int, typer.Option(min=2, help="Training scenes per pair.")] = 60,
    test_scenes: Annotated[int, typer.Option(min=1, help="Test scenes per pair.")] = 30,
) -> None:
    """Check with linear classifiers that only frame order tells opposites apart."""
    from maagn.cli.tables import print_leaks
    from maagn.evaluate.leak import leaks

    for title, looped in (("Loops, entered anywhere", True), ("From the beginning", False)):
        found = leaks(
            train_scenes=train_scenes, test_scenes=test_scenes, split=split, looped=looped
        )
        print_leaks(title, found)


def _known_layout(name: str) -> str:
    if name not in ("auto", *LAYOUTS):
        raise typer.BadParameter(f"{name!r} is none of {', '.join(('auto', *LAYOUTS))}")
    return name


SplitName = Literal["train", "val", "test"]
Source = Annotated[Path, typer.Argument(help="A folder or a list of videos.")]
Layout = Annotated[
    str,
    typer.Option(
        callback=_known_layout,
        help=f"Layout of the data set: {', '.join(('auto', *LAYOUTS))}.",
    ),
]
SplitOption = Annotated[SplitName, typer.Option(help="Split of the data set.")]
Names = Annotated[
    Path | None, typer.Option(help="Class names, one per line, for lists with class numbers.")
]
Root = Annotated[
    Path | None, typer.Option(help="Folder that the paths in the list are relative to.")
]
OppositesFile = Annotated[
    Path | None,
    typer.Option("--opposites", help="CSV of opposite classes: `class,opposite[,kind]`."),
]
MirroredFile = Annotated[
    Path | None,
    typer.Option("--mirrored", help="CSV of classes that a mirror swaps: `class,partner`."),
]

Videos = Annotated[Path | None, typer.Option(help="Folder of the videos, if it is elsewhere.")]
Pictures = Annotated[
    str | None,
    typer.Option(help="File name pattern of frames, e.g. 'img_{:05d}.jpg'."),
]
ColumnsName = Literal["auto", "path class", "path frames class", "path first last class"]
Columns = Annotated[ColumnsName, typer.Option(help="Fields in each line of the list.")]
ClassesFrom = Annotated[
    int | None, typer.Option(min=0, max=1, help="Number of the first class in the list.")
]


def open_source(
    source: Path,
    layout: str,
    split: SplitName,
    names: Path | None,
    root: Path | None,
    videos: Path | None = None,
    pictures: str | None = None,
    columns: ColumnsName = "auto",
    classes_from: int | None = None,
) -> "VideoSet":
    """Open the set of videos that the options describe."""
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
    split: SplitOption = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    model: Annotated[
        str | None, typer.Option(help="Check the classes against those of this network.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Frames that the network needs.")] = 8,
    read: Annotated[bool, typer.Option("--read", help="Also decode every video.")] = False,
    readers: Annotated[
        bool, typer.Option("--readers", help="Decode every file by PyAV and decord, and compare.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Videos checked in parallel.")] = 2,
    out: Annotated[Path | None, typer.Option(help="Write the findings to this CSV file.")] = None,
) -> None:
    """List videos that are missing, unreadable, too short or mislabelled; changes nothing.

    Exits with code 1 if there are any.
    """
    from maagn.checkpoint import load_card
    from maagn.cli.tables import print_findings
    from maagn.data.check import KINDS
    from maagn.data.check import check as look

    opened = open_source(
        source, layout, split, names, root, videos, pictures, columns, classes_from
    )
    labels = load_card(model).labels if model else None
    found = look(opened, frames=frames, read=read, readers=readers, labels=labels, workers=workers)
    counts: Counter[str] = Counter()
    for finding in found:
        counts[finding.kind] += finding.videos
    looked_for = [kind for kind in KINDS if readers or kind != "readers differ"]
    print_findings(opened, [(kind, counts[kind]) for kind in looked_for], found)
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "id", "reason"))
            writer.writerows((finding.kind, finding.id, finding.reason) for finding in found)
        typer.echo(f"Written to {out}")
    if any(counts[kind] for kind in KINDS if kind != "unlisted"):
        raise typer.Exit(1)


@one_line()
def register(
    source: Source,
    layout: Layout = "auto",
    split: SplitOption = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    name: Annotated[str | None, typer.Option(help="Name to show in the app.")] = None,
    opposites: OppositesFile = None,
    mirrored: MirroredFile = None,
    slices: Annotated[
        Path | None,
        typer.Option(help="CSV of what else is known of the clips: `id`, and columns to slice by."),
    ] = None,
) -> None:
    """Register a set of videos, so that the Data page of the app can browse it."""
    from maagn.data.columns import read_columns
    from maagn.data.registry import names_of
    from maagn.data.registry import register as keep
    from maagn.label_files import read_class_pairs

    opened = open_source(
        source, layout, split, names, root, videos, pictures, columns, classes_from
    )
    pairs = read_class_pairs(opened.labels, opposites=opposites, mirrored=mirrored)
    kept = keep(opened, name=name, pairs=pairs, columns=slices)
    typer.echo(f"{kept.name}: {kept.clips:,} clips of {len(kept.labels)} classes, {kept.layout}")
    if slices is not None:
        given = read_columns(slices, names_of(opened))
        typer.echo(
            f"{slices.name}: {len(given.table.columns)} columns of "
            f"{len(opened) - given.without:,} clips; {given.without:,} clips are not in it, and "
            f"{given.unknown:,} of its lines are about no clip of the set."
        )


@one_line()
def pairs(
    source: Annotated[Path | None, typer.Argument(help="A folder or a list of videos.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Take the classes of this network instead of a set's.")
    ] = None,
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="Print the pairs that a mirror swaps instead.")
    ] = False,
    layout: Layout = "auto",
    split: SplitOption = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
) -> None:
    """Print the pairs of opposite classes, known and proposed, as a file for --opposites.

    Edit it before use: every pair in the file counts as known.
    """
    from maagn.checkpoint import load_card
    from maagn.label_files import mirrored_csv, opposites_csv
    from maagn.labels import ClassRelations

    if (source is None) == (model is None):
        raise typer.BadParameter("give a folder or list, or --model", param_hint="SOURCE")
    if model is not None:
        relations = load_card(model).relations
    else:
        assert source is not None  # one of the two is given
        opened = open_source(
            source, layout, split, names, root, videos, None, columns, classes_from
        )
        relations = ClassRelations.of(opened.labels)
    if mirrored:
        typer.echo(mirrored_csv(_sides(relations)), nl=False)
        unmirrored = ", ".join(map(repr, relations.unmirrored))
        if unmirrored:
            typer.echo(
                f"No partner is known of {unmirrored}: add a line `class,partner` for each; a "
                "class that looks the same in a mirror is its own partner.",
                err=True,
            )
        return
    typer.echo(opposites_csv(relations.opposites), nl=False)
    proposed = sum(pair.proposed for pair in relations.opposites)
    typer.echo(
        f"{len(relations.opposites)} pairs of {len(relations.labels)} classes"
        + (f", {proposed} proposed from their names: remove those that are wrong" * bool(proposed))
        + ".",
        err=True,
    )


def _sides(relations: "ClassRelations") -> list[tuple[str, str]]:
    """Each pair once, in the order of the labels; what looks the same in a mirror left out."""
    place = {label: i for i, label in enumerate(relations.labels)}
    return [
        (label, mirror)
        for label, mirror in zip(relations.labels, relations.mirrors, strict=True)
        if mirror is not None and place[label] < place[mirror]
    ]
