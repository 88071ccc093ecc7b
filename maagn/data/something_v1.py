"""Something-Something V1 as it is distributed: a folder of JPEG frames a video.

Goyal et al., ICCV 2017:

    20bn-something-something-v1/78687/00001.jpg
    something-something-v1-labels.csv        Holding something, a class a line
    something-something-v1-train.csv         100218;Something falling like a feather or paper
    something-something-v1-validation.csv    the same
    something-something-v1-test.csv          a number a line
"""

from pathlib import Path

from maagn.data.listing import (
    distinct,
    name_of_file,
    number_of,
    numbers_of,
    read_lines,
    read_rows,
)
from maagn.data.videos import Video, VideoSet

FRAMES = "20bn-something-something-v1"
PREFIX = "something-something-v1-"
_LISTS = {"train": "train", "val": "validation", "test": "test"}


def is_something_v1(folder: Path) -> bool:
    """Whether a folder holds the class names and the lists, itself or in `annotations/`."""
    return _place(folder) is not None


def open_something_v1(folder: Path, split: str, *, videos: Path | None = None) -> VideoSet:
    """The videos of a split.

    Args:
        folder: holds the lists.
        split: of the set.
        videos: the folder of the videos' folders where it is elsewhere.

    Raises:
        DatasetError: a list is missing or damaged, or names an unknown class.
    """
    lists = _place(folder) or folder
    labels = tuple(read_lines(lists / f"{PREFIX}labels.csv"))
    numbers = numbers_of(labels)
    source = lists / f"{PREFIX}{_LISTS[split]}.csv"
    frames = videos or folder / FRAMES

    def video(row: list[str]) -> Video:
        name = name_of_file(row[0].strip(), source=source)
        label = None
        if len(row) > 1:
            label = number_of(";".join(row[1:]).strip(), numbers, source=source)
        return Video(name, frames / name, label)

    listed = distinct(map(video, read_rows(source, delimiter=";")), source=source)
    return VideoSet(folder.name, "something-v1", videos or folder, split, labels, listed)


def _place(folder: Path) -> Path | None:
    places = (folder / name for name in ("", "annotations", "labels"))
    return next((one for one in places if (one / f"{PREFIX}labels.csv").is_file()), None)
