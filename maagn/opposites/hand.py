"""A hand with its forearm and sleeve, drawn flat, holding something between thumb and fingers."""

from dataclasses import dataclass, replace
from itertools import accumulate
from math import cos, hypot, radians, sin
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float64

from maagn.opposites.paint import Canvas, Colour, Point

_SKINS: tuple[Colour, ...] = (
    (255, 224, 196), (243, 206, 172), (234, 192, 134), (224, 172, 120), (210, 160, 115),
    (198, 134, 90), (172, 115, 75), (141, 85, 54), (112, 68, 44), (88, 54, 38), (68, 42, 32),
)  # fmt: skip
_BAND: Colour = (52, 50, 56)
_SHIFT = 4
_Layer = Literal["arm", "band", "fingers", "thumb", "sleeve"]


@dataclass(frozen=True)
class HandLook:
    """What a hand looks like and where its arm comes from; nothing here depends on the action.

    Attributes:
        name: of the identity, e.g. `train-hand-3`.
        skin: RGB in [0, 255].
        sleeve: RGB in [0, 255].
        cuff: where the sleeve ends, in hand lengths behind what is held.
        side: degrees round the frame from which the arm comes: 0 right, 90 below, 180 left.
        left: whether the thumb is on the other side.
        fingers_front: whether the fingers, or else the thumb, are before what is held.
        length: of the hand in table units.
        band: whether there is something round the wrist.
    """

    name: str
    skin: Colour
    sleeve: Colour
    cuff: float
    side: float
    left: bool
    fingers_front: bool
    length: float
    band: bool

    @classmethod
    def draw(cls, rng: np.random.Generator, name: str) -> "HandLook":
        """The hand of that name, whose own random numbers these are."""
        skin = np.array(_SKINS[rng.integers(len(_SKINS))]) * rng.uniform(0.93, 1.05)
        sleeve = rng.uniform(20, 235, size=3)
        sleeve = sleeve.mean() + (sleeve - sleeve.mean()) * rng.uniform(0.1, 1.0)
        return cls(
            name=name,
            skin=_rgb(skin),
            sleeve=_rgb(sleeve),
            cuff=-rng.uniform(1.0, 1.9),
            side=0.0,
            left=bool(rng.random() < 0.5),
            fingers_front=True,
            length=rng.uniform(0.48, 0.6),
            band=bool(rng.random() < 0.25),
        )

    def placed(self, rng: np.random.Generator, side: tuple[float, float]) -> "HandLook":
        """The same hand as a clip shows it, its arm from that range of sides."""
        front = bool(rng.random() < 0.65)
        return replace(self, side=rng.uniform(*side), fingers_front=front)


@dataclass(frozen=True)
class Grip:
    """A hand that holds, or is on its way to hold.

    Attributes:
        look: which hand.
        at: the middle of what it holds, in the world.
        radius: half the width of what it holds, in table units.
        rise: the same for an arm from below, where more of a tall thing is kept in view.
        reach: 0 with the hand out of the frame, 1 with it holding.
    """

    look: HandLook
    at: Point
    radius: float
    rise: float
    reach: float = 1.0


@dataclass(frozen=True)
class _Part:
    """A stroke of some width along points, or with width 0 the area inside them.

    The hand lies along u from wrist to fingertips, v across it; what is held is at the origin;
    a sleeve's origin is its cuff.
    """

    layer: _Layer
    points: tuple[tuple[float, float], ...]
    width: float = 0.0
    gain: float = 1.0


def _digit(layer: _Layer, points: tuple[tuple[float, float], ...], width: float) -> list[_Part]:
    """Outline, flesh, a light ridge, a nail."""
    (u0, v0), (u1, v1) = points[-2:]
    nail = (u1 + (u1 - u0) * 0.08, v1 + (v1 - v0) * 0.08)
    ridge = tuple((u, v - 0.022) for u, v in points[1:])
    return [
        _Part(layer, points, width + 0.035, 0.62),
        _Part(layer, points, width),
        _Part(layer, ridge, width * 0.32, 1.09),
        _Part(layer, (nail, nail), width * 0.5, 1.17),
    ]


def _finger(v: float, reach: float) -> list[_Part]:
    points = ((-0.32, v), (-0.1, v * 1.25), (0.1 + reach, v * 1.02))
    return _digit("fingers", points, 0.125)


