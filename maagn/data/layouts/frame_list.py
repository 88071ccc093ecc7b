"""Lists of videos as TSN, TSM, TPN and mmaction2 read them: `path [frames] class` a line.

A path is a folder of frames or a video, from the list's own folder or another that is given, and
may hold spaces. Lists that give the first frame and the last (`path first last class`) are read
too, and CSV files of the same columns. Lists that give a video several classes are refused: their
lines look like those of counts.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maagn.data.layouts.names import (
    ClassNames,
    class_names,
    distinct,
    numbers_of,
    read_lines,
    usual_names,
)
from maagn.data.mapping import plain
from maagn.data.videos import Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.formats import ENDINGS

Columns = Literal["auto", "path class", "path frames class", "path first last class"]
_NUMBERS: dict[Columns, int] = {
    "path class": 1,
    "path frames class": 2,
    "path first last class": 3,
}
_COUNTED = 10  # lines of video files that show what two numbers are
_SEVERAL = re.compile(r"\d+(?:[,;|]\d+)+")
_HEADING = re.compile(
    r"(video|class|label|target|category|action)?[ _-]?"
    r"(labels?|class(es)?|id|idx|index|target|category|action|number|name)?"
)
_MULTI_LABEL = "lists with several classes a video (multi-label) are not read"


def open_frame_list(
    source: Path,
    split: str,
    *,
    labels: Path | None = None,
    root: Path | None = None,
    columns: Columns = "auto",
    classes_from: int | None = None,
) -> VideoSet:
    """The videos of a list.

    Args:
        source: the list.
        split: what to call it.
        labels: class names in the order of the numbers; None looks for one of the usual names
            beside the list.
        root: what paths in the list are from; None is the list's own folder.
        columns: what stands in a line; `auto` sees for itself, and looks what is there where a
            path that ends in a number could be read in two ways.
        classes_from: the first class's number, 0 or 1; None is 0 unless the list speaks against it.

    Raises:
        DatasetError: a line that is none, or could be one of several classes; a class without a
            name, numbers that seem to begin at 1, or no class names at all.
    """
    root = Path(os.path.normpath((root or source.parent).absolute()))
    lines = _lines(source)
    if not lines:
        raise DatasetError(f"{source} is empty: give a list with a video a line.")
    if all(not line.numbers and line.label for line in lines):
        names = _names_of_words(lines, source, labels)
        rows = _by_name(lines, names, source)
    else:
        names = class_names(source, labels)
        if not any(line.numbers for line in lines):
            rows = _by_folder(lines, names, source)
        else:
            rows = _read_numbers(lines, names, source, _Disk(root), columns)
            first = _first_number(rows, names, source) if classes_from is None else classes_from
            rows = [row.shifted(first, len(names.names), source) for row in rows]
    place = str(root)
    videos = [
        Video(row.path, Path(_joined(place, row.path)), row.label, row.frames) for row in rows
    ]
    folder = _common([root, *(video.path for video in videos)])
    return VideoSet(
        source.stem, "frame-list", folder, split, names.names, distinct(videos, source=source)
    )


def named_paths(source: Path, root: Path) -> set[Path]:
    """All that the lines of a list may name, however their ends are read.

    Raises:
        DatasetError: it cannot be opened.
    """
    place = os.path.normpath(root)
    return {
        Path(_joined(place, line.path(numbers)))
        for line in _lines(source)
        for numbers in range(bool(line.label), min(3, len(line.numbers)) + 1 + bool(line.label))
    }


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a list: what stands before its last numbers, and those.

    `fields` are the pieces from which a path with some of the numbers is put together again.
    """

    number: int
    text: str
    fields: tuple[str, ...]
    between: str
    numbers: tuple[str, ...]
    label: str = ""

    def path(self, numbers: int) -> str:
        """The path where the last so many fields are numbers of the line, not part of it."""
        if self.between == " ":
            return self.text.rsplit(None, numbers)[0]
        return self.between.join(self.fields[: len(self.fields) - numbers]).strip()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    path: str
    frames: int | None
    label: int

    def shifted(self, first: int, count: int, source: Path) -> "_Row":
        number = self.label - first
        if not 0 <= number < count:
            raise DatasetError(
                f"Line {self.line} of {source} has class {self.label}, but there are names for "
                f"{count}{' from 1' * first}: give the list of class names that goes with it."
            )
        return _Row(self.line, self.path, self.frames, number) if first else self


