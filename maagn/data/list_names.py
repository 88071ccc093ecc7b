"""The names of the classes that a list numbers, from the file that lies beside it."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from maagn.data.errors import DatasetError
from maagn.data.listing import read_json, read_lines

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
        labels: a name a line, with its number before it or not; JSON as Something-Something V2's
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
    """A name a line, with its number before it or not."""
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
        raise DatasetError(f"{path} names no classes: give a file with a name a line.")
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
    raise DatasetError(f"{path} does not number class names from 0: give a name a line.")
