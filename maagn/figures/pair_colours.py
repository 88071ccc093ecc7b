"""How classes look on a chart of many answers: opposites as the two sides of one colour.

Six hues, each dark and light, that stay apart for protanopes and deuteranopes too (at least 0.09 in
OKLab under Machado, Oliveira and Fernandes 2009). No chart could tell dozens of pairs by colour:
those that a film shows most take the six, and every further one is grey. Side and mark tell the two
of a pair apart without any colour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from maagn.labels import ClassRelations

HUES: Final = (
    ("#057DC7", "#A0D0FC"),
    ("#914006", "#E89265"),
    ("#028C6A", "#72E4BC"),
    ("#992661", "#E68AB0"),
    ("#977007", "#EFC469"),
    ("#5148B0", "#9FA1F5"),
)
"""Dark and light of each; one outlines the other, as light is pale on white ground and dark on
black."""
GREY: Final = ("#6B7280", "#B8BDC7")
"""Of further pairs."""

Side = Literal[-1, 0, 1]
_MARKS: Final[dict[Side, str]] = {1: "▲", -1: "▼", 0: "◆"}


@dataclass(frozen=True)
class ClassLook:
    """How one class is drawn.

    Attributes:
        colour: of its area, as `#RRGGBB`.
        edge: of the area's outline.
        side: 1 for the first of a pair, which is drawn upwards; -1 for its opposite, drawn
            downwards; 0 for a class without an opposite, drawn both ways.
    """

    colour: str
    edge: str
    side: Side

    @property
    def own_hue(self) -> bool:
        """Whether the colour is this pair's alone, and not the grey of many."""
        return self.colour not in GREY

    @property
    def mark(self) -> str:
        """The sign that stands before the class's name: up, down, or neither."""
        return _MARKS[self.side]


def looks_of(labels: Iterable[str], relations: ClassRelations) -> dict[str, ClassLook]:
    """The looks of some classes and of their opposites.

    Args:
        labels: of which the first take the six hues.
        relations: which of them are opposites.
    """
    looks: dict[str, ClassLook] = {}
    hues = iter(HUES)
    for label in labels:
        if label in looks:
            continue
        dark, light = next(hues, GREY)
        pair = first_and_second(label, relations)
        if pair is None:
            looks[label] = ClassLook(dark, light, 0)
            continue
        looks[pair[0]] = ClassLook(dark, light, 1)
        looks[pair[1]] = ClassLook(light, dark, -1)
    return looks


_DOWN = {"down", "downwards"}


def first_and_second(label: str, relations: ClassRelations) -> tuple[str, str] | None:
    """A class's pair of opposites in the order of the labels; None where it has no opposite.

    What goes down is second, whatever the order: it is drawn downwards.
    """
    opposite = relations.opposite_of(label)
    if opposite is None:
        return None
    first, second = sorted((label, opposite), key=relations.labels.index)
    if _DOWN & set(first.lower().split()):
        return second, first
    return first, second
