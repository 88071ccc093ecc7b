"""Lists of videos as TSN, TSM, TPN and mmaction2 read them: `path [frames] class` a line.

A path is a folder of frames or a video, from the list's own folder or another that is given, and
may hold spaces. Lists that give the first frame and the last (`path first last class`) are read
too.
"""

import os
from pathlib import Path

from maagn.data.errors import DatasetError
from maagn.data.listing import distinct, read_lines
from maagn.data.videos import Video, VideoSet

_NAMES = ("labels.txt", "classes.txt", "category.txt", "label_map.txt", "classInd.txt")


def open_frame_list(
    source: Path, split: str, *, labels: Path | None = None, root: Path | None = None
) -> VideoSet:
    """The videos of a list.

    Args:
        source: the list.
        split: what to call it.
        labels: a class name a line, in the order of the numbers; None looks for one of the usual
            names beside the list.
        root: what paths in the list are from; None is the list's own folder.

    Raises:
        DatasetError: a line that is none, a class without a name, or no class names at all.
    """
    names = _labels(labels or _beside(source))
    root = (root or source.parent).absolute()
    videos = []
    for number, line in enumerate(read_lines(source), start=1):
        path, frames, label = _parts(line, f"line {number} of {source}")
        if label >= len(names):
            raise DatasetError(
                f"Line {number} of {source} has class {label}, but there are names for "
                f"{len(names)}: give the list of class names that goes with it."
            )
        videos.append(Video(path, Path(os.path.normpath(root / path)), label, frames))
    if not videos:
        raise DatasetError(f"{source} is empty: give a list with a video a line.")
    folder = Path(os.path.commonpath([root, *(one.path for one in videos)]))
    rows = distinct(videos, source=source)
    return VideoSet(source.stem, "frame-list", folder, split, names, rows)


def _parts(line: str, where: str) -> tuple[str, int | None, int]:
    fields = line.split()
    numbers = 0
    while numbers < 3 and numbers < len(fields) - 1 and fields[-1 - numbers].isdecimal():
        numbers += 1
    if not numbers:
        raise DatasetError(f"{where} is not `path frames class`: {line[:80]!r}.")
    path = line.rsplit(None, numbers)[0]
    values = [int(field) for field in fields[-numbers:]]
    match values:
        case [label]:
            return path, None, label
        case [frames, label]:
            return path, frames, label
        case _:
            first, last, label = values
            return path, last - first + 1, label


def _beside(source: Path) -> Path:
    for name in _NAMES:
        if (source.parent / name).is_file():
            return source.parent / name
    raise DatasetError(f"{source} has numbers for classes: give their names with --names FILE.")


def _labels(path: Path) -> tuple[str, ...]:
    """A name a line, with its number before it or not."""
    lines = read_lines(path)
    numbered = [line.partition(" ") for line in lines]
    firsts = [first for first, _, rest in numbered if first.isdecimal() and rest]
    if len(firsts) == len(lines) and [int(one) for one in firsts] in (
        list(range(len(lines))),
        list(range(1, len(lines) + 1)),
    ):
        return tuple(rest.strip() for _, _, rest in numbered)
    return tuple(lines)
