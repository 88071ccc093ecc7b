"""Unit shapes as lists of convex four-cornered facets, already in the order in which to paint them.

A shape stands on its foot: y runs from 0 to 1, x and z from -0.5 to 0.5; a handle may stand out.
`bottle.2` is the third variant of a bottle: of another outline, or with another print.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64, Int64

from maagn.opposites.facets import (
    ACCENT,
    BASE,
    DARK,
    FULL,
    PAPER,
    Facet,
    block,
    disc,
    moved,
    panel,
    tube,
)
from maagn.opposites.turned import round_shapes

VARIANTS = 4
_SIDES = ("back", "left", "right", "front")


@dataclass(frozen=True, eq=False)
class Shape:
    """Facets and the swatch of each.

    Attributes:
        facets: corners of each facet, in units of the shape's size.
        swatches: 0 base, 1 accent, 2 dark, 3 paper.
    """

    facets: Float64[np.ndarray, "n 4 3"]
    swatches: Int64[np.ndarray, " n"]


def _box(variant: int) -> list[Facet]:
    walls = [panel(face, BASE) for face in (*_SIDES, "top")]
    across, along = (
        ((0.12, 0.88), (0.3, 0.75)),
        ((0.0, 1.0), (0.4, 0.58)),
        ((0.55, 0.9), (0.1, 0.6)),
        ((0.3, 0.7), (0.0, 1.0)),
    )[variant]
    prints = [panel(f, ACCENT, across=across, along=along) for f in ("left", "right", "front")]
    if variant == 2:
        prints.append(panel("front", PAPER, across=(0.1, 0.45), along=(0.6, 0.85)))
    return [*walls, *prints, panel("top", PAPER, across=(0.4, 0.6))]


def _slab(bottom: int, top: int) -> list[Facet]:
    """A thin board: the underside and the top have swatches of their own."""
    walls = [panel(face, BASE) for face in _SIDES]
    faces = [panel("bottom", BASE), panel("top", BASE)]
    inlays = [
        panel("bottom", bottom, across=(0.07, 0.93), along=(0.08, 0.92)),
        panel("top", top, across=(0.2, 0.8), along=(0.35, 0.75)),
    ]
    return walls + faces + inlays


def _book(variant: int) -> list[Facet]:
    pages = [panel(face, PAPER, along=(0.15, 0.85)) for face in ("right", "front", "back")]
    covers = [panel(face, BASE) for face in _SIDES]
    along = ((0.55, 0.8), (0.2, 0.85), (0.08, 0.2), (0.4, 0.6))[variant]
    return [
        *covers,
        *pages,
        panel("top", BASE),
        panel("top", ACCENT, across=(0.15, 0.85), along=along),
    ]


def _lines(swatch: int) -> list[Facet]:
    return [
        panel("top", swatch, across=(0.12, 0.88), along=(y, y + 0.03))
        for y in np.arange(0.12, 0.9, 0.11)
    ]


def _device(variant: int, *, screen: bool) -> list[Facet]:
    """A phone face up with a lit screen, or the upper side of a laptop's keyboard."""
    walls = [panel(face, BASE) for face in (*_SIDES, "top")]
    if not screen:
        return [*walls, panel("top", DARK, across=(0.07, 0.93), along=(0.45, 0.92)),
                panel("top", DARK, across=(0.35, 0.65), along=(0.06, 0.34))]  # fmt: skip
    rows = ((0.2, 0.4, 0.6), (0.25, 0.5), (0.3,), (0.15, 0.3, 0.45, 0.6))[variant]
    icons = [
        panel("top", swatch, across=(x, x + 0.2), along=(y, y + 0.1))
        for y in rows
        for x, swatch in ((0.16, ACCENT), (0.42, PAPER), (0.66, ACCENT))
    ]
    return [*walls, panel("top", DARK, across=(0.07, 0.93), along=(0.06, 0.94)), *icons,
            panel("top", PAPER, across=(0.15, 0.85), along=(0.78, 0.84))]  # fmt: skip


def _remote(variant: int) -> list[Facet]:
    buttons = [
        panel("top", PAPER, across=(x, x + 0.07), along=(y, y + 0.2))
        for x in np.arange(0.08, 0.5, 0.12 + 0.02 * variant)
        for y in (0.12, 0.4, 0.68)
    ]
    body = [panel(face, DARK) for face in (*_SIDES, "top")]
    return [*body, *buttons, panel("top", ACCENT, across=(0.66, 0.9), along=(0.2, 0.8))]


