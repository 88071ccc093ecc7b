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


def open_something_v1(folder: Path, split: str) -> VideoSet:
    """The videos of a split.

    Raises:
        DatasetError: a list is missing or damaged, or names an unknown class.
    """
    labels = tuple(read_lines(folder / f"{PREFIX}labels.csv"))
    numbers = numbers_of(labels)
    source = folder / f"{PREFIX}{_LISTS[split]}.csv"

    def video(row: list[str]) -> Video:
        name = name_of_file(row[0].strip(), source=source)
        label = None
        if len(row) > 1:
            label = number_of(";".join(row[1:]).strip(), numbers, source=source)
        return Video(name, folder / FRAMES / name, label)

    videos = distinct(map(video, read_rows(source, delimiter=";")), source=source)
    return VideoSet(folder.name, "something-v1", folder, split, labels, videos)
