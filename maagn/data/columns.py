"""A person's own columns about clips: a CSV with a row a clip, joined by what it is called."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from maagn.errors import ColumnsError

KEYS = ("id", "clip", "path", "file")
"""Headings of the column that names the clip, in any case; of several the first of these."""

MOST_COLUMNS = 100
_SEPARATORS = ",;\t"


@dataclass(frozen=True, eq=False)
class Columns:
    """What a CSV says of some clips.

    Attributes:
        table: one row a clip, in the clips' order; numbers, words, or true and false; a value that
            is not given is missing.
        without: clips that the CSV has no line of.
        unknown: lines about clips that are not among these.
    """

    table: pd.DataFrame
    without: int
    unknown: int


def called(name: str, path: str) -> tuple[str, ...]:
    """All that a clip may be called in a CSV: its id, and its path or file name, also unended.

    Args:
        name: its id in the set.
        path: from the set's folder.
    """
    file = PurePosixPath(path)
    return name, path, str(file.with_suffix("")), file.name, file.stem


def read_columns(
    source: Path | bytes, clips: Sequence[tuple[str, ...]], *, name: str | None = None
) -> Columns:
    """The columns of a CSV in UTF-8, with commas, semicolons or tabs between its fields.

    Args:
        source: the file, or its content.
        clips: what each clip may be called in it, its id first; what several may be called but
            as their id stands for none of them.
        name: what people call the file; None is the file's own.

    Raises:
        ColumnsError: it cannot be read, has no column of `KEYS` or none beside it, lines of several
            lengths, a clip twice, too many columns, or none of these clips.
    """
    name = name or (source.name if isinstance(source, Path) else "The CSV")
    header, lines = _lines(source, name)
    place = next(
        (at for key in KEYS for at, word in enumerate(header) if word.lower() == key), None
    )
    if place is None:
        raise ColumnsError(
            f"{name} has no column that names the clips: call one of its columns `id`."
        )
    if not 1 < len(header) <= MOST_COLUMNS or len(set(header)) < len(header) or "" in header:
        raise ColumnsError(
            f"{name} needs 2 to {MOST_COLUMNS} columns with headings of their own: {header[place]} "
            "and what is known of the clips."
        )
    number_of = _numbers(clips)
    rows: dict[int, list[str]] = {}
    line_of: dict[str, int] = {}
    for line, row in lines:
        if len(row) != len(header):
            raise ColumnsError(
                f"{name} has {len(row)} fields in line {line}, but {len(header)} headings: put "
                "fields that hold a separator in quotes."
            )
        clip = row[place].strip()
        number = number_of.get(clip)
        first = line_of.setdefault(clip if number is None else f"{number}\0", line)
        if first != line:
            raise ColumnsError(
                f"{name} names the clip {clip[:80]!r} in line {line} again, after line {first}: "
                "remove one of the two."
            )
        if number is not None:
            rows[number] = row
    if not rows:
        known = repr(clips[0][0]) if clips else "none"
        raise ColumnsError(
            f"{name} names none of these clips in its column {header[place]}: they are called like "
            f"{known}."
        )
    return Columns(
        table=_typed(header, place, [rows.get(number) for number in range(len(clips))]),
        without=len(clips) - len(rows),
        unknown=len(line_of) - len(rows),
    )


def _numbers(clips: Sequence[tuple[str, ...]]) -> dict[str, int]:
    times = Counter(name for names in clips for name in set(names))
    numbers = {
        name: number for number, names in enumerate(clips) for name in names if times[name] == 1
    }
    return numbers | {names[0]: number for number, names in enumerate(clips)}


def _lines(source: Path | bytes, name: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The headings, and every line that is not empty with its number."""
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ColumnsError(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ColumnsError(f"{name} is not UTF-8: save it as `CSV UTF-8`.") from error
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=head.count), strict=True
    )
    try:
        header = [word.strip() for word in next(reader, [])]
        return header, [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise ColumnsError(
            f"{name} is no CSV: line {reader.line_num} cannot be read ({error})."
        ) from error


def _typed(header: list[str], place: int, rows: list[list[str] | None]) -> pd.DataFrame:
    """Numbers and true and false as pandas reads them, with a missing value where none is given."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(row or [""] * len(header) for row in rows)
    text.seek(0)
    table = pd.read_csv(text, skip_blank_lines=False, low_memory=False).convert_dtypes()
    return table.drop(columns=table.columns[place])
