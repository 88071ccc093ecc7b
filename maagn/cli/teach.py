"""`maagn teach`: networks that know classes of one's own, with an honest figure."""

import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from maagn.cli.data import (
    ClassesFrom,
    Columns,
    Layout,
    Names,
    OppositesFile,
    Pictures,
    Root,
    SplitOption,
    Videos,
    open_source,
)
from maagn.cli.explain import load
from maagn.cli.failure import one_line, refuse_file
from maagn.cli.options import Device

if TYPE_CHECKING:
    from maagn.data.videos import VideoSet
    from maagn.labels import ClassPairs
    from maagn.teach.report import TeachingReport

_BY_NAME = "names"
TuneName = Literal["head", "last", "all"]


@one_line()
def teach(
    source: Annotated[
        Path, typer.Argument(help="One folder per class, or any layout that `maagn data` reads.")
    ],
    name: Annotated[str, typer.Option(help="Of the collection; networks are called after it.")],
    start: Annotated[
        list[str] | None,
        typer.Option(help="Network to teach; repeatable. Default: the demonstration networks."),
    ] = None,
    opposites: OppositesFile = None,
    reversal: Annotated[
        bool,
        typer.Option(help="Show clips of a class with an opposite backwards, as the opposite."),
    ] = True,
    groups: Annotated[
        str | None,
        typer.Option(
            help="What is left out together: `names` (anna-1.mp4, anna-2.mp4) or a CSV file with "
            "the columns `file` and those of --by. Default: one clip at a time."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Columns of --groups, with commas between.")] = "group",
    tune: Annotated[
        TuneName,
        typer.Option(
            help="Weights to teach: `head`, `last` (the last stage and all behind it) or `all`. "
            "Minutes a network; kept only where inner folds gain by it."
        ),
    ] = "head",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the networks. Default: checkpoints/NAME.")
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(
            help="Folder that keeps features of clips, of any collections. Default: "
            "runs/teach/features."
        ),
    ] = None,
    device: Device = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    layout: Layout = "auto",
    split: SplitOption = "train",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
) -> None:
    """Teach networks the classes of SOURCE's clips, and measure them on clips left out in turn."""
    from maagn.checkpoint import FOLDER
    from maagn.folders import RUNS
    from maagn.label_files import read_class_pairs
    from maagn.teach.examples import check_name, examples_of
    from maagn.teach.report import TAUGHT
    from maagn.teach.teach import teach as teach_networks

    check_name(name)
    folder = out or FOLDER / name
    refuse_file(folder)
    found = open_source(source, layout, split, names, root, videos, pictures, columns, classes_from)
    pairs: ClassPairs | None = None
    if opposites is not None:
        pairs = read_class_pairs(found.labels, opposites=opposites)
    examples = examples_of(
        found, name=name, pairs=pairs, reverse=reversal, groups=_groups(found, groups, by)
    )
    for one, other in examples.pairs_of_labels:
        typer.echo(
            f"Played backwards, {found.labels[one]} shows {found.labels[other]}, and the other way "
            "round (--no-reversal if not).",
            err=True,
        )
    options = {
        "--opposites": opposites,
        "--no-reversal": not reversal,
        "--groups": groups,
        "--by": None if by == "group" else by,
        "--tune": None if tune == "head" else tune,
        "--layout": None if layout == "auto" else layout,
        "--split": None if split == "train" else split,
        "--names": names,
        "--root": root,
        "--videos": videos,
        "--pictures": pictures,
        "--columns": None if columns == "auto" else columns,
        "--classes-from": classes_from,
        "--start": start,
    }
    made = teach_networks(
        examples,
        load(start, device),
        folder,
        features=features or RUNS / "teach" / "features",
        folder=found.folder,
        tune=tune,
        command=_command(source, name, options),
        report=_Teller(),
    )
    _print(made, as_json=as_json)
    typer.echo(f"Written to {folder / TAUGHT}", err=as_json)


def _command(source: Path, name: str, options: Mapping[str, object]) -> str:
    """The command that teaches the same again.

    Args:
        source: the clips.
        name: of the collection.
        options: beside it, where they differ from what holds without them; a list is given item by
            item, True stands for the option alone.
    """
    words = ["maagn", "teach", str(source), "--name", name]
    for option, value in options.items():
        if value is True:
            words.append(option)
        elif value not in (None, False):
            for each in value if isinstance(value, list) else [value]:
                words += [option, str(each)]
    return shlex.join(words)


def _groups(found: "VideoSet", groups: str | None, by: str) -> dict[str, str] | None:
    from maagn.teach.examples import groups_of_names, read_groups

    ids = [video.id for video in found.videos]
    if groups is None:
        return None
    if groups == _BY_NAME:
        return groups_of_names(ids)
    return read_groups(Path(groups), ids, columns=re.split(r"\s*,\s*", by))


class _Teller:
    """Says on stderr how far a teaching is: in place on a terminal, elsewhere every tenth part."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, part: float, doing: str) -> None:
        """Say it, unless it was said."""
        if sys.stderr.isatty():
            typer.echo(f"\r\x1b[K{part:4.0%} {doing}" + "\n" * (part == 1), err=True, nl=False)
        elif int(10 * part) > self._said:
            self._said = int(10 * part)
            typer.echo(f"{part:4.0%} {doing}", err=True)


def _print(made: "TeachingReport", *, as_json: bool) -> None:
    if as_json:
        import json
        from dataclasses import asdict

        typer.echo(json.dumps(asdict(made), indent=1, ensure_ascii=False))
        return
    from maagn.cli.tables import print_teaching

    print_teaching(made)
