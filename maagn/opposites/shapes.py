"""Unit shapes as lists of convex four-cornered facets, already in the order in which to paint them.

A shape stands on its foot: y runs from 0 to 1, x and z from -0.5 to 0.5. Corners turn anticlockwise
seen from outside, so a painter can leave out the facets that face away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import cos, pi, sin

import numpy as np
from jaxtyping import Float64, Int64

BASE, ACCENT, DARK, PAPER = range(4)
Corner = tuple[float, float, float]
Facet = tuple[list[Corner], int]
Profile = Sequence[tuple[float, float, int]]

_FACES: dict[str, Callable[[float, float], Corner]] = {
    "front": lambda a, b: (0.5 - a, b, -0.5),
    "back": lambda a, b: (a - 0.5, b, 0.5),
    "left": lambda a, b: (-0.5, b, a - 0.5),
    "right": lambda a, b: (0.5, b, 0.5 - a),
    "top": lambda a, b: (a - 0.5, 1.0, 0.5 - b),
    "bottom": lambda a, b: (a - 0.5, 0.0, b - 0.5),
}


@dataclass(frozen=True, eq=False)
class Shape:
    """Facets and the swatch of each.

    Attributes:
        facets: corners of each facet, in units of the shape's size.
        swatches: 0 base, 1 accent, 2 dark, 3 paper.
    """

    facets: Float64[np.ndarray, "n 4 3"]
    swatches: Int64[np.ndarray, " n"]


def lathe(profile: Profile, *, segments: int) -> list[Facet]:
    """Turn a profile of (radius, height, swatch of the ring that ends here) round the y axis.

    A profile that runs upwards faces outwards, one that runs downwards faces inwards.
    """
    turns = [(cos(2 * pi * i / segments), sin(2 * pi * i / segments)) for i in range(segments + 1)]
    return [
        (
            [
                (r0 * c1, y0, r0 * s1),
                (r0 * c0, y0, r0 * s0),
                (r1 * c0, y1, r1 * s0),
                (r1 * c1, y1, r1 * s1),
            ],
            swatch,
        )
        for (r0, y0, _), (r1, y1, swatch) in pairwise(profile)
        for (c0, s0), (c1, s1) in pairwise(turns)
    ]


def panel(
    face: str,
    swatch: int,
    *,
    across: tuple[float, float] = (0.0, 1.0),
    along: tuple[float, float] = (0.0, 1.0),
    inward: bool = False,
) -> Facet:
    """Part of one face of the unit box, seen from outside or, for an open box, from inside."""
    place = _FACES[face]
    (a0, a1), (b0, b1) = across, along
    corners = [place(a0, b0), place(a1, b0), place(a1, b1), place(a0, b1)]
    return (corners[::-1] if inward else corners, swatch)


def _sphere(rings: int, segments: int) -> list[Facet]:
    profile = [
        (
            0.5 * sin(pi * i / rings),
            0.5 - 0.5 * cos(pi * i / rings),
            ACCENT if i == rings // 2 + 1 else BASE,
        )
        for i in range(rings + 1)
    ]
    return lathe(profile, segments=segments)


def _box() -> list[Facet]:
    walls = [panel(face, BASE) for face in ("back", "left", "right", "front", "top")]
    prints = [
        panel("front", ACCENT, across=(0.12, 0.88), along=(0.3, 0.75)),
        panel("left", ACCENT, across=(0.12, 0.88), along=(0.3, 0.75)),
        panel("right", ACCENT, across=(0.12, 0.88), along=(0.3, 0.75)),
        panel("top", PAPER, across=(0.4, 0.6)),
    ]
    return walls + prints


def _slab(bottom: int, top: int) -> list[Facet]:
    """A thin board: the underside and the top have swatches of their own."""
    walls = [panel(face, BASE) for face in ("back", "left", "right", "front")]
    faces = [panel("bottom", BASE), panel("top", BASE)]
    inlays = [
        panel("bottom", bottom, across=(0.07, 0.93), along=(0.08, 0.92)),
        panel("top", top, across=(0.2, 0.8), along=(0.35, 0.75)),
    ]
    return walls + faces + inlays


def _book() -> list[Facet]:
    pages = [panel(face, PAPER, along=(0.15, 0.85)) for face in ("right", "front", "back")]
    covers = [panel(face, BASE) for face in ("back", "left", "right", "front")]
    title = panel("top", ACCENT, across=(0.15, 0.85), along=(0.55, 0.8))
    return [*covers, *pages, panel("top", BASE), title]


def _pages() -> list[Facet]:
    text = [
        panel("top", DARK, across=(0.12, 0.88), along=(y, y + 0.03))
        for y in np.arange(0.12, 0.9, 0.11)
    ]
    walls = [panel(face, PAPER) for face in ("back", "left", "right", "front", "top")]
    return walls + text


def _keyboard() -> list[Facet]:
    walls = [panel(face, BASE) for face in ("back", "left", "right", "front", "top")]
    return [
        *walls,
        panel("top", DARK, across=(0.07, 0.93), along=(0.45, 0.92)),
        panel("top", DARK, across=(0.35, 0.65), along=(0.06, 0.34)),
    ]


_SIDES = ("back", "left", "right", "front")
_BOTTLE = (
    (0.0, 0.0, BASE), (0.5, 0.0, BASE), (0.5, 0.2, BASE), (0.5, 0.48, ACCENT), (0.5, 0.6, BASE),
    (0.17, 0.8, BASE), (0.17, 0.88, BASE), (0.2, 0.88, PAPER), (0.2, 1.0, PAPER), (0.0, 1.0, PAPER),
)  # fmt: skip
_CAN = (
    (0.44, 0.0, PAPER), (0.5, 0.06, PAPER),
    (0.5, 0.3, BASE), (0.5, 0.65, ACCENT), (0.5, 0.93, BASE),
    (0.44, 1.0, PAPER), (0.38, 0.97, DARK), (0.0, 0.97, PAPER),
)  # fmt: skip
_CUP_INSIDE = ((0.5, 1.0, DARK), (0.45, 0.6, BASE), (0.38, 0.12, DARK), (0.0, 0.12, DARK))
_CUP_OUTSIDE = ((0.4, 0.0, BASE), (0.46, 0.35, BASE), (0.49, 0.6, ACCENT), (0.52, 0.95, BASE),
                (0.53, 1.0, PAPER), (0.5, 1.0, PAPER))  # fmt: skip
# An upturned cup or dome: closed at the top, its mouth on the table.
_DOME = ((0.53, 0.0, PAPER), (0.5, 0.08, PAPER), (0.5, 0.35, BASE), (0.47, 0.6, ACCENT),
         (0.4, 0.9, BASE), (0.3, 1.0, BASE), (0.0, 1.0, BASE))  # fmt: skip


def _facets(name: str, segments: int) -> list[Facet]:
    if name == "ball":
        return _sphere(segments // 2, segments)
    if name == "mug":
        return lathe(_CUP_INSIDE, segments=segments) + lathe(_CUP_OUTSIDE, segments=segments)
    profiles: dict[str, Profile] = {
        "bottle": _BOTTLE,
        "can": _CAN,
        "bowl_inside": _CUP_INSIDE,
        "bowl_outside": _CUP_OUTSIDE,
        "dome": _DOME,
    }
    if name in profiles:
        return lathe(profiles[name], segments=segments)
    flat: dict[str, list[Facet]] = {
        "box": _box(),
        "book": _book(),
        "lid": _slab(DARK, ACCENT),
        "screen": _slab(DARK, BASE),
        "cover": _slab(PAPER, ACCENT),
        "pages": _pages(),
        "keyboard": _keyboard(),
        "crate_inside": [panel("bottom", DARK, inward=True)]
        + [panel(face, DARK, inward=True) for face in _SIDES],
        "crate_outside": [panel(face, BASE) for face in _SIDES]
        + [panel(face, ACCENT, across=(0.25, 0.75), along=(0.3, 0.7)) for face in _SIDES],
    }
    return flat[name]


@lru_cache(maxsize=128)
def shape(name: str, *, segments: int = 16) -> Shape:
    """The unit shape of that name, its round parts cut into so many segments.

    Raises:
        KeyError: there is no such shape.
    """
    facets = _facets(name, segments)
    corners = np.asarray([corners for corners, _ in facets], dtype=np.float64)
    return Shape(corners, np.asarray([swatch for _, swatch in facets], dtype=np.int64))
