"""Something-Something V1 and V2 as they are distributed.

Goyal et al., "The Something Something Video Database for Learning and Evaluating Visual Common
Sense" (ICCV 2017). V1 is a folder of JPEG frames a video:

    20bn-something-something-v1/78687/00001.jpg
    something-something-v1-labels.csv        Holding something, a class a line
    something-something-v1-train.csv         100218;Something falling like a feather or paper
    something-something-v1-validation.csv    the same
    something-something-v1-test.csv          one number per line

The names of V2's files are in `maagn.data.layouts.names`.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import cast, get_args

from maagn.data.layouts.layout import Layout, Options
from maagn.data.layouts.names import (
    ANSWERS,
    CLASSES,
    FILES,
    LABELS,
    PREFIX,
    VIDEOS,
    Split,
    class_of,
    distinct,
    name_of_file,
    number_of,
    numbers_of,
    read_json,
    read_lines,
    read_rows,
)
from maagn.data.videos import Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.formats import ENDINGS
from maagn.video.frame_folder import split_ending

FRAMES = "20bn-something-something-v1"
V1_PREFIX = "something-something-v1-"
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
    labels = tuple(read_lines(lists / f"{V1_PREFIX}labels.csv"))
    numbers = numbers_of(labels)
    source = lists / f"{V1_PREFIX}{_LISTS[split]}.csv"
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
    return next((place for place in places if (place / f"{V1_PREFIX}labels.csv").is_file()), None)


_PLACES = (LABELS, "", "annotations")
_USUAL = (VIDEOS, "videos", f"{VIDEOS}-frames", "frames")
_ANNOTATIONS = re.compile(r"(.*[_ -])?(annot\w*|labels?|jsons?|lists?)", re.IGNORECASE)
_PROBED = 200  # ids that show where the videos are


def is_something_v2(folder: Path) -> bool:
    """Whether a folder holds the label files, under today's names or the older ones."""
    if (folder / LABELS / CLASSES).is_file() or _older(folder) is not None:
        return True
    classes = _file(folder, CLASSES)
    return classes.is_file() and any((classes.parent / name).is_file() for name in FILES.values())


def open_something_v2(folder: Path, split: Split, *, videos: Path | None = None) -> VideoSet:
    """The videos of a split; those of `test` have classes where `test-answers.csv` is there.

    Args:
        folder: holds the label files, in `labels/`, in `annotations/` or itself.
        split: of the set.
        videos: the folder of the videos where it is elsewhere.

    Raises:
        DatasetError: a label file is missing or damaged, or names an unknown class.
    """
    labels = _labels(_file(folder, CLASSES))
    answers = _file(folder, ANSWERS)
    answered = split == "test" and answers.exists()
    source = answers if answered else _file(folder, FILES[split])
    numbers = numbers_of(labels)
    rows = list(_answers(source) if answered else _entries(source))
    names = [name_of_file(name, source=source) for name, _ in rows]
    place = _videos(folder, names) if videos is None else videos
    paths = _paths(place, names)

    def video(name: str, template: str | None) -> Video:
        label = None
        if template is not None:
            label = number_of(class_of(template), numbers, source=source)
        return Video(name, paths[name], label)

    pairs = zip(names, (template for _, template in rows), strict=True)
    listed = distinct((video(name, template) for name, template in pairs), source=source)
    root = folder if videos is None else videos
    return VideoSet(folder.name, "something-v2", root, split, labels, listed)


def _file(folder: Path, name: str) -> Path:
    """A label file under its name or its older one; where it is not there, where it should be."""
    for place in (folder / usual for usual in _PLACES):
        for called in (name, f"{PREFIX}{name}"):
            if (place / called).is_file():
                return place / called
    older = _older(folder)
    return folder / LABELS / name if older is None else older / f"{PREFIX}{name}"


def _older(folder: Path) -> Path | None:
    """The folder of label files under their older names: the set's or one that lies in it."""
    below = sorted(path for path in folder.iterdir() if _ANNOTATIONS.fullmatch(path.name))
    for place in (folder, *(folder / usual for usual in _PLACES), *below):
        if any((place / f"{PREFIX}{name}").is_file() for name in (CLASSES, *FILES.values())):
            return place
    return None


def _videos(folder: Path, names: Iterable[str]) -> Path:
    """The folder of the videos: one of a usual name, or any that has one of the first of them."""
    for usual in _USUAL:
        if (folder / usual).is_dir():
            return folder / usual
    probed = [name for name, _ in zip(names, range(_PROBED), strict=False)]
    for place in (folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())):
        if any(
            (place / f"{name}{kind}").is_file() for name in probed for kind in (".webm", ".mp4")
        ):
            return place
    return folder / VIDEOS


def _paths(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Each id's file, WebM as distributed or of another kind, or else its folder of frames."""
    there: dict[str, str] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            stem, ending = split_ending(entry.name)
            webm = ending.lower() == ".webm"
            if webm or (ending.lower() in ENDINGS and there.get(stem, stem) == stem):
                there[stem] = entry.name
            else:
                there.setdefault(entry.name, entry.name)
    return {name: folder / there.get(name, f"{name}.webm") for name in names}


def _labels(path: Path) -> tuple[str, ...]:
    numbers = read_json(path)
    try:
        if sorted(int(i) for i in numbers.values()) == list(range(len(numbers))):
            return tuple(sorted(numbers, key=lambda name: int(numbers[name])))
    except (AttributeError, TypeError, ValueError):
        pass
    raise DatasetError(f"{path} does not number the classes from 0: download it again.")


def _entries(path: Path) -> Iterator[tuple[str, str | None]]:
    try:
        for row in read_json(path):
            template = row.get("template")
            yield str(row["id"]), None if template is None else str(template)
    except (AttributeError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not as it was distributed: download it again.") from error


def _answers(path: Path) -> Iterator[tuple[str, str | None]]:
    for row in read_rows(path, delimiter=";"):
        if len(row) < 2:
            raise DatasetError(f"{path} is not as it was distributed: download it again.")
        yield row[0], ";".join(row[1:])


def _detects_v1(source: Path) -> bool:
    """Whether a folder is V1 alone: one that holds both is taken for V2."""
    return source.is_dir() and is_something_v1(source) and not is_something_v2(source)


def _detects_v2(source: Path) -> bool:
    return source.is_dir() and is_something_v2(source)


def _open_v1(source: Path, split: str, options: Options) -> VideoSet:
    return open_something_v1(source, split, videos=options.videos)


def _open_v2(source: Path, split: str, options: Options) -> VideoSet:
    return open_something_v2(source, cast(Split, split), videos=options.videos)


def _splits_v1(source: Path) -> frozenset[str]:
    place = _place(source) or source
    return frozenset(
        split for split, name in _LISTS.items() if (place / f"{V1_PREFIX}{name}.csv").is_file()
    )


def _splits_v2(source: Path) -> frozenset[str]:
    return frozenset(split for split, name in FILES.items() if _file(source, name).is_file())


def _listed(
    opened: Callable[[Path, str, Options], VideoSet], source: Path, options: Options
) -> set[Path]:
    paths: set[Path] = set()
    for split in get_args(Split):
        with suppress(DatasetError):  # a split whose list is not there names nothing
            paths.update(video.path for video in opened(source, split, options).videos)
    return paths


SOMETHING_V1 = Layout(
    "something-v1", _detects_v1, _open_v1, splits=_splits_v1, listed=partial(_listed, _open_v1)
)
SOMETHING_V2 = Layout(
    "something-v2", _detects_v2, _open_v2, splits=_splits_v2, listed=partial(_listed, _open_v2)
)
