"""Kinetics as it is distributed: lists of parts of videos, of which some are never to be had.

Kay et al., "The Kinetics Human Action Video Dataset" (2017). The lists' first line names the
columns `label,youtube_id,time_start,time_end,split` (the test list may lack the label); a part is
called `<youtube_id>_<start>_<end>.mp4`, seconds in six digits, in a folder a class or in none.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from maagn.data.errors import DatasetError
from maagn.data.listing import distinct, name_of_file, numbers_of, read_text
from maagn.data.videos import Video, VideoSet
from maagn.video.formats import ENDINGS

COLUMNS = ("youtube_id", "time_start", "time_end")
_SPLITS = {"train": ("train",), "val": ("val", "validate", "validation"), "test": ("test",)}
_PLACES = ("", "annotations", "labels")


def lists_in(folder: Path) -> list[Path]:
    """The CSV files of a folder that are Kinetics' lists, by name."""
    found = (path for place in _PLACES for path in sorted((folder / place).glob("*.csv")))
    return [path for path in found if _is_list(path)]


def open_kinetics(source: Path, split: str) -> VideoSet:
    """The parts that a list names, there or not.

    Args:
        source: one list, or the folder that holds the lists and the videos.
        split: of the set.

    Raises:
        DatasetError: no list of that split, or one that is damaged.
    """
    folder = source if source.is_dir() else source.parent
    if folder.name in _PLACES:
        folder = folder.parent
    lists = lists_in(source) if source.is_dir() else [source]
    named = [row for path in lists for row in _rows(path)]
    rows = [row for row in named if row.get("split", "").strip() in _SPLITS[split]]
    if not rows:
        raise DatasetError(f"{source} lists no videos of the split {split}: give its CSV file.")
    known = {row["label"].strip() for row in named if row.get("label")}
    labels = tuple(sorted(known))
    numbers = numbers_of(labels)
    there = {path.stem: path for path in sorted(folder.rglob("*")) if _is_video(path)}

    def video(row: dict[str, str]) -> Video:
        try:
            start, end = round(float(row["time_start"])), round(float(row["time_end"]))
        except ValueError as error:
            raise DatasetError(
                f"{source} gives {row['youtube_id'][:40]!r} no times in seconds: download it again."
            ) from error
        name = name_of_file(f"{row['youtube_id'].strip()}_{start:06d}_{end:06d}", source=source)
        label = numbers.get((row.get("label") or "").strip())
        return Video(name, there.get(name, folder / f"{name}.mp4"), label)

    videos = distinct(map(video, rows), source=source)
    return VideoSet(folder.name, "kinetics", folder, split, labels, videos)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(read_text(path).splitlines()):
        if any(row.get(column) is None for column in COLUMNS):
            raise DatasetError(
                f"{path} has a line without {', '.join(COLUMNS)}: download it again."
            )
        yield row


def _is_list(path: Path) -> bool:
    try:
        first = read_text(path).partition("\n")[0]
    except DatasetError:
        return False
    return set(COLUMNS) <= {name.strip() for name in first.split(",")}


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS
