"""Forearm, sleeve and what is round the wrist: convex patches of one colour, lit from one side.

A place is u + iv in hand lengths: u along the arm from the wrist, or from the cuff, towards the
fingers, v across it to the side that is lit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from jaxtyping import Complex128, Float64

_END = -9.0  # out of the frame whatever is held


@dataclass(frozen=True)
class Patch:
    """A convex area.

    Attributes:
        corners: of the area.
        gain: brightness.
        cuffed: whether it is placed from the cuff, or else from the wrist.
        fine: whether a small picture can do without it.
    """

    corners: tuple[complex, ...]
    gain: float
    cuffed: bool = True
    fine: bool = False


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of one material in one array, in the order of painting.

    Attributes:
        points: the corners of all.
        cuffed: 1 where a corner moves with the cuff, or else 0.
        ends: behind each patch's last corner.
        gains: of each.
        fine: of each.
    """

    points: Complex128[np.ndarray, " n"]
    cuffed: Float64[np.ndarray, " n"]
    ends: tuple[int, ...]
    gains: tuple[float, ...]
    fine: tuple[bool, ...]

    @classmethod
    def of(cls, patches: Sequence[Patch]) -> "Patches":
        """Those patches."""
        return cls(
            points=np.array([corner for patch in patches for corner in patch.corners]),
            cuffed=np.array([float(patch.cuffed) for patch in patches for _ in patch.corners]),
            ends=tuple(accumulate(len(patch.corners) for patch in patches)),
            gains=tuple(patch.gain for patch in patches),
            fine=tuple(patch.fine for patch in patches),
        )


def _taper(
    start: tuple[float, float, float], end: tuple[float, float, float], gain: float
) -> Patch:
    """A strip of the bare arm: where along it, and between which two places across it."""
    (u0, a0, b0), (u1, a1, b1) = start, end
    corners = (complex(u0, a0), complex(u0, b0), complex(u1, b1), complex(u1, a1))
    return Patch(corners, gain, cuffed=False)


def _bow(u: float, width: float, low: float, high: float, gain: float, *, fine: bool) -> Patch:
    """A strip round the sleeve, bowed as on a round arm, between two shares of its breadth."""
    across = np.linspace(low, high, 5)
    bulge = 0.07 * (1 - across**2)
    breadth = 0.245 - 0.024 * u
    near = [complex(u + b, breadth * v) for b, v in zip(bulge, across, strict=True)]
    far = [point - width for point in reversed(near)]
    return Patch((*near, *far), gain, fine=fine)


def _cloth(low: float, high: float, gain: float, grow: float = 0.0) -> Patch:
    """A strip along the sleeve between two shares of its breadth."""
    across = np.linspace(low, high, 5)
    rim = [complex(0.07 * (1 - v * v) + grow, (0.245 + grow) * v) for v in across]
    return Patch((*rim, complex(_END, 0.46 * high + grow), complex(_END, 0.46 * low - grow)), gain)


def _fold(u: float, v: float, length: float, rise: float, gain: float) -> Patch:
    """A crease of the cloth, thin at both ends."""
    middle = complex(u - 0.5 * length, v + 0.5 * rise)
    ends = complex(u, v), complex(u - length, v + rise)
    return Patch((ends[0], middle + 0.022j, ends[1], middle - 0.012), gain, fine=True)


OPENING = Patches.of([
    Patch(tuple(0.045 * np.cos(a) + 0.25j * np.sin(a) for a in np.arange(12) * np.pi / 6), 0.38),
])  # fmt: skip
ARM = Patches.of([
    _taper((0.02, -0.165, 0.165), (-2.0, -0.25, 0.25), 0.5),
    _taper((0.04, -0.148, 0.148), (-2.0, -0.235, 0.235), 0.78),
    _taper((0.04, -0.065, 0.142), (-2.0, -0.11, 0.225), 1.0),
    _taper((0.04, 0.03, 0.105), (-2.0, 0.05, 0.17), 1.1),
    Patch((0.0 - 0.19j, 0.13 - 0.12j, 0.13 + 0.13j, 0.0 + 0.19j), 0.6),
])  # fmt: skip
BAND = Patches.of([
    Patch((-0.16 - 0.165j, -0.05 - 0.16j, -0.03 + 0j, -0.05 + 0.16j, -0.16 + 0.165j), 0.75, False),
    Patch((-0.15 - 0.03j, -0.04 - 0.03j, -0.05 + 0.13j, -0.15 + 0.13j), 1.3, False),
])  # fmt: skip
SLEEVE = Patches.of([
    _cloth(-1.0, 1.0, 0.5, 0.018),
    _cloth(-1.0, 1.0, 0.72),
    _cloth(-0.55, 0.95, 0.9),
    _cloth(-0.05, 0.8, 1.08),
    _fold(-0.30, -0.16, 0.30, 0.30, 0.66), _fold(-0.62, 0.20, 0.34, -0.26, 0.7),
    _fold(-1.05, -0.20, 0.36, 0.30, 0.64), _fold(-1.45, 0.22, 0.40, -0.30, 0.68),
    _bow(-0.17, 0.03, -1.0, 1.0, 0.55, fine=False),
])  # fmt: skip
STRIPES = Patches.of([
    patch
    for u in (-0.34, -0.66, -0.98, -1.30, -1.62, -1.94, -2.26, -2.58)
    for patch in (
        _bow(u, 0.12, -1.0, -0.4, 0.72, fine=False),
        _bow(u, 0.12, -0.4, 1.0, 0.95, fine=False),
    )
])  # fmt: skip