class _Disk:
    """What is there, asked of each folder once: 220,000 lines need not ask the disk one by one."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._folders: dict[str, frozenset[str]] = {}

    def has(self, path: str) -> bool:
        folder, slash, name = path.rpartition("/")
        if name in ("", ".", ".."):
            return Path(_joined(self._root, path)).exists()
        there = self._folders.get(folder + slash)
        if there is None:
            try:
                with os.scandir(_joined(self._root, folder + slash or ".")) as entries:
                    there = frozenset(entry.name for entry in entries)
            except OSError:
                there = frozenset()
            self._folders[folder + slash] = there
        return name in there

    def is_folder(self, path: str) -> bool:
        return self.has(path) and Path(_joined(self._root, path)).is_dir()


def _lines(source: Path) -> list[_Line]:
    texts = read_lines(source)
    between = _separator(texts)
    if between == " ":
        lines = [_of_words(number, text) for number, text in enumerate(texts, start=1)]
    else:
        lines = [
            _of_cells(number, text, between, source) for number, text in enumerate(texts, start=1)
        ]
    return lines[1:] if _is_heading(lines) else lines


def _separator(texts: Sequence[str]) -> str:
    """Between the fields of all lines: a comma, a semicolon, a tab, or else spaces."""
    for mark in (",", ";", "\t"):
        if not all(mark in text for text in texts):
            continue
        firsts = (text.partition(mark)[0].strip().strip('"').lower() for text in texts)
        lasts = (text.rpartition(mark)[2].strip() for text in texts)
        # Commas may be part of paths that spaces end: `left, right 12 0`.
        spaced = any(re.search(r"\s\d+$", last) for last in lasts)
        if not spaced or any(first.endswith(ENDINGS) for first in firsts):
            return mark
    return " "


def _of_words(number: int, text: str) -> _Line:
    fields = tuple(text.split())
    count = _numbers_at_end(fields)
    return _Line(number, text, fields, " ", fields[len(fields) - count :])


def _of_cells(number: int, text: str, mark: str, source: Path) -> _Line:
    try:
        (cells,) = csv.reader([text], delimiter=mark, skipinitialspace=True)
    except (csv.Error, ValueError) as error:
        raise DatasetError(f"line {number} of {source} is no line of a CSV file.") from error
    fields = tuple(cell.strip() for cell in cells)
    while len(fields) > 2 and not fields[-1]:
        fields = fields[:-1]
    count = _numbers_at_end(fields)
    label = fields[-1] if not count and len(fields) == 2 else ""
    return _Line(number, text, fields, mark, fields[len(fields) - count :], label)


def _numbers_at_end(fields: Sequence[str]) -> int:
    """How many of the last fields are numbers that could count frames or classes."""
    count = 0
    while (
        count < len(fields) - 1 and fields[-1 - count].isdecimal() and len(fields[-1 - count]) < 9
    ):
        count += 1
    return count


def _is_heading(lines: Sequence[_Line]) -> bool:
    """Whether the first line names columns."""
    if len(lines) < 2 or lines[0].numbers:
        return False
    last = lines[0].fields[-1].casefold()
    named = len(lines[0].fields) > 1 and bool(_HEADING.fullmatch(last))
    return named and "." not in lines[0].fields[0]


def _read_numbers(
    lines: Sequence[_Line], names: ClassNames, source: Path, disk: _Disk, columns: Columns
) -> list[_Row]:
    """Parse lines that end in class or frame numbers."""
    if columns != "auto":
        wanted = _NUMBERS[columns]
        return [_row(line, wanted, source, columns) for line in lines]
    files = [line for line in lines if _is_file(line, disk)]
    counted = _are_counts(files, len(names.names), source)
    chosen = {line.number: 2 if counted else 1 for line in files}
    folders = [line for line in lines if line.number not in chosen]
    readings = {line.number: _readings(line, disk) for line in folders}
    votes = Counter(known[0] for known in readings.values() if len(known) == 1)
    for line in folders:
        known = readings[line.number]
        voted = [form for form, _ in votes.most_common() if not known or form in known]
        voted = [form for form in voted if form <= len(line.numbers)]
        if voted and (len(votes) == 1 or len(known) != 1):
            chosen[line.number] = voted[0] if len(known) != 1 else known[0]
        else:
            chosen[line.number] = known[0] if known else min(3, len(line.numbers))
        if not known and len(line.numbers) > max(_NUMBERS.values()):
            raise _multi_label(source, line)
    rows = [_row(line, chosen[line.number], source, columns) for line in lines]
    _refuse_uneven(folders, chosen, source)
    return rows


def _readings(line: _Line, disk: _Disk) -> list[int]:
    """How many of the last numbers may be the line's own: what then is left is there."""
    return [form for form in range(1, min(3, len(line.numbers)) + 1) if disk.has(line.path(form))]


def _is_file(line: _Line, disk: _Disk) -> bool:
    """Whether a line names a video file, not a folder that is called like one."""
    path = line.path(len(line.numbers))
    if not path.lower().endswith(ENDINGS):
        return False
    return len(line.numbers) < 2 or not disk.is_folder(path)  # one number is a class either way


def _are_counts(files: Sequence[_Line], classes: int, source: Path) -> bool:
    """Whether lines of video files say their frames before the class.

    Raises:
        DatasetError: they may be several classes.
    """
    forms = Counter(len(line.numbers) for line in files)
    if not set(forms) - {0, 1}:
        return False
    first = next(line for line in files if len(line.numbers) > 1)
    if set(forms) != {2}:
        raise _multi_label(source, first)
    pairs = [(int(line.numbers[0]), int(line.numbers[1])) for line in files]
    if len(pairs) >= _COUNTED and all(a > classes >= b for a, b in pairs):
        return True
    raise DatasetError(
        f"Line {first.number} of {source} gives the video {first.path(2)} two numbers: "
        f"{_MULTI_LABEL}. If the first one counts frames, say --columns 'path frames class'."
    )


