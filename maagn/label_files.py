"""Files of pairs of classes that a person gives: opposites, and what a mirror exchanges.

CSV or text with tabs, UTF-8, with or without a header; names that hold a comma stand in quotes.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from maagn.errors import PairsError
from maagn.labels import KINDS, ClassPairs, Opposites, finder

_HEADER = re.compile(
    r"(first|second|other)?\s*(label|class|name|opposite|mirror(ed)?|partner)?(s|es)?|kind"
)


def read_class_pairs(
    labels: tuple[str, ...], *, opposites: Path | None = None, mirrored: Path | None = None
) -> ClassPairs:
    """What the files say of those classes.

    Args:
        labels: the classes; the files may name them without regard to brackets, case, separators
            and a final dot.
        opposites: lines `class,opposite` or `class,opposite,kind`; without a kind, playing one
            backwards shows the other.
        mirrored: lines `class,partner`; a class that looks the same in a mirror is its own.

    Raises:
        PairsError: a file cannot be read, names a class that is not there, says something twice,
            or has another number of columns.
    """
    return ClassPairs(
        None if opposites is None else tuple(_opposites(opposites, labels)),
        None if mirrored is None else tuple(_mirrored(mirrored, labels)),
    )


def opposites_csv(pairs: Iterable[Opposites]) -> str:
    """Pairs as a file of opposites holds them, with a header."""
    rows = ((pair.label, pair.opposite, pair.kind) for pair in pairs)
    return _csv(("label", "opposite", "kind"), rows)


def mirrored_csv(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs as a file of mirrored classes holds them, with a header."""
    return _csv(("label", "mirrored"), pairs)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _opposites(path: Path, labels: tuple[str, ...]) -> Iterator[Opposites]:
    seen: set[frozenset[str]] = set()
    reversed_: set[str] = set()
    for line, (label, opposite, *rest) in _rows(path, labels, columns=(2, 3)):
        kind = (rest[0] or "time-reversal").casefold() if rest else "time-reversal"
        if kind not in KINDS:
            raise PairsError(
                f"{path.name} has the kind {kind[:40]!r} in line {line}: write one of "
                f"{', '.join(KINDS)}, or none."
            )
        if label == opposite:
            raise PairsError(
                f"{path.name} makes {label!r} its own opposite in line {line}: remove the line."
            )
        again = frozenset((label, opposite)) in seen
        if again or (kind == "time-reversal" and not reversed_.isdisjoint((label, opposite))):
            twice = label if again or label in reversed_ else opposite
            raise _twice(path, line, twice, "opposite")
        seen.add(frozenset((label, opposite)))
        if kind == "time-reversal":
            reversed_ |= {label, opposite}
        yield Opposites(label, opposite, kind)


def _mirrored(path: Path, labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for line, (label, partner) in _rows(path, labels, columns=(2,)):
        if not seen.isdisjoint((label, partner)):
            raise _twice(path, line, label if label in seen else partner, "partner")
        seen |= {label, partner}
        yield label, partner


def _twice(path: Path, line: int, label: str, what: str) -> PairsError:
    return PairsError(
        f"{path.name} gives {label!r} a second {what} in line {line}: keep one of the two lines."
    )


def _rows(
    path: Path, labels: tuple[str, ...], *, columns: tuple[int, ...]
) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row, with class names spelt as in the labels."""
    find = finder(labels)
    rows = _cells(path)
    if rows and _is_header(rows[0][1]) and not all(map(find, rows[0][1][:2])):
        del rows[0]
    for line, cells in rows:
        if len(cells) not in columns:
            raise PairsError(
                f"{path.name} has {len(cells)} column{'s' * (len(cells) != 1)} in line {line} "
                f"where {' or '.join(map(str, columns))} are needed: write two classes a line, "
                "with a comma or a tab between them and names that hold a comma in quotes."
            )
        yield line, [_called(path, line, name, labels) for name in cells[:2]] + cells[2:]


def _called(path: Path, line: int, name: str, labels: tuple[str, ...]) -> str:
    label = finder(labels)(name)
    if label is None:
        near = difflib.get_close_matches(name, labels, n=1, cutoff=0.0)
        closest = f"; the closest is {near[0]!r}" if near else ""
        closest += ", in quotes for its comma" * any("," in label for label in near)
        raise PairsError(
            f"{path.name} names {name[:80]!r} in line {line}, which is not one of the "
            f"{len(labels)} classes{closest}."
        )
    return label


def _is_header(cells: list[str]) -> bool:
    return all(_HEADER.fullmatch(cell.casefold()) for cell in cells)


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """The cells of each line that has some, without blanks around them and empty ones at the end.

    A line is where its row ends: names in quotes may go over several.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        delimiter = "\t" if "\t" in text else ","
        reader = csv.reader(text.splitlines(), delimiter=delimiter, skipinitialspace=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except OSError as error:
        raise PairsError(f"{path} cannot be opened: {error.strerror}.") from error
    except (ValueError, csv.Error) as error:
        raise PairsError(
            f"{path.name} is no text of two columns: write CSV or tabs, in UTF-8."
        ) from error
    for _, cells in rows:
        while cells and not cells[-1]:
            cells.pop()
    rows = [(line, cells) for line, cells in rows if cells]
    if not rows:
        raise PairsError(f"{path.name} is empty: write two classes a line.")
    return rows
