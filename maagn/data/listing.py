"""The text files of data sets: read whole, with a named error where they cannot be."""

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from maagn.data.errors import DatasetError
from maagn.data.videos import Video

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
    for one in videos:
        if one.id in found:
            raise DatasetError(f"{source} lists {one.id} twice: keep one of the two lines.")
        found[one.id] = one
    return tuple(found.values())
