"""Names of the files in which data sets come, and of the classes in them.

Something-Something V2 as Qualcomm releases it:

    labels/labels.json         {"Approaching something with your camera": "0", ...}
    labels/train.json          [{"id": "78687", "label": "holding potato next to vicks",
                                 "template": "Holding [something] next to [something]",
                                 "placeholders": ["potato", "vicks"]}, ...]
    labels/validation.json     the same
    labels/test.json           [{"id": "1420"}, ...]
    labels/test-answers.csv    1420;Holding something next to something
    20bn-something-something-v2/78687.webm

Copies from before that release have `something-something-v2-labels.json` and so on, beside the
videos or in `annotations/`; many keep the videos as MP4, or on another disk.
"""

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from maagn.data.videos import Video
from maagn.errors import DatasetError

Split = Literal["train", "val", "test"]
VIDEOS = "20bn-something-something-v2"
PREFIX = "something-something-v2-"
LABELS = "labels"
CLASSES = "labels.json"
ANSWERS = "test-answers.csv"
FILES: dict[Split, str] = {"train": "train.json", "val": "validation.json", "test": "test.json"}


def class_of(template: str) -> str:
    """The class that a template stands for: itself without brackets."""
    return template.replace("[", "").replace("]", "")


_ID = re.compile(r"[\w-][\w.-]*")


def read_text(path: Path) -> str:
    """A file's text, with or without a byte order mark, its lines ended in any way.

    Raises:
        DatasetError: it is not there, or is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{path} cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path} is no UTF-8 text: download it again.") from error


def read_json(path: Path) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a JSON file holds.

    Raises:
        DatasetError: it is not there, or is damaged.
    """
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path} is damaged: download it again.") from error


def read_rows(path: Path, *, delimiter: str = ",") -> list[list[str]]:
    """The rows of a CSV file; empty ones are left out.

    Raises:
        DatasetError: it is not there, or is damaged.
    """
    try:
        rows = list(csv.reader(read_text(path).splitlines(), delimiter=delimiter))
    except csv.Error as error:
        raise DatasetError(f"{path} is damaged: download it again.") from error
    return [row for row in rows if any(cell.strip() for cell in row)]


def read_lines(path: Path) -> list[str]:
    """The lines of a file without blanks around them; empty ones are left out.

    Raises:
        DatasetError: it is not there.
    """
    return [line.strip() for line in read_text(path).splitlines() if line.strip()]


def name_of_file(text: str, *, source: Path) -> str:
    """An identity that becomes part of a path.

    Raises:
        DatasetError: it would lead elsewhere.
    """
    if not _ID.fullmatch(text):
        raise DatasetError(f"{source} names a video {text[:40]!r}, which no file can be called.")
    return text


def numbers_of(labels: Iterable[str]) -> dict[str, int]:
    """The number of each class name."""
    return {label: number for number, label in enumerate(labels)}


def number_of(label: str, numbers: dict[str, int], *, source: Path) -> int:
    """A class's number.

    Raises:
        DatasetError: there is no such class.
    """
    if label not in numbers:
        raise DatasetError(
            f"{source} names the class {label[:80]!r}, which is not among the {len(numbers)} "
            "classes of the set: both files must be of one release."
        )
    return numbers[label]


def distinct(videos: Iterable[Video], *, source: Path) -> tuple[Video, ...]:
    """The videos, none listed twice.

    Raises:
        DatasetError: one is.
    """
    found: dict[str, Video] = {}
    for video in videos:
        if video.id in found:
            raise DatasetError(f"{source} lists {video.id} twice: keep one of the two lines.")
        found[video.id] = video
    return tuple(found.values())


_USUAL = (
    "labels.txt",
    "classes.txt",
    "category.txt",
    "label_map.txt",
    "classInd.txt",
    "labels.json",
    "labels.csv",
    "categories.txt",
    "class_names.txt",
)
_CALLED = re.compile(r".*(label_?map|class_?ind|class_?names|categor(y|ies))[^/]*\.txt", re.I)
_NUMBERED = re.compile(r"(\d+)[\s,;:\t]+(\S.*)")


@dataclass(frozen=True)
class ClassNames:
    """Class names in the order of their numbers.

    Attributes:
        names: of all classes.
        file: that they come from.
        first: the number that the file gives the first one; None where it gives none.
    """

    names: tuple[str, ...]
    file: Path
    first: int | None = None


def class_names(source: Path, labels: Path | None) -> ClassNames:
    """The names for a list: of a given file, or of one with a usual name beside the list.

    Args:
        source: the list.
        labels: one name per line, with or without its number; JSON as Something-Something V2's
            `labels.json`, or a list of names. None looks beside the list.

    Raises:
        DatasetError: there is none, or it is damaged, or a number is missing or there twice.
    """
    path = labels or usual_names(source.parent)
    if path is None:
        raise DatasetError(f"{source} has numbers for classes: give their names with --names FILE.")
    return _of_json(path) if path.suffix.lower() == ".json" else _of_lines(path)


def usual_names(folder: Path) -> Path | None:
    """The file of class names in a folder, or in the one that it lies in beside the videos."""
    for place in (folder, *(folder / name for name in ("annotations", "labels"))):
        for name in _USUAL:
            if (place / name).is_file():
                return place / name
    others = [path for path in sorted(folder.glob("*.txt")) if _CALLED.fullmatch(path.name)]
    return others[0] if len(others) == 1 else None


def is_names_file(path: Path) -> bool:
    """Whether a file is called as lists of class names are."""
    return path.name in _USUAL or bool(_CALLED.fullmatch(path.name))


def _of_lines(path: Path) -> ClassNames:
    """One name per line, with its number before it or not."""
    lines = read_lines(path)
    if path.suffix.lower() == ".csv" and lines and not lines[0][0].isdecimal():
        cells = next(csv.reader([lines[0]]))
        if len(cells) == 2 and cells[0].strip().casefold() in ("id", "number", "index", "label"):
            lines = lines[1:]
    matches = [match for line in lines if (match := _NUMBERED.fullmatch(line))]
    numbers = [int(match[1]) for match in matches]
    for first in (0, 1):
        if numbers and sorted(numbers) == list(range(first, len(lines) + first)):
            by_number = sorted(matches, key=lambda match: int(match[1]))
            return ClassNames(
                tuple(match[2].strip().strip('"') for match in by_number), path, first
            )
    if not lines:
        raise DatasetError(f"{path} names no classes: give a file with one name per line.")
    return ClassNames(tuple(lines), path)


def _of_json(path: Path) -> ClassNames:
    said = read_json(path)
    if isinstance(said, list) and said and all(isinstance(name, str) for name in said):
        return ClassNames(tuple(said), path)
    try:
        numbers = {str(name): int(number) for name, number in said.items()}
        ordered = sorted(numbers, key=lambda name: numbers[name])
        first = numbers[ordered[0]]
        if first in (0, 1) and [numbers[name] for name in ordered] == list(
            range(first, first + len(ordered))
        ):
            return ClassNames(tuple(ordered), path, first)
    except (AttributeError, IndexError, TypeError, ValueError):
        pass
    raise DatasetError(f"{path} does not number class names from 0: give one name per line.")