_PARTS: tuple[_Part, ...] = (
    _Part("arm", ((-4.0, -0.27), (-1.3, -0.2), (-0.78, -0.15), (-0.78, 0.15), (-1.3, 0.2),
                  (-4.0, 0.27)), gain=0.95),
    _Part("arm", ((-4.0, 0.27), (-1.3, 0.2), (-0.7, 0.15), (-0.7, 0.07), (-1.3, 0.1),
                  (-4.0, 0.14)), gain=0.78),
    _Part("arm", ((-4.0, -0.12), (-1.3, -0.09), (-0.7, -0.06)), 0.09, 1.05),
    _Part("arm", ((-0.82, -0.15), (-0.62, -0.24), (-0.36, -0.25), (-0.24, -0.14), (-0.22, 0.15),
                  (-0.34, 0.25), (-0.6, 0.22), (-0.82, 0.15))),
    _Part("arm", ((-0.78, 0.14), (-0.6, 0.19), (-0.38, 0.21)), 0.06, 0.84),
    _Part("band", ((-0.86, -0.17), (-0.86, 0.17)), 0.09),
    *_finger(-0.18, 0.06), *_finger(-0.06, 0.14), *_finger(0.06, 0.12), *_finger(0.175, 0.0),
    _Part("fingers", ((-0.4, -0.1), (-0.38, 0.1)), 0.2),
    *_digit("thumb", ((-0.58, 0.2), (-0.3, 0.36), (-0.02, 0.27)), 0.15),
    _Part("sleeve", ((-4.5, -0.38), (0.0, -0.29), (0.04, 0.0), (0.0, 0.29), (-4.5, 0.38))),
    _Part("sleeve", ((-4.5, 0.38), (0.0, 0.29), (0.03, 0.12), (-4.5, 0.16)), gain=0.74),
    _Part("sleeve", ((-0.5, -0.2), (-0.75, 0.1)), 0.03, 0.8),
    _Part("sleeve", ((-1.1, -0.28), (-1.2, 0.02)), 0.03, 0.8),
    _Part("sleeve", ((0.0, -0.27), (0.04, 0.0), (0.0, 0.27)), 0.06, 0.62),
)  # fmt: skip
_LAYERS: dict[_Layer, list[tuple[_Part, slice]]] = {}
_POINTS = np.array([point for part in _PARTS for point in part.points])
for _part, _end in zip(_PARTS, accumulate(len(part.points) for part in _PARTS), strict=True):
    _LAYERS.setdefault(_part.layer, []).append((_part, slice(_end - len(_part.points), _end)))
# Which points move with the cuff.
_CUFFED = np.array([[part.layer == "sleeve", 0.0] for part in _PARTS for _ in part.points])


def _rgb(values: Float64[np.ndarray, "3"]) -> Colour:
    r, g, b = np.clip(values, 0, 255).round().tolist()
    return (r, g, b)


class HandPainter:
    """Paints the two layers of one grip: what is behind the held thing, then what is before it."""

    def __init__(self, canvas: Canvas, grip: Grip) -> None:
        self._pixels = canvas.pixels
        self._look = look = grip.look
        table_unit = canvas.camera.scale(grip.at) * canvas.width
        self._unit = look.length * table_unit
        angle = radians(look.side)
        away = np.array([cos(angle), sin(angle)])
        across = np.array([away[1], -away[0]]) * (-1 if look.left else 1)
        absent = (1 - grip.reach) * canvas.width * 1.5
        # The origin lies on the near side of what is held, which the fingertips overlap.
        gap = hypot(grip.radius * away[0], grip.rise * away[1]) * table_unit * 0.95
        origin = canvas.place(np.array(grip.at)) + away * (gap + absent)
        local = _POINTS + _CUFFED * look.cuff
        points = local @ (np.stack([-away, across]) * self._unit) + origin
        self._points = np.rint(points * (1 << _SHIFT)).astype(np.int32)
        self._visible = grip.reach > 0.02

    def behind(self) -> None:
        """The part that what is held will hide."""
        self._paint("thumb" if self._look.fingers_front else "fingers")

    def front(self) -> None:
        """Arm, palm, and the part of the grip before what is held."""
        self._paint("arm")
        if self._look.band:
            self._paint("band")
        self._paint("fingers" if self._look.fingers_front else "thumb")
        self._paint("sleeve")

    def _paint(self, layer: _Layer) -> None:
        if not self._visible:
            return
        r, g, b = {"sleeve": self._look.sleeve, "band": _BAND}.get(layer, self._look.skin)
        for part, rows in _LAYERS[layer]:
            points = self._points[rows]
            colour = (min(255, r * part.gain), min(255, g * part.gain), min(255, b * part.gain))
            if part.width:
                thick = max(1, round(part.width * self._unit))
                cv2.polylines(self._pixels, [points], False, colour, thick, cv2.LINE_8, _SHIFT)
            else:
                cv2.fillPoly(self._pixels, [points], colour, cv2.LINE_8, _SHIFT)
