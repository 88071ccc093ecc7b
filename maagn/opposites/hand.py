"""A hand with its forearm and sleeve, holding something between thumb and fingers.

A place on it is a complex number u + iv in hand lengths: u from the wrist to the fingertips, v
across the hand to the thumb's side. What is held is at the origin.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from math import cos, hypot, radians, sin

import cv2
import numpy as np
from jaxtyping import Complex128, Float64, Int32

from maagn.opposites.paint import Canvas, Colour, Point
from maagn.opposites.sleeve import ARM, BAND, OPENING, SLEEVE, STRIPES, Patches

WRIST = -0.64 + 0j
_KNUCKLES = np.array([-0.30 - 0.165j, -0.22 - 0.06j, -0.18 + 0.055j, -0.21 + 0.165j])
_BONES = np.array([[0.17, 0.11, 0.09], [0.22, 0.14, 0.10], [0.24, 0.15, 0.11], [0.22, 0.13, 0.10]])
_THUMB_SHAPE, _THUMB_BONES = -0.47 + 0.12j, np.array([0.21, 0.21, 0.17])
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
_PALM_SHAPE = np.array([-0.64 - 0.07j, -0.64 + 0.07j, -0.48 + 0.08j, *_KNUCKLES])
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
    joints[:4, 0], joints[4, 0] = _KNUCKLES, _THUMB_SHAPE
    steps = np.exp(1j * fan)[:, None] * np.cos(curl) + 1j * _SLANT * np.sin(curl)
    joints[:4, 1:] = _KNUCKLES[:, None] + np.cumsum(_BONES * steps, axis=1)
    joints[4, 1:] = _THUMB_SHAPE + np.cumsum(_THUMB_BONES * np.exp(1j * opposed))
    return joints


def palm() -> tuple[Complex128[np.ndarray, " n"], Float64[np.ndarray, " n"]]:
    """Middles and radii of the circles whose convex hull is the palm."""
    return _PALM_SHAPE, _PALM_RADII


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


_SKINS: tuple[Colour, ...] = (
    (255, 224, 196), (243, 206, 172), (234, 192, 134), (224, 172, 120), (210, 160, 115),
    (198, 134, 90), (172, 115, 75), (141, 85, 54), (112, 68, 44), (88, 54, 38), (68, 42, 32),
)  # fmt: skip
_PALM: Colour = (226, 172, 150)  # towards which the inner side of every hand goes
_BANDS = ((52.0, 50.0, 56.0), (120.0, 72.0, 44.0), (176.0, 178.0, 184.0), (170.0, 40.0, 48.0))
_SHIFT = 4
_FINE = 40.0  # pixels of a hand's length from which nails, creases and folds are seen
_FINGERS, _THUMB = slice(0, 4), slice(4, 5)


@dataclass(frozen=True)
class HandLook:
    """What a hand looks like and where its arm comes from; nothing here depends on the action.

    Attributes:
        name: of the identity, e.g. `train-hand-3`.
        skin: RGB in [0, 255].
        sleeve: RGB in [0, 255].
        stripe: of the sleeve, RGB in [0, 255]; a plain sleeve has none.
        cuff: where the sleeve ends, in hand lengths behind what is held.
        side: degrees round the frame from which the arm comes: 0 right, 90 below, 180 left.
        left: whether the thumb is on the other side.
        fingers_front: whether the fingers, or else the thumb, are before what is held.
        length: of the hand in table units.
        band: colour of what is round the wrist, RGB in [0, 255], if anything is.
        bend: radians by which the hand is turned at the wrist.
    """

    name: str
    skin: Colour
    sleeve: Colour
    stripe: Colour | None
    cuff: float
    side: float
    left: bool
    fingers_front: bool
    length: float
    band: Colour | None
    bend: float

    @classmethod
    def draw(cls, rng: np.random.Generator, name: str) -> "HandLook":
        """The hand of that name, whose own random numbers these are."""
        skin = np.array(_SKINS[rng.integers(len(_SKINS))]) * rng.uniform(0.93, 1.05)
        sleeve = rng.uniform(20, 235, size=3)
        sleeve = sleeve.mean() + (sleeve - sleeve.mean()) * rng.uniform(0.1, 1.0)
        stripe = sleeve + rng.uniform(50, 90) * (1 if sleeve.mean() < 128 else -1)
        band = _BANDS[rng.integers(len(_BANDS))]
        return cls(
            name=name,
            skin=_rgb(skin),
            sleeve=_rgb(sleeve),
            stripe=_rgb(stripe) if rng.random() < 0.35 else None,
            cuff=-rng.uniform(0.95, 1.75),
            side=0.0,
            left=bool(rng.random() < 0.5),
            fingers_front=True,
            length=rng.uniform(0.5, 0.62),
            band=band if rng.random() < 0.3 else None,
            bend=0.0,
        )

    def placed(self, rng: np.random.Generator, side: tuple[float, float]) -> "HandLook":
        """The same hand as a clip shows it, its arm from that range of sides."""
        front = bool(rng.random() < 0.65)
        bend = rng.uniform(-0.28, 0.28)
        return replace(self, side=rng.uniform(*side), fingers_front=front, bend=bend)


@dataclass(frozen=True)
class Grip:
    """A hand that holds, or is on its way to hold.

    Attributes:
        look: which hand.
        at: the middle of what it holds, in the world.
        radius: half the width of what it holds, in table units.
        rise: the same for an arm from below, where more of a tall thing is kept in view.
        reach: 0 with the hand out of the frame, 1 with it holding; it closes over the last fifth.
    """

    look: HandLook
    at: Point
    radius: float
    rise: float
    reach: float = 1.0

    @property
    def closed(self) -> float:
        """How far the hand is closed, in [0, 1]."""
        x = min(1.0, max(0.0, self.reach * 5 - 4))
        return x * x * (3 - 2 * x)


def _rgb(values: Float64[np.ndarray, "3"]) -> Colour:
    r, g, b = np.clip(values, 0, 255).round().tolist()
    return (r, g, b)


def _shade(colour: Colour, gain: float) -> Colour:
    r, g, b = colour
    return (min(255.0, r * gain), min(255.0, g * gain), min(255.0, b * gain))


def _corners(points: Complex128[np.ndarray, "*n"]) -> Int32[np.ndarray, "*n 2"]:
    """Canvas places as OpenCV wants them, with fractional bits."""
    fixed = np.ascontiguousarray(points * (1 << _SHIFT)).view(np.float64)
    return np.rint(fixed).astype(np.int32).reshape(*points.shape, 2)


class HandPainter:
    """Paints the two layers of one grip: what is behind the held thing, then what is before it."""

    def __init__(self, canvas: Canvas, grip: Grip) -> None:
        self._canvas, self._grip, self._look = canvas, grip, grip.look
        look, table_unit = grip.look, canvas.camera.scale(grip.at) * canvas.width
        self._unit = look.length * table_unit
        self._fine = self._unit >= _FINE
        angle = radians(look.side)
        away = complex(cos(angle), sin(angle))
        # The origin lies within the near side of what is held, which the fingertips overlap.
        gap = hypot(grip.radius * away.real, grip.rise * away.imag) * table_unit * 0.78
        absent = (1 - grip.reach) * canvas.width * 1.5
        x, y = canvas.place(np.array(grip.at)).tolist()
        self._origin = complex(x, y) + away * (gap + absent)
        self._along = -away * self._unit
        lx, ly, _ = canvas.light
        light = complex(lx, -0.6 * abs(ly))
        self._light = light / (abs(light) or 1.0)
        self._pinch = max(0.0, 1 - 2.4 * gap / self._unit)
        self._visible = grip.reach > 0.02

    def behind(self) -> None:
        """The part that what is held will hide."""
        if self._visible:
            self._digits(_THUMB if self._look.fingers_front else _FINGERS, dim=0.84, nails=False)

    def front(self) -> None:
        """Arm, palm, and the part of the grip before what is held."""
        if not self._visible:
            return
        look = self._look
        self._patches(OPENING, look.sleeve)
        self._patches(ARM, look.skin)
        if look.band:
            self._patches(BAND, look.band)
        self._palm()
        self._digits(_FINGERS if look.fingers_front else _THUMB, dim=1.0, nails=True)
        self._patches(SLEEVE, look.sleeve)
        if look.stripe:
            self._patches(STRIPES, look.stripe)

    def shadow(self) -> list[Int32[np.ndarray, "n 2"]]:
        """What hand and arm roughly keep from the light: convex outlines in canvas pixels.

        They are the hand's own, moved to where the light throws them on the table.
        """
        if not self._visible:
            return []
        (x, y, z), light = self._grip.at, self._canvas.light
        way = 0.25 * max(y, 0.0) + 0.06
        foot = self._canvas.place(np.array([x - light[0] * way, 0.0, z - light[2] * way]))
        drop = complex(*foot.tolist()) - complex(*self._canvas.place(np.array(self._grip.at)))
        tips = np.concatenate([palm()[0], pose(self._grip.closed, self._pinch).ravel()])
        hand = self._place(tips) + drop
        arm = self._lay(np.array([0.15 - 0.12j, -9 - 0.35j, -9 + 0.35j, 0.15 + 0.12j])) + drop
        return [
            cv2.convexHull(np.rint(np.stack([p.real, p.imag], axis=-1)).astype(np.int32))[:, 0]
            for p in (hand, arm)
        ]

    def _place(self, local: Complex128[np.ndarray, "*n"]) -> Complex128[np.ndarray, "*n"]:
        """Places of the hand in canvas pixels."""
        bent = local * complex(cos(self._look.bend), sin(self._look.bend))
        return self._origin + self._along * (bent.conj() if self._look.left else bent)

    def _lay(self, local: Complex128[np.ndarray, " n"]) -> Complex128[np.ndarray, " n"]:
        """Places along the forearm from the wrist, whose +v is the lit side, in canvas pixels."""
        lit = (self._light * (self._along * 1j).conjugate()).real > 0
        return self._wrist + self._along * (local if lit else local.conj())

    @cached_property
    def _wrist(self) -> complex:
        bent = WRIST * complex(cos(self._look.bend), sin(self._look.bend))
        return self._origin + self._along * (bent.conjugate() if self._look.left else bent)

    @cached_property
    def _joints(self) -> Complex128[np.ndarray, "5 4"]:
        return self._place(pose(self._grip.closed, self._pinch))

    @cached_property
    def _passes(self) -> list[tuple[float, float, float, float]]:
        """Outline, dark side, flesh and, where seen, ridge: radius, growth, shift, gain."""
        edge = max(0.6, 0.016 * self._unit)
        passes = [(1.0, edge, 0.0, 0.54), (1.0, 0.0, 0.0, 0.78), (0.74, 0.0, 0.24, 1.0)]
        return [*passes, (0.34, 0.0, 0.44, 1.12)] if self._fine else passes

    @cached_property
    def _limbs(self) -> Int32[np.ndarray, "p 15 c 2"]:
        """Every pass's outlines of every bone."""
        ends, radii = limbs_of(self._joints), LIMB_RADII * self._unit
        corners = 9 if self._fine else 5
        around = directions(ends, radii, corners=corners)
        middles = np.repeat(ends[:, ::-1], corners, axis=1)
        thick = np.repeat(radii[:, ::-1], corners, axis=1)
        scale, grow, shift = np.array(self._passes).T[:3, :, None, None]
        outlines = middles + around * (thick * scale) + thick * (self._light * shift)
        # Outlines run out at a finger's root, lest the knuckles look like cut-outs.
        around[:12:3, corners:] = 0.0
        return _corners(outlines + around * grow)

    def _fill(self, corners: Int32[np.ndarray, "n 2"], colour: Colour) -> None:
        ink = self._canvas.ink or colour
        cv2.fillConvexPoly(self._canvas.pixels, corners, ink, cv2.LINE_8, _SHIFT)

    def _flesh(self, *, inner: bool) -> Colour:
        """The colour of the skin, on the inner side of the hand nearer to every other's."""
        if not inner:
            return self._look.skin
        r, g, b = (0.68 * s + 0.32 * p for s, p in zip(self._look.skin, _PALM, strict=True))
        return (r, g, b)

    def _digits(self, which: slice, *, dim: float, nails: bool) -> None:
        flesh = self._flesh(inner=not nails and which == _FINGERS)
        colours = [_shade(flesh, gain * dim) for *_, gain in self._passes]
        for digit in range(5)[which]:
            bones = range(3 * digit, 3 * digit + 3)
            for layer, colour in zip(self._limbs, colours, strict=True):
                for bone in bones:
                    self._fill(layer[bone], colour)
            if self._fine:
                self._creases(digit, _shade(flesh, 0.62 * dim))
                if nails:
                    self._nail(digit, flesh)

    def _creases(self, digit: int, colour: Colour) -> None:
        joints, radii = self._joints[digit], RADII[digit] * self._unit
        thick = max(1, round(0.012 * self._unit))
        ink = self._canvas.ink or colour
        for joint in (1, 2):
            axis = joints[joint] - joints[joint - 1]
            across = 1j * axis / (abs(axis) + 1e-9) * radii[joint] * 0.55
            line = _corners(np.array([joints[joint] - across, joints[joint] + across]))
            cv2.polylines(self._canvas.pixels, [line], False, ink, thick, cv2.LINE_AA, _SHIFT)

    def _nail(self, digit: int, flesh: Colour) -> None:
        before, tip = self._joints[digit, 2:]
        radius = RADII[digit, 3] * self._unit
        axis = (tip - before) / (abs(tip - before) + 1e-9)
        turns = np.linspace(0, 2 * np.pi, 10, endpoint=False)
        for size, colour in ((1.0, _shade(flesh, 0.7)), (0.8, _nail_of(flesh))):
            oval = (0.78 * np.cos(turns) + 0.58j * np.sin(turns)) * radius * size
            self._fill(_corners(tip + axis * (0.22 * radius + oval)), colour)

    def _palm(self) -> None:
        middles, radii = palm()
        places, sizes = self._place(middles), radii * self._unit
        flesh = self._flesh(inner=not self._look.fingers_front)
        turns = np.exp(1j * np.linspace(0, 2 * np.pi, 12, endpoint=False))
        for scale, grow, shift, gain in self._passes[:3]:
            rings = (places + self._light * sizes * shift)[:, None]
            rings = rings + turns * (sizes * scale + grow)[:, None]
            hull = cv2.convexHull(_corners(rings.ravel()))
            self._fill(hull[:, 0], _shade(flesh, gain))

    def _patches(self, patches: Patches, colour: Colour) -> None:
        moved = patches.points + patches.cuffed * (self._look.cuff - WRIST.real)
        corners = _corners(self._lay(moved))
        start = 0
        for end, gain, fine in zip(patches.ends, patches.gains, patches.fine, strict=True):
            if self._fine or not fine:
                self._fill(corners[start:end], _shade(colour, gain))
            start = end


def _nail_of(flesh: Colour) -> Colour:
    r, g, b = (0.6 * f + 0.4 * n for f, n in zip(flesh, (250, 214, 200), strict=True))
    return (r, g, b)
