"""The shape of a hand: its joints, how thick it is at each, and the outlines of its limbs.

A place is a complex number u + iv in hand lengths: u from the wrist to the fingertips, v across the
hand to the thumb's side. What is held is at the origin.
"""

import numpy as np
from jaxtyping import Complex128, Float64

WRIST = -0.64 + 0j
_KNUCKLES = np.array([-0.30 - 0.165j, -0.22 - 0.06j, -0.18 + 0.055j, -0.21 + 0.165j])
_BONES = np.array([[0.17, 0.11, 0.09], [0.22, 0.14, 0.10], [0.24, 0.15, 0.11], [0.22, 0.13, 0.10]])
_THUMB, _THUMB_BONES = -0.47 + 0.12j, np.array([0.21, 0.21, 0.17])
RADII = np.array([
    [0.062, 0.054, 0.048, 0.038], [0.070, 0.061, 0.054, 0.043], [0.072, 0.063, 0.056, 0.045],
    [0.070, 0.062, 0.055, 0.044], [0.105, 0.080, 0.069, 0.050],
])  # fmt: skip
_FAN = np.array([-0.42, -0.15, 0.06, 0.27])  # of the open fingers, in radians
# How far each bone points away from the picture's plane, and the thumb's angles within it, for a
# hand that is open, one round a wide thing, and one that pinches.
_CURL = np.array([[0.05, 0.25, 0.50], [0.15, 0.55, 1.00], [0.55, 1.10, 1.50]])
_OPPOSED = np.array([[0.95, 0.75, 0.60], [0.50, 0.12, -0.34], [0.50, 0.00, -0.62]])
_SLANT = 0.35  # how much of what points away is seen across the hand
_PALM = np.array([-0.64 - 0.07j, -0.64 + 0.07j, -0.48 + 0.08j, *_KNUCKLES])
_PALM_RADII = np.array([0.09, 0.09, 0.125, 0.062, 0.066, 0.068, 0.066])


def pose(closed: float, pinch: float) -> Complex128[np.ndarray, "5 4"]:
    """The joints of little finger, ring finger, middle finger, index and thumb, root to tip.

    Args:
        closed: 0 with the hand open, 1 with it closed round what it holds.
        pinch: 0 round something wide, 1 round something thin.
    """
    shares = np.array([1 - closed, closed * (1 - pinch), closed * pinch])
    curl, opposed = shares @ _CURL, shares @ _OPPOSED
    fan = _FAN * (1 - 0.75 * closed)
    joints = np.empty((5, 4), complex)
    joints[:4, 0], joints[4, 0] = _KNUCKLES, _THUMB
    steps = np.exp(1j * fan)[:, None] * np.cos(curl) + 1j * _SLANT * np.sin(curl)
    joints[:4, 1:] = _KNUCKLES[:, None] + np.cumsum(_BONES * steps, axis=1)
    joints[4, 1:] = _THUMB + np.cumsum(_THUMB_BONES * np.exp(1j * opposed))
    return joints


def palm() -> tuple[Complex128[np.ndarray, " n"], Float64[np.ndarray, " n"]]:
    """Middles and radii of the circles whose convex hull is the palm."""
    return _PALM, _PALM_RADII


def directions(
    ends: Complex128[np.ndarray, "n 2"], radii: Float64[np.ndarray, "n 2"], *, corners: int
) -> Complex128[np.ndarray, "n c"]:
    """From a circle's middle to the corners of the convex hull of two circles, for radius 1.

    Args:
        ends: the two middles of each limb.
        radii: at those.
        corners: how many corners each of its two ends gets.
    """
    axis = ends[:, 1] - ends[:, 0]
    length = np.abs(axis) + 1e-9
    half = np.arccos(np.clip((radii[:, 0] - radii[:, 1]) / length, -1, 1))[:, None]
    sweep = np.linspace(-1, 1, corners)
    turns = np.concatenate([sweep * half, np.pi + sweep * (np.pi - half)], axis=1)
    around: Complex128[np.ndarray, "n c"] = (axis / length)[:, None] * np.exp(1j * turns)
    return around


def limbs_of(joints: Complex128[np.ndarray, "d 4"]) -> Complex128[np.ndarray, "n 2"]:
    """Both ends of every bone, digit after digit."""
    return np.stack([joints[:, :-1], joints[:, 1:]], axis=-1).reshape(-1, 2)


# Both radii of every bone, in the order of `limbs_of`.
LIMB_RADII = np.stack([RADII[:, :-1], RADII[:, 1:]], axis=-1).reshape(-1, 2)
