"""Paints what an action stages, from the back to the front."""

from collections.abc import Sequence

from maagn.opposites.action import Element, Held
from maagn.opposites.hand import HandPainter
from maagn.opposites.paint import (
    Canvas,
    Point,
    Sheet,
    Solid,
    paint_shadows,
    paint_sheet,
    paint_solid,
)


def paint_scene(canvas: Canvas, elements: Sequence[Element], *, hands: bool = True) -> None:
    """Shadows first, then every element; without `hands`, only what they hold."""
    painters = {
        id(e): HandPainter(canvas, e.grip) for e in elements if hands and isinstance(e, Held)
    }
    arms = [outline for painter in painters.values() for outline in painter.shadow()]
    paint_shadows(canvas, _feet(elements), arms)
    for element in elements:
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
