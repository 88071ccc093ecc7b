"""What is staged onto a canvas: as it looks, or each part in a colour that tells what it is."""

from collections.abc import Callable, Sequence

from maagn.opposites.action import Element, Held
from maagn.opposites.hand import HandPainter
from maagn.opposites.paint import (
    Canvas,
    Colour,
    Point,
    Sheet,
    Solid,
    paint_shadows,
    paint_sheet,
    paint_solid,
)

HAND, THING = 0, 1
"""Channels of a canvas that tells hand from thing."""

FULL = 255.0
"""In its channel: wholly hand, or wholly thing."""

_HAND: Colour = (FULL, 0.0, 0.0)
_THING: Colour = (0.0, FULL, 0.0)
_NEITHER: Colour = (0.0, 0.0, 0.0)


def paint_scene(canvas: Canvas, elements: Sequence[Element], *, hands: bool = True) -> None:
    """Shadows first, then every element; without `hands`, only what they hold."""
    painters = _painters(canvas, elements) if hands else {}
    arms = [outline for painter in painters.values() for outline in painter.shadow()]
    paint_shadows(canvas, _feet(elements), arms)
    _paint(elements, painters, lambda _: canvas)


def paint_parts(canvas: Canvas, elements: Sequence[Element], *, things: Sequence[Element]) -> None:
    """The same elements by the same painters without light and shadow, a channel for each part.

    Args:
        canvas: black; hands become `FULL` in channel `HAND`.
        elements: as staged.
        things: those of them that become `FULL` in `THING`; the others are black, and hide as well.
    """
    numbers = {id(element) for element in things}
    thing, neither = canvas.inked(_THING), canvas.inked(_NEITHER)
    painters = _painters(canvas.inked(_HAND), elements)
    _paint(elements, painters, lambda element: thing if id(element) in numbers else neither)


def _painters(canvas: Canvas, elements: Sequence[Element]) -> dict[int, HandPainter]:
    return {id(e): HandPainter(canvas, e.grip) for e in elements if isinstance(e, Held)}


def _paint(
    elements: Sequence[Element],
    painters: dict[int, HandPainter],
    canvas_of: Callable[[Element], Canvas],
) -> None:
    for element in elements:
        canvas = canvas_of(element)
        if isinstance(element, Solid):
            paint_solid(canvas, element)
        elif isinstance(element, Sheet):
            paint_sheet(canvas, element)
        else:
            _paint_held(canvas, element, painters.get(id(element)))


def _paint_held(canvas: Canvas, held: Held, hand: HandPainter | None) -> None:
    if hand:
        hand.behind()
    for solid in held.solids:
        paint_solid(canvas, solid)
    if hand:
        hand.front()


def _feet(elements: Sequence[Element]) -> list[tuple[Point, float]]:
    solids = [e for e in elements if isinstance(e, Solid)]
    solids += [s for e in elements if isinstance(e, Held) for s in e.solids]
    return [(s.at, (s.size[0] + s.size[2]) / 4) for s in solids if s.grounded]