def _cube(variant: int) -> list[Facet]:
    """A toy block with a picture on each face."""
    faces = ("left", "right", "front", "top")
    sign = {0: ((0.3, 0.7), (0.3, 0.7)), 1: ((0.42, 0.58), (0.24, 0.76)),
            2: ((0.24, 0.76), (0.42, 0.58)), 3: ((0.25, 0.5), (0.25, 0.75))}[variant]  # fmt: skip
    inset = [panel(f, PAPER, across=(0.14, 0.86), along=(0.14, 0.86)) for f in faces]
    signs = [panel(f, ACCENT, across=sign[0], along=sign[1]) for f in faces]
    return [*(panel(face, BASE) for face in ("back", *faces)), *inset, *signs]


def _pyramid(variant: int) -> list[Facet]:
    """Four storeys, of which some are accented."""
    inks = ((BASE, ACCENT, BASE, ACCENT), (BASE, BASE, BASE, ACCENT), (ACCENT, BASE, BASE, BASE),
            (BASE, PAPER, ACCENT, BASE))[variant]  # fmt: skip
    facets = []
    for i, ink in enumerate(inks):
        half, share = 0.5 - i / 8, (3 - i) / (4 - i)
        side = (-half, half)
        facets += block(side, (i / 4, (i + 1) / 4), side, ink, taper=(share, share))
    return facets


def _house(variant: int) -> list[Facet]:
    door = (0.1, 0.6, 0.36, 0.36)[variant]
    windows = ((0.5, 0.78), (0.12, 0.4), (0.68, 0.9), (0.06, 0.26))[variant]
    walls = block((-0.42, 0.42), (0.0, 0.6), (-0.42, 0.42), PAPER)
    face = [
        panel("front", DARK, across=(0.8 - door, 1 - door), along=(0.0, 0.42)),
        panel("front", BASE, across=(1 - windows[1], 1 - windows[0]), along=(0.25, 0.48)),
    ]
    roof = block(FULL, (0.58, 1.0), FULL, ACCENT, taper=(0.75, 0.0))
    return walls + moved(face, (0.84, 1.0, 0.85)) + roof


def _car(variant: int) -> list[Facet]:
    """A toy car seen from its side."""
    left, right = ((-0.28, 0.32), (-0.4, 0.44), (-0.1, 0.42), (-0.3, 0.2))[variant]
    cabin = block((left, right), (0.55, 1.0), (-0.44, 0.44), ACCENT, taper=(0.68, 0.8))
    middle, half = (left + right) / 2, (right - left) / 2 * 0.72
    glass = block((middle - half, middle + half), (0.58, 0.94), (-0.45, -0.4), DARK,
                  taper=(0.72, 1.0))  # fmt: skip
    wheels = [
        facet
        for x in (-0.28, 0.28)
        for facet in (*disc(x, 0.2, 0.17, DARK), *disc(x, 0.2, 0.07, PAPER, z=-0.505))
    ]
    return block(FULL, (0.16, 0.6), FULL, BASE) + cabin + glass + wheels


def _banana(variant: int) -> list[Facet]:
    turns = np.linspace(-1.0, 1.0, 8)
    bend = (0.75, 0.55, 0.9, 0.65)[variant]
    path = [(0.5 * float(t), 0.2 + bend * float(t * t) * 0.8, 0.0) for t in turns]
    radii = [0.04, 0.13, 0.19, 0.2, 0.2, 0.18, 0.13, 0.05]
    facets = tube(path, radii, BASE, across=(0.0, 0.0, 1.0))
    return [(corners, DARK if i < 6 else ink) for i, (corners, ink) in enumerate(facets)]


def _brush(variant: int) -> list[Facet]:
    """A scrubbing brush with a handle, or a broad paint brush."""
    if variant % 2:
        grip = tube([(0.5, 0.4, 0.0), (0.2, 0.45, 0.0), (-0.05, 0.5, 0.0)], [0.2, 0.3, 0.36],
                    BASE, across=(0.0, 0.0, 1.0))  # fmt: skip
        ferrule = block((-0.2, 0.0), (0.1, 0.9), (-0.45, 0.45), PAPER)
        return grip + ferrule + block((-0.5, -0.2), (0.15, 0.8), (-0.45, 0.45), ACCENT)
    bristles = [
        facet
        for i in range(6)
        for facet in block((-0.48 + i * 0.1, -0.4 + i * 0.1), (0.0, 0.55), (-0.42, 0.42),
                           PAPER if i % 2 else ACCENT)
    ]  # fmt: skip
    grip = block((0.1, 0.5), (0.62, 0.9), (-0.22, 0.22), BASE)
    return bristles + grip + block((-0.5, 0.13), (0.55, 1.0), FULL, BASE)