def _refuse_uneven(lines: Sequence[_Line], chosen: dict[int, int], source: Path) -> None:
    """Refuse folders of which some have one class and some two, it seems."""
    forms = {chosen[line.number] for line in lines}
    if {1, 2} <= forms:
        raise _multi_label(source, next(line for line in lines if chosen[line.number] > 1))


def _row(line: _Line, wanted: int, source: Path, columns: Columns) -> _Row:
    if len(line.numbers) < wanted or not line.numbers:
        if _SEVERAL.fullmatch(line.fields[-1].replace(" ", "")):
            raise _multi_label(source, line)
        form = "path frames class" if columns == "auto" else columns
        raise DatasetError(f"line {line.number} of {source} is not `{form}`: {line.text[:80]!r}.")
    path = line.path(wanted)
    values = [int(number) for number in line.numbers[-wanted:]]
    if line.between != " " and path[-1:].isdecimal():
        name, _, last = path.rpartition(" ")
        if last.isdecimal() and name.lower().rstrip().endswith(ENDINGS):
            raise _multi_label(source, line)  # `a.mp4 1,2`
    match values:
        case [label]:
            return _Row(line.number, path, None, label)
        case [frames, label]:
            return _Row(line.number, path, frames, label)
        case _:
            start, end, label = values
            if end < start:
                raise _multi_label(source, line)
            return _Row(line.number, path, end - start + 1, label)


def _multi_label(source: Path, line: _Line) -> DatasetError:
    return DatasetError(
        f"Line {line.number} of {source} gives a video several classes, {line.text[-60:]!r}: "
        f"{_MULTI_LABEL}. Keep one class a line; if numbers before the last count frames, say "
        "--columns 'path frames class'."
    )


def _first_number(rows: Sequence[_Row], names: ClassNames, source: Path) -> int:
    """Whether classes are numbered from 0.

    Raises:
        DatasetError: they are from 1, or could be.
    """
    count = len(names.names)
    largest = max(row.label for row in rows)
    if not all(row.label for row in rows) or largest > count:
        return 0
    folders = numbers_of(plain(name) for name in names.names)
    inside = [(row.label, folders.get(plain(_folder(row.path)))) for row in rows]
    known = [(label, number) for label, number in inside if number is not None]
    if known and all(label == number for label, number in known) and largest < count:
        return 0
    explained = f", as {names.file.name} does" if names.first == 1 else ""
    if largest == count or (known and all(label == number + 1 for label, number in known)):
        raise DatasetError(
            f"{source} numbers its classes from 1{explained}, so that all are off by one: give "
            "--classes-from 1."
        )
    if names.first == 1:
        raise DatasetError(
            f"{names.file} numbers its classes from 1, and {source} has no class 0: give "
            "--classes-from 1, or --classes-from 0 if it counts from 0."
        )
    return 0


def _by_folder(lines: Sequence[_Line], names: ClassNames, source: Path) -> list[_Row]:
    """Rows of lines without a class, which is the folder's name (UCF101's test lists)."""
    numbers = numbers_of(plain(name) for name in names.names)
    rows = []
    for line in lines:
        path = line.path(0) if line.between != " " else line.text
        number = numbers.get(plain(_folder(path)))
        if number is None:
            _row(line, 1, source, "auto")
        else:
            rows.append(_Row(line.number, path, None, number))
    return rows


def _by_name(lines: Sequence[_Line], names: ClassNames, source: Path) -> list[_Row]:
    """Rows of CSV lines that have the class's name in place of its number."""
    numbers = numbers_of(plain(name) for name in names.names)
    for line in lines:
        if plain(line.label) not in numbers:
            if _SEVERAL.fullmatch(line.label.replace(" ", "")):
                raise _multi_label(source, line)
            raise DatasetError(
                f"Line {line.number} of {source} has the class {line.label[:80]!r}, which is not "
                f"among the {len(numbers)} of {names.file}."
            )
    return [_Row(line.number, line.path(1), None, numbers[plain(line.label)]) for line in lines]


def _names_of_words(lines: Sequence[_Line], source: Path, labels: Path | None) -> ClassNames:
    if labels is not None or usual_names(source.parent) is not None:
        return class_names(source, labels)
    if any(_SEVERAL.fullmatch(line.label.replace(" ", "")) for line in lines):
        raise _multi_label(source, lines[0])
    return ClassNames(tuple(sorted({line.label for line in lines})), source)


def _folder(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2]


def _joined(root: str, path: str) -> str:
    """The path from a root, or itself where it is absolute, without `..` in it."""
    if path[0] != "/" and "." not in path[:1] and "/." not in path and "//" not in path:
        return f"{root.rstrip('/')}/{path}"  # as nearly all of a list's are
    return os.path.normpath(os.path.join(root, path))


def _common(paths: Sequence[Path]) -> Path:
    return Path(os.path.commonpath(paths))
