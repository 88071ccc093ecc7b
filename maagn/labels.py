"""Label sets, pairs of opposite actions, and pairs that a mirror exchanges.

Of Something-Something V2 (Goyal et al., 2017) the class names and their relations are facts; of
other classes they are given by a person, or read from the words of their names.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from maagn.errors import PairsError
from maagn.label_words import (
    Words,
    joined_mirror_words,
    mirror_words,
    plain,
    reversal_words,
    words_of,
)

__all__ = [
    "NO_PAIRS",
    "ClassPairs",
    "ClassRelations",
    "Kind",
    "Opposites",
    "mirrored",
    "opposite_of",
    "opposites",
    "plain",
    "something_something_v2",
]

Kind = Literal["time-reversal", "outcome", "pretended", "role"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_FOLDER = Path(__file__).parent / "label_sets"
_NAMED = 3  # classes in an error


@dataclass(frozen=True)
class Opposites:
    """Two classes that look alike and mean the opposite.

    Attributes:
        label: one class.
        opposite: the other.
        kind: `time-reversal` (playing one backwards shows the other), `outcome` (same motion,
            other ending), `pretended` (the action and its pretence) or `role` (the objects
            exchange parts).
        proposed: whether the words of the names are all that says so.
    """

    label: str
    opposite: str
    kind: Kind
    proposed: bool = False

    def __str__(self) -> str:
        """The relation in words."""
        return f"{self.label} <-> {self.opposite}"


@dataclass(frozen=True)
class ClassPairs:
    """What a person said of some classes, as a checkpoint or a registered set keeps it.

    Attributes:
        opposites: all pairs of opposites; None where nothing was said.
        mirrored: pairs that a mirror exchanges; a class that looks the same in a mirror is paired
            with itself. None where nothing was said.
    """

    opposites: tuple[Opposites, ...] | None = None
    mirrored: tuple[tuple[str, str], ...] | None = None

    def or_else(self, other: "ClassPairs") -> "ClassPairs":
        """A copy that takes the other's pairs where this one has none."""
        return ClassPairs(
            other.opposites if self.opposites is None else self.opposites,
            other.mirrored if self.mirrored is None else self.mirrored,
        )

    def as_dict(self) -> dict[str, list[list[str]]]:
        """JSON-able form; empty where nothing was said."""
        found: dict[str, list[list[str]]] = {}
        if self.opposites is not None:
            found["opposites"] = [[pair.label, pair.opposite, pair.kind] for pair in self.opposites]
        if self.mirrored is not None:
            found["mirrored"] = [list(pair) for pair in self.mirrored]
        return found

    @classmethod
    def from_dict(cls, content: Any) -> "ClassPairs":  # noqa: ANN401 - whatever a file holds
        """What `as_dict` gave; None gives nothing said.

        Raises:
            ValueError: it is something else.
        """
        if content is None:
            return cls()
        if not isinstance(content, dict):
            raise ValueError("pairs of classes are not a mapping")
        rows, sides = content.get("opposites"), content.get("mirrored")
        return cls(
            None
            if rows is None
            else tuple(Opposites(a, b, cast(Kind, kind)) for a, b, kind in _texts(rows, 3)),
            None if sides is None else tuple((a, b) for a, b in _texts(sides, 2)),
        )


NO_PAIRS = ClassPairs()
"""Nothing was said."""


@dataclass(frozen=True, eq=False)
class ClassRelations:
    """Which of some classes are opposites, and which a mirror exchanges; made by `of`.

    Attributes:
        labels: class names in the order of their numbers.
        opposites: pairs among them: those that a person gave; else Something-Something V2's for
            its names, and proposals for others.
        mirrors: each class's mirror image, itself for most; None for a class that names a side of
            the picture and has no partner among the labels.
    """

    labels: tuple[str, ...]
    opposites: tuple[Opposites, ...]
    mirrors: tuple[str | None, ...]

    @staticmethod
    def of(labels: tuple[str, ...], given: ClassPairs | None = None) -> "ClassRelations":
        """The relations of those classes.

        Args:
            labels: in the order of their numbers.
            given: what a person said, which goes before everything else; names of classes that
                are not among the labels are left out.
        """
        return _relations(labels, given or NO_PAIRS)

    def opposite_of(self, label: str) -> str | None:
        """The class that shows when `label` is played backwards, known or proposed."""
        pair = self.pair_of(label)
        return None if pair is None else pair.opposite

    def pair_of(self, label: str) -> Opposites | None:
        """`label` with the class that it shows when played backwards; None where there is none."""
        for pair in self.opposites:
            if pair.kind == "time-reversal" and label in (pair.label, pair.opposite):
                other = pair.opposite if label == pair.label else pair.label
                return replace(pair, label=label, opposite=other)
        return None

    def reversal_of(self, label: str) -> str | None:
        """As `opposite_of`, without proposals: the label that a reversed training clip may get."""
        pair = self.pair_of(label)
        return None if pair is None or pair.proposed else pair.opposite

    def mirror_of(self, label: str) -> str | None:
        """The class of its mirror image, itself for most; None where that is not known.

        Raises:
            ValueError: no such class.
        """
        return self.mirrors[self.labels.index(label)]

    @property
    def unmirrored(self) -> tuple[str, ...]:
        """Classes that name a side of the picture and have no partner."""
        return tuple(
            label for label, mirror in zip(self.labels, self.mirrors, strict=True) if mirror is None
        )

    def refuse_unmirrored(self) -> None:
        """Clips may be mirrored where every class's mirror image is known.

        Raises:
            PairsError: one is not; the sentence says how to name it.
        """
        unmirrored = self.unmirrored
        if unmirrored:
            named = ", ".join(repr(label) for label in unmirrored[:_NAMED])
            more = len(unmirrored) - _NAMED
            raise PairsError(
                f"Clips cannot be mirrored, because the mirror image of {named}"
                f"{f' and {more} more' if more > 0 else ''} is not known: give --mirrored FILE "
                "with a line `class,partner` for each; a class that looks the same in a mirror is "
                "its own partner."
            )


