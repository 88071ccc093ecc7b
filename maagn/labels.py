"""Label sets, pairs of opposite actions, and pairs that a mirror exchanges.

The class names and their relations are facts about Something-Something V2 (Goyal et al., 2017).
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

Kind = Literal["time-reversal", "outcome", "pretended", "role"]
_FOLDER = Path(__file__).parent / "label_sets"


@dataclass(frozen=True)
class Opposites:
    """Two classes that look alike and mean the opposite.

    Attributes:
        label: one class.
        opposite: the other.
        kind: `time-reversal` (playing one backwards shows the other), `outcome` (same motion,
            other ending), `pretended` (the action and its pretence) or `role` (the objects
            exchange parts).
    """

    label: str
    opposite: str
    kind: Kind

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.label} <-> {self.opposite}"


@cache
def something_something_v2() -> tuple[str, ...]:
    """The 174 class names, alphabetical."""
    text = (_FOLDER / "something_something_v2.txt").read_text(encoding="utf-8")
    return tuple(text.splitlines())


@cache
def opposites() -> tuple[Opposites, ...]:
    """All pairs of opposite classes."""
    rows = _rows("opposites.csv")
    return tuple(Opposites(r["label"], r["opposite"], cast(Kind, r["kind"])) for r in rows)


@cache
def mirrored() -> dict[str, str]:
    """Each class that a horizontal flip turns into another, with that other; both directions."""
    pairs = [(row["label"], row["mirrored"]) for row in _rows("mirrored.csv")]
    return dict(pairs) | {right: left for left, right in pairs}


def opposite_of(label: str) -> str | None:
    """The class that shows when `label` is played backwards; None where there is none."""
    for pair in opposites():
        if pair.kind == "time-reversal" and label in (pair.label, pair.opposite):
            return pair.opposite if label == pair.label else pair.label
    return None


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
