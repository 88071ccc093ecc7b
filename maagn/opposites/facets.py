"""Building blocks of shapes: lists of convex four-cornered facets, each with a swatch.

Corners turn anticlockwise seen from outside, so a painter can leave out the facets that face away.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import cos, pi, sin

import numpy as np

BASE, ACCENT, DARK, PAPER = range(4)
Corner = tuple[float, float, float]
Range = tuple[float, float]
Facet = tuple[list[Corner], int]
Profile = Sequence[tuple[float, float, int]]
FULL: Range = (-0.5, 0.5)  # of x and z in a unit shape

_FACES: dict[str, Callable[[float, float], Corner]] = {
    "front": lambda a, b: (0.5 - a, b, -0.5),
    "back": lambda a, b: (a - 0.5, b, 0.5),
    "left": lambda a, b: (-0.5, b, a - 0.5),
    "right": lambda a, b: (0.5, b, 0.5 - a),
    "top": lambda a, b: (a - 0.5, 1.0, 0.5 - b),
    "bottom": lambda a, b: (a - 0.5, 0.0, b - 0.5),
}


def lathe(profile: Profile, *, segments: int, pattern: int = 0) -> list[Facet]:
    """Turn a profile of (radius, height, swatch of the ring that ends here) round the y axis.

    Args:
        profile: upwards it faces outwards, downwards inwards.
        segments: how many facets make a ring.
        pattern: of the accented rings: 0 plain, 1 stripes, 2 a label, 3 dots.
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
            _patterned(swatch, pattern, 14 * i // segments),
        )
        for (r0, y0, _), (r1, y1, swatch) in pairwise(profile)
        for i, ((c0, s0), (c1, s1)) in enumerate(pairwise(turns))
    ]


def _patterned(swatch: int, pattern: int, fourteenth: int) -> int:
    """The swatch of a ring at that fourteenth of its turn; the front is between 9 and 11."""
    if swatch != ACCENT or pattern == 0:
        return swatch
    if pattern == 1:
        return BASE if fourteenth % 2 else ACCENT
    if pattern == 2:
        return PAPER if 8 <= fourteenth <= 12 else ACCENT
    return PAPER if fourteenth % 3 == 1 else ACCENT


def panel(
    face: str,
    swatch: int,
    *,
    across: Range = (0.0, 1.0),
    along: Range = (0.0, 1.0),
    inward: bool = False,
) -> Facet:
    """Part of one face of the unit box, seen from outside or, for an open box, from inside."""
    place = _FACES[face]
    (a0, a1), (b0, b1) = across, along
    corners = [place(a0, b0), place(a1, b0), place(a1, b1), place(a0, b1)]
    return (corners[::-1] if inward else corners, swatch)


def _outwards(corners: list[Corner], swatch: int, inside: Corner) -> Facet:
    points = np.array(corners)
    normal = np.cross(points[2] - points[0], points[3] - points[1])
    faces_out = normal @ (points.mean(axis=0) - np.array(inside)) >= 0
    return (corners if faces_out else corners[::-1], swatch)


def block(x: Range, y: Range, z: Range, swatch: int, *, taper: Range = (1.0, 1.0)) -> list[Facet]:
    """A box between those bounds, its top shrunk in x and in z to those shares of its foot."""
    mid_x, mid_z = (x[0] + x[1]) / 2, (z[0] + z[1]) / 2
    half_x, half_z = (x[1] - x[0]) / 2, (z[1] - z[0]) / 2
    turns = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    foot, top = (
        [(mid_x + a * half_x * tx, height, mid_z + b * half_z * tz) for a, b in turns]
        for height, tx, tz in ((y[0], 1.0, 1.0), (y[1], *taper))
    )
    sides = [[foot[i], foot[i - 3], top[i - 3], top[i]] for i in (0, 1, 3, 2)]
    inside = (mid_x, (y[0] + y[1]) / 2, mid_z)
    return [_outwards(corners, swatch, inside) for corners in (foot, *sides, top)]


def tube(
    path: Sequence[Corner], radii: Sequence[float], swatch: int, *, across: Corner
) -> list[Facet]:
    """A six-sided tube along a path in one plane.

    Args:
        path: points of its middle line, the ones to be painted last at the end.
        radii: at each point.
        swatch: of all of it.
        across: unit normal of the plane.
    """
    points, aside = np.array(path), np.array(across)
    along = np.gradient(points, axis=0)
    up = np.cross(aside, along / np.linalg.norm(along, axis=1, keepdims=True))
    turns = np.arange(7) * (pi / 3)
    rings = [
        [
            (float(q[0]), float(q[1]), float(q[2]))
            for q in (p + r * (cos(t) * u + sin(t) * aside) for t in turns)
        ]
        for p, r, u in zip(points, radii, up, strict=True)
    ]
    facets = []
    for i, (ring, further) in enumerate(pairwise(rings)):
        inside = tuple(((points[i] + points[i + 1]) / 2).tolist())
        facets += [
            _outwards([ring[k], ring[k + 1], further[k + 1], further[k]], swatch, inside)
            for k in range(6)
        ]
    return facets


def handle(
    profile: Sequence[tuple[float, float]], radii: Sequence[float], swatch: int, *, azimuth: float
) -> list[Facet]:
    """A tube along (distance from the y axis, height), standing out at that azimuth in degrees.

    At azimuth 0 it points to the right, at -90 to the front.
    """
    c, s = cos(azimuth * pi / 180), sin(azimuth * pi / 180)
    return tube([(r * c, y, r * s) for r, y in profile], radii, swatch, across=(-s, 0.0, c))


def disc(x: float, y: float, radius: float, swatch: int, *, z: float = -0.501) -> list[Facet]:
    """An octagon that faces the front, at that place and depth."""
    ring: list[Corner] = [
        (x + radius * cos((i + 0.5) * pi / 4), y + radius * sin((i + 0.5) * pi / 4), z)
        for i in range(8)
    ]
    quads = ([0, 1, 2, 3], [0, 3, 4, 7], [4, 5, 6, 7])
    return [_outwards([ring[i] for i in quad], swatch, (x, y, z + 1)) for quad in quads]


def moved(
    facets: list[Facet], scale: Corner, shift: Corner = (0.0, 0.0, 0.0), *, laid: bool = False
) -> list[Facet]:
    """The same facets, turned over to the right where they are laid, then stretched and moved."""

    def place(corner: Corner) -> Corner:
        x, y, z = (corner[1] - 0.5, 0.5 - corner[0], corner[2]) if laid else corner
        return (x * scale[0] + shift[0], y * scale[1] + shift[1], z * scale[2] + shift[2])

    return [([place(corner) for corner in corners], swatch) for corners, swatch in facets]