@cache
def something_something_v2() -> tuple[str, ...]:
    """The 174 class names, alphabetical."""
    text = (_FOLDER / "something_something_v2.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


@cache
def opposites() -> tuple[Opposites, ...]:
    """All pairs of opposite classes of Something-Something V2."""
    rows = _rows("opposites.csv")
    return tuple(Opposites(r["label"], r["opposite"], cast(Kind, r["kind"])) for r in rows)


@cache
def mirrored() -> dict[str, str]:
    """V2's classes that a horizontal flip turns into another, with that other; both directions."""
    pairs = [(row["label"], row["mirrored"]) for row in _rows("mirrored.csv")]
    return dict(pairs) | {right: left for left, right in pairs}


def opposite_of(label: str) -> str | None:
    """V2's class that shows when `label` is played backwards; None where there is none.

    Of any classes: `ClassRelations.opposite_of`.
    """
    for pair in opposites():
        if pair.kind == "time-reversal" and label in (pair.label, pair.opposite):
            return pair.opposite if label == pair.label else pair.label
    return None


def finder(labels: Iterable[str]) -> Callable[[str], str | None]:
    """Finds the one class of that name: as it stands, else `plain`; None for none or several."""
    exact = set(labels)
    by_name: dict[str, list[str]] = {}
    for label in exact:
        by_name.setdefault(plain(label), []).append(label)

    def find(name: str) -> str | None:
        if name in exact:
            return name
        alike = by_name.get(plain(name), [])
        return alike[0] if len(alike) == 1 else None

    return find


@lru_cache(maxsize=64)
def _relations(labels: tuple[str, ...], given: ClassPairs) -> ClassRelations:
    words = tuple(words_of(label) for label in labels)
    by_words: dict[Words, str | None] = {}
    for label, key in zip(labels, words, strict=True):
        by_words[key] = None if key in by_words else label  # of two alike neither is meant
    if given.opposites is None:
        pairs = _of_the_table(labels)
        pairs += _proposed(labels, words, by_words)
    else:
        pairs = _among(labels, given.opposites)
    return ClassRelations(labels, tuple(pairs), _mirrors(labels, words, by_words, given.mirrored))


def _among(labels: tuple[str, ...], pairs: Iterable[Opposites]) -> list[Opposites]:
    find = finder(labels)
    return [
        replace(pair, label=one, opposite=other)
        for pair in pairs
        if (one := find(pair.label)) is not None
        and (other := find(pair.opposite)) is not None
        and one != other
    ]


def _of_the_table(labels: tuple[str, ...]) -> list[Opposites]:
    return _among(labels, opposites())


def _proposed(
    labels: tuple[str, ...], words: tuple[Words, ...], by_words: dict[Words, str | None]
) -> list[Opposites]:
    """Pairs that each name's words propose for the other; V2's names have a table of their own."""
    tabled = _tabled()
    likeliest: dict[str, str] = {}
    for label, own in zip(labels, words, strict=True):
        if plain(label) in tabled or by_words[own] is None:
            continue
        others = (by_words.get(swapped) for swapped in reversal_words(own))
        best = next((other for other in others if other not in (None, label)), None)
        if best is not None and plain(best) not in tabled:
            likeliest[label] = best
    return [
        Opposites(label, other, "time-reversal", proposed=True)
        for label, other in likeliest.items()
        if likeliest.get(other) == label and labels.index(label) < labels.index(other)
    ]


def _mirrors(
    labels: tuple[str, ...],
    words: tuple[Words, ...],
    by_words: dict[Words, str | None],
    given: tuple[tuple[str, str], ...] | None,
) -> tuple[str | None, ...]:
    find = finder(labels)
    said: dict[str, str] = {}
    for names in given or ():
        one, other = map(find, names)
        if one is not None and other is not None:
            said |= {one: other, other: one}
    tabled, table = _tabled(), {plain(one): other for one, other in mirrored().items()}
    mirrors: list[str | None] = []
    for label, own in zip(labels, words, strict=True):
        if label in said:
            mirrors.append(said[label])
            continue
        if plain(label) in tabled:  # one of them pulls "right out"
            other = find(table.get(plain(label), label))
            mirrors.append(None if other in said else other)
            continue
        turned = mirror_words(own)
        partner = by_words.get(turned or joined_mirror_words(own) or own)
        if partner is not None and (partner in said or by_words[own] is None):
            partner = None  # it is another's, or this name's words are another's too
        mirrors.append(label if turned is None and partner is None else partner)
    return tuple(mirrors)


@cache
def _tabled() -> frozenset[str]:
    """The plain names of V2's classes, of which its tables say everything."""
    return frozenset(map(plain, something_something_v2()))


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _texts(rows: Any, columns: int) -> list[list[str]]:  # noqa: ANN401 - whatever a file holds
    if not isinstance(rows, list) or not all(
        isinstance(row, list) and len(row) == columns and all(isinstance(x, str) for x in row)
        for row in rows
    ):
        raise ValueError(f"pairs of classes are not rows of {columns} names")
    if columns == 3 and any(row[2] not in KINDS for row in rows):
        raise ValueError("pairs of classes are of an unknown kind")
    return rows
