"""Kinetics as it is distributed: lists of parts of videos, of which some are never to be had.

Kay et al., "The Kinetics Human Action Video Dataset" (2017). The lists' first line names the
columns `label,youtube_id,time_start,time_end,split` (the test list may lack the label; copies lack
the split, which the list's name then tells); a part is called `<youtube_id>_<start>_<end>.mp4`,
seconds in six digits, in one folder per class or in none.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from maagn.data.layouts.layout import Layout, Options
from maagn.data.layouts.names import distinct, name_of_file, numbers_of, read_text
from maagn.data.videos import Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.formats import ENDINGS

COLUMNS = ("youtube_id", "time_start", "time_end")
_SPLITS = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validate", "validation"),
    "test": ("test", "testing"),
}
_PLACES = ("", "annotations", "labels")


def lists_in(folder: Path) -> list[Path]:
    """The CSV files of a folder that are Kinetics' lists, by name."""
    found = (path for place in _PLACES for path in sorted((folder / place).glob("*.csv")))
    return [path for path in found if is_list(path)]


def open_kinetics(source: Path, split: str, *, videos: Path | None = None) -> VideoSet:
    """The parts that a list names, there or not.

    Args:
        source: one list, or the folder that holds the lists and the videos.
        split: of the set.
        videos: the folder that the videos lie in, at any depth, where it is elsewhere.

    Raises:
        DatasetError: no list of that split, or one that is damaged.
    """
    folder = source if source.is_dir() else source.parent
    if folder.name in _PLACES:
        folder = folder.parent
    lists = lists_in(source) if source.is_dir() else [source]
    named = [(path, row) for path in lists for row in _rows(path)]
    alone = len(lists) == 1 and not source.is_dir()
    rows = [row for path, row in named if _is_of(row, path, split, alone=alone)]
    if not rows:
        raise DatasetError(f"{source} lists no videos of the split {split}: give its CSV file.")
    known = {row["label"] for _, row in named if row.get("label")}
    labels = tuple(sorted(known))
    numbers = numbers_of(labels)
    root = videos or folder
    there = {path.stem: path for path in sorted(root.rglob("*")) if _is_video(path)}

    def video(row: dict[str, str]) -> Video:
        try:
            part = _part(row)
        except ValueError as error:
            raise DatasetError(
                f"{source} gives {row['youtube_id'][:40]!r} no times in seconds: download it again."
            ) from error
        name = name_of_file(part, source=source)
        label = numbers.get(row.get("label") or "")
        return Video(name, there.get(name, root / f"{name}.mp4"), label)

    listed = distinct(map(video, rows), source=source)
    return VideoSet(folder.name, "kinetics", root, split, labels, listed)


def parts_there(source: Path, videos: Path | None = None) -> list[Path]:
    """The videos that any of the lists names, of all splits; `source` as in `open_kinetics`."""
    lists = lists_in(source if source.is_dir() else source.parent)
    folder = source if source.is_dir() else source.parent
    root = videos or (folder.parent if folder.name in _PLACES else folder)
    parts = set()
    for path in lists:
        with suppress(DatasetError, ValueError):
            parts |= {_part(row) for row in _rows(path)}
    return [path for path in root.rglob("*") if path.stem in parts and _is_video(path)]


def _part(row: dict[str, str]) -> str:
    start, end = round(float(row["time_start"])), round(float(row["time_end"]))
    return f"{row['youtube_id']}_{start:06d}_{end:06d}"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows by their columns' names in small letters, without blanks around names and values."""
    lines = read_text(path).splitlines()
    for cells in csv.DictReader(lines, delimiter=_mark(lines[0]), skipinitialspace=True):
        row = {
            (name or "").strip().casefold(): cell.strip()
            for name, cell in cells.items()
            if isinstance(cell, str)
        }
        if any(column not in row for column in COLUMNS):
            raise DatasetError(
                f"{path} has a line without {', '.join(COLUMNS)}: download it again."
            )
        yield row


def _is_of(row: dict[str, str], path: Path, split: str, *, alone: bool) -> bool:
    """Whether a row is of a split: as it says, else as its list's name does.

    A list that was named by itself, and tells nothing of splits, is of the split asked for.
    """
    said = row.get("split", "").casefold()
    if not said:
        words = re.findall("[a-z]+", path.stem.casefold())
        told = [word for word in words if any(word in known for known in _SPLITS.values())]
        if not told:
            return alone
        said = told[-1]
    return said in _SPLITS[split]


def _mark(heading: str) -> str:
    return next((mark for mark in ";\t" if mark in heading and "," not in heading), ",")


def is_list(path: Path) -> bool:
    """Whether the first line of a file names the columns of Kinetics' lists."""
    try:
        first = read_text(path).partition("\n")[0]
        (names,) = csv.reader([first.strip()], delimiter=_mark(first), skipinitialspace=True)
    except (DatasetError, ValueError, csv.Error):
        return False
    return set(COLUMNS) <= {name.strip().casefold() for name in names}


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS


def _detects(source: Path) -> bool:
    return bool(lists_in(source)) if source.is_dir() else is_list(source)


def _open(source: Path, split: str, options: Options) -> VideoSet:
    return open_kinetics(source, split, videos=options.videos)


def _splits_told(source: Path) -> frozenset[str]:
    lists = lists_in(source) if source.is_dir() else [source]
    named = [(path, row) for path in lists for row in _rows(path)]
    return frozenset(
        split
        for split in _SPLITS
        if any(_is_of(row, path, split, alone=False) for path, row in named)
    )


def _listed(source: Path, options: Options) -> list[Path]:
    return parts_there(source, options.videos)


KINETICS = Layout("kinetics", _detects, _open, splits=_splits_told, listed=_listed)