def _crate(side: int, ink: int, *, taper: float = 1.0) -> tuple[list[Facet], list[Facet]]:
    """An open box's inside and outside, walls narrowed at the foot by that share."""
    inside = [panel(f, DARK, inward=True) for f in ("bottom", *_SIDES)]
    outside = [panel(f, side) for f in _SIDES]
    if taper == 1.0:
        outside += [panel(f, ink, across=(0.25, 0.75), along=(0.3, 0.7)) for f in _SIDES]
    else:
        # Woven: rows of staves, every other one in the accent.
        outside += [
            panel(f, ink, across=(x / 8, (x + 1) / 8), along=(y / 5, (y + 1) / 5))
            for f in _SIDES for y in range(5) for x in range(y % 2, 8, 2)
        ]  # fmt: skip

    def narrow(facets: list[Facet]) -> list[Facet]:
        return [
            ([(x * t, y, z * t) for x, y, z in corners for t in (taper + (1 - taper) * y,)], swatch)
            for corners, swatch in facets
        ]

    return narrow(inside), narrow(outside)


def _flat(variant: int) -> dict[str, Callable[[], list[Facet]]]:
    crate, basket = _crate(BASE, ACCENT), _crate(BASE, ACCENT, taper=0.78)
    drawer = _crate(BASE, BASE)
    front = [
        *block((-0.54, 0.54), (-0.04, 1.08), (-0.55, -0.5), BASE),
        panel("front", ACCENT, across=(0.04, 0.96), along=(0.1, 0.9)),
        *disc(0.0, 0.5, 0.09, DARK, z=-0.57),
    ]
    front[6] = ([(x, y, -0.56) for x, y, _ in front[6][0]], ACCENT)
    return {
        "box": lambda: _box(variant),
        "book": lambda: _book(variant),
        "cube": lambda: _cube(variant),
        "pyramid": lambda: _pyramid(variant),
        "house": lambda: _house(variant),
        "car": lambda: _car(variant),
        "banana": lambda: _banana(variant),
        "brush": lambda: _brush(variant),
        "phone": lambda: _device(variant, screen=True),
        "remote": lambda: _remote(variant),
        "keyboard": lambda: _device(variant, screen=False),
        "lid": lambda: _slab(DARK, ACCENT),
        "screen": lambda: _slab(DARK, BASE),
        "cover": lambda: _slab(PAPER, ACCENT),
        "pages": lambda: [panel(f, PAPER) for f in (*_SIDES, "top")] + _lines(DARK),
        "sheets": lambda: [panel(f, PAPER) for f in (*_SIDES, "top")] + _lines(BASE),
        "slab": lambda: [panel(f, BASE) for f in (*_SIDES, "top", "bottom")],
        "plate": lambda: _plate(),
        "strip": lambda: _strip(),
        "carton": lambda: (
            [panel(f, BASE) for f in (*_SIDES, "top")]
            + [panel(f, ACCENT, across=(0.0, 1.0), along=(0.0, 0.16)) for f in _SIDES]
        ),
        "crate_inside": lambda: crate[0],
        "crate_outside": lambda: crate[1],
        "basket_inside": lambda: basket[0],
        "basket_outside": lambda: basket[1],
        "drawer_inside": lambda: drawer[0],
        "drawer_outside": lambda: [*drawer[1], *front],
    }


def _plate() -> list[Facet]:
    """A wall plate standing up; the two holes are in its front."""
    walls = [panel(f, PAPER) for f in (*_SIDES, "top")]
    frame = panel("front", BASE, across=(0.2, 0.8), along=(0.2, 0.8))
    holes = [panel("front", DARK, across=(x, x + 0.08), along=(0.42, 0.58)) for x in (0.34, 0.58)]
    return [*walls, frame, *holes]


def _strip() -> list[Facet]:
    """A power strip lying down; three outlets in its top, and a switch."""
    walls = [panel(f, PAPER) for f in (*_SIDES, "top")]
    outlets = [
        facet
        for x in (0.08, 0.38, 0.68)
        for facet in (
            panel("top", BASE, across=(x, x + 0.24), along=(0.15, 0.85)),
            panel("top", DARK, across=(x + 0.06, x + 0.09), along=(0.4, 0.6)),
            panel("top", DARK, across=(x + 0.15, x + 0.18), along=(0.4, 0.6)),
        )
    ]
    return [*walls, *outlets, panel("top", ACCENT, across=(0.94, 0.99), along=(0.3, 0.7))]


@lru_cache(maxsize=512)
def shape(name: str, *, segments: int = 16) -> Shape:
    """The unit shape of that name, its round parts cut into so many segments.

    Raises:
        KeyError: there is no such shape or variant.
    """
    kind, _, number = name.partition(".")
    variant = int(number or 0)
    if not 0 <= variant < VARIANTS:
        raise KeyError(name)
    facets = {**_flat(variant), **round_shapes(segments, variant)}[kind]()
    corners = np.asarray([corners for corners, _ in facets], dtype=np.float64)
    return Shape(corners, np.asarray([swatch for _, swatch in facets], dtype=np.int64))
