"""A hand with its forearm and sleeve, drawn flat, holding something between thumb and fingers."""

from dataclasses import dataclass
from math import cos, radians, sin

import cv2
import numpy as np
from jaxtyping import Float64

from maagn.opposites.paint import Canvas, Colour, Point

_SKINS: tuple[Colour, ...] = (
    (255, 224, 196), (243, 206, 172), (234, 192, 134), (224, 172, 120), (210, 160, 115),
    (198, 134, 90), (172, 115, 75), (141, 85, 54), (112, 68, 44), (88, 54, 38), (68, 42, 32),
)  # fmt: skip
_SHIFT = 4
# The hand lies along u from wrist to fingertips, v across it; what is held is at the origin.
_PALM = np.array([[-0.82, -0.15], [-0.62, -0.24], [-0.36, -0.25], [-0.24, -0.14], [-0.22, 0.15],
                  [-0.34, 0.25], [-0.6, 0.22], [-0.82, 0.15]])  # fmt: skip
_FOREARM = np.array(
    [[-4.0, -0.27], [-1.3, -0.2], [-0.78, -0.15], [-0.78, 0.15], [-1.3, 0.2], [-4.0, 0.27]]
)
_SLEEVE = np.array([[-4.5, -0.36], [0.0, -0.29], [0.04, 0.0], [0.0, 0.29], [-4.5, 0.36]])
_FINGERS = tuple(
    np.array([[-0.32, v], [-0.1, v * 1.25], [0.1 + reach, v * 1.02]])
    for v, reach in ((-0.18, 0.06), (-0.06, 0.14), (0.06, 0.12), (0.175, 0.0))
)
_THUMB = np.array([[-0.58, 0.2], [-0.3, 0.36], [-0.02, 0.27]])


@dataclass(frozen=True)
class HandLook:
    """What a hand looks like and where its arm comes from; nothing here depends on the action.

    Attributes:
        skin: RGB in [0, 255].
        sleeve: RGB in [0, 255].
        cuff: where the sleeve ends, in hand lengths behind what is held.
        side: degrees round the frame from which the arm comes: 0 right, 90 below, 180 left.
        left: whether the thumb is on the other side.
        fingers_front: whether the fingers, or else the thumb, are before what is held.
        length: of the hand in table units.
        jewel: whether there is a wrist band.
    """

    skin: Colour
    sleeve: Colour
    cuff: float
    side: float
    left: bool
    fingers_front: bool
    length: float
    jewel: bool

    @classmethod
    def draw(
        cls, rng: np.random.Generator, *, side: tuple[float, float] = (-12, 192)
    ) -> "HandLook":
        """A hand at random, its arm from that range of sides."""
        skin = np.array(_SKINS[rng.integers(len(_SKINS))]) * rng.uniform(0.93, 1.05)
        sleeve = rng.uniform(20, 235, size=3)
        sleeve = sleeve.mean() + (sleeve - sleeve.mean()) * rng.uniform(0.1, 1.0)
        return cls(
            skin=_rgb(skin),
            sleeve=_rgb(sleeve),
            cuff=-rng.uniform(1.0, 1.9),
            side=rng.uniform(*side),
            left=bool(rng.random() < 0.5),
            fingers_front=bool(rng.random() < 0.65),
            length=rng.uniform(0.55, 0.68),
            jewel=bool(rng.random() < 0.25),
        )


@dataclass(frozen=True)
class Grip:
    """A hand that holds, or is on its way to hold.

    Attributes:
        look: which hand.
        at: the middle of what it holds, in the world.
        radius: half the width of what it holds, in table units.
        reach: 0 with the hand out of the frame, 1 with it holding.
    """

    look: HandLook
    at: Point
    radius: float
    reach: float = 1.0


def _rgb(values: Float64[np.ndarray, "3"]) -> Colour:
    r, g, b = np.clip(values, 0, 255).round().tolist()
    return (r, g, b)


def _shade(colour: Colour, gain: float) -> Colour:
    return (
        min(255.0, colour[0] * gain),
        min(255.0, colour[1] * gain),
        min(255.0, colour[2] * gain),
    )


class HandPainter:
    """Paints the two layers of one grip: what is behind the held thing, then what is before it."""

    def __init__(self, canvas: Canvas, grip: Grip) -> None:
        self._pixels = canvas.pixels
        self._look = grip.look
        self._unit = grip.look.length * canvas.camera.scale(grip.at) * canvas.width
        angle = radians(grip.look.side)
        away = np.array([cos(angle), sin(angle)])
        u, v = -away, np.array([away[1], -away[0]])
        v = -v if grip.look.left else v
        held = canvas.place(np.array(grip.at))
        gap = grip.radius * canvas.camera.scale(grip.at) * canvas.width
        absent = (1 - grip.reach) * canvas.width * 1.5
        self._origin = held + away * (max(0.0, gap * 0.92 - 0.12 * self._unit) + absent)
        self._axes = np.stack([u, v]) * self._unit
        self._visible = grip.reach > 0.02

    def behind(self) -> None:
        """The part that what is held will hide."""
        if self._visible:
            (self._thumb if self._look.fingers_front else self._fingers)()

    def front(self) -> None:
        """Arm, palm, and the part of the grip before what is held."""
        if not self._visible:
            return
        skin = self._look.skin
        self._polygon(_FOREARM, _shade(skin, 0.92))
        self._line(_FOREARM[:3] + np.array([0.0, 0.07]), 0.07, _shade(skin, 0.74))
        self._polygon(_PALM, skin)
        if self._look.jewel:
            self._line(np.array([[-0.86, -0.17], [-0.86, 0.17]]), 0.09, (52, 50, 56))
        (self._fingers if self._look.fingers_front else self._thumb)()
        sleeve = _SLEEVE + np.array([self._look.cuff, 0.0])
        self._polygon(sleeve, self._look.sleeve)
        self._polygon(sleeve[:3], _shade(self._look.sleeve, 0.72))
        self._line(sleeve[1:4], 0.05, _shade(self._look.sleeve, 0.6))

    def _fingers(self) -> None:
        for finger in _FINGERS:
            self._digit(finger, 0.125)
        self._line(np.array([[-0.4, -0.1], [-0.38, 0.1]]), 0.2, self._look.skin)

    def _thumb(self) -> None:
        self._digit(_THUMB, 0.15)

    def _digit(self, joints: Float64[np.ndarray, "n 2"], width: float) -> None:
        skin = self._look.skin
        self._line(joints, width + 0.035, _shade(skin, 0.6))
        self._line(joints, width, skin)
        self._line(joints[1:] - [0.01, 0.025], width * 0.3, _shade(skin, 1.1))
        tip = joints[-1] + (joints[-1] - joints[-2]) * 0.1
        self._line(np.stack([tip, tip]), width * 0.5, _shade(skin, 1.18))

    def _points(self, local: Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
        return local @ self._axes + self._origin

    def _polygon(self, local: Float64[np.ndarray, "n 2"], colour: Colour) -> None:
        corners = np.rint(self._points(local) * (1 << _SHIFT)).astype(np.int32)
        cv2.fillPoly(self._pixels, [corners], colour, cv2.LINE_8, _SHIFT)

    def _line(self, local: Float64[np.ndarray, "n 2"], width: float, colour: Colour) -> None:
        corners = np.rint(self._points(local) * (1 << _SHIFT)).astype(np.int32)
        thick = max(1, round(width * self._unit))
        cv2.polylines(self._pixels, [corners], False, colour, thick, cv2.LINE_8, _SHIFT)
