"""Solids and shadows onto a canvas: flat facets, one soft light, no z-buffer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import cos, sin

import cv2
import numpy as np
from jaxtyping import Float64, Int32, UInt8

from maagn.opposites.camera import Camera
from maagn.opposites.shapes import shape

Colour = tuple[float, float, float]
Point = tuple[float, float, float]
_ARM_INK = 190  # of 255: an arm is well over the table, so its shadow is faint
_SHIFT = 4  # fractional bits of the corners handed to OpenCV
_TURNS = np.arange(16) * (2 * np.pi / 16)
_RING = np.stack([np.cos(_TURNS), np.zeros(16), np.sin(_TURNS)], axis=1)


@dataclass(frozen=True)
class Solid:
    """A shape somewhere over the table.

    Attributes:
        name: of the shape.
        size: width, height and depth in table units.
        at: where its pivot is.
        colours: base and accent, RGB in [0, 255].
        yaw: radians turned about the vertical.
        tilt: radians turned about its own x axis, before the yaw; positive lifts the front edge.
        pivot: the point of the unit shape that is put at `at`.
        grounded: whether it throws a shadow on the table.
    """

    name: str
    size: tuple[float, float, float]
    at: Point
    colours: tuple[Colour, Colour]
    yaw: float = 0.0
    tilt: float = 0.0
    pivot: Point = (0.0, 0.0, 0.0)
    grounded: bool = True


@dataclass(frozen=True, eq=False)
class Sheet:
    """A cloth: facets that may be seen from both sides, from the back of the scene to the front."""

    facets: Float64[np.ndarray, "n 4 3"]
    colours: Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, eq=False)
class Canvas:
    """Pixels being painted and the camera that sees them.

    Attributes:
        pixels: RGB, square; the frame with a margin on every side for the camera's shake.
        camera: world to frame.
        width: pixels that one frame width takes.
        margin: pixels of margin.
        light: unit vector towards the light.
        segments: into how many a round shape is cut.
        ink: the one colour that everything is painted in, whatever its own; None for its own.
    """

    pixels: UInt8[np.ndarray, "s s 3"]
    camera: Camera
    width: float
    margin: float
    light: tuple[float, float, float]
    segments: int
    ink: Colour | None = None

    @classmethod
    def blank(
        cls,
        *,
        size: int,
        supersample: int,
        margin: int,
        camera: Camera,
        light: tuple[float, float, float],
    ) -> "Canvas":
        """An unpainted canvas for frames of that side."""
        side = size * supersample + 2 * margin
        return cls(
            pixels=np.empty((side, side, 3), np.uint8),
            camera=camera,
            width=float(size * supersample),
            margin=float(margin),
            light=light,
            segments=14 if size <= 128 else 36,
        )

    def copy(self) -> "Canvas":
        """The same, on pixels of its own."""
        return replace(self, pixels=self.pixels.copy())

    def inked(self, ink: Colour) -> "Canvas":
        """The same pixels, painted in that colour alone."""
        return replace(self, ink=ink)

    def place(self, points: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 2"]:
        """World points in canvas pixels."""
        return self.camera.project(points) * self.width + self.margin


@lru_cache(maxsize=4096)
def _turn(yaw: float, tilt: float) -> Float64[np.ndarray, "3 3"]:
    c, s, ct, st = cos(yaw), sin(yaw), cos(tilt), sin(tilt)
    about_x = np.array([[1, 0, 0], [0, ct, -st], [0, st, ct]])
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    turn: Float64[np.ndarray, "3 3"] = about_y @ about_x
    return turn


def _fill(
    canvas: Canvas, facets: Float64[np.ndarray, "n 4 3"], rgb: Float64[np.ndarray, "n 3"]
) -> None:
    corners = np.rint(canvas.place(facets) * (1 << _SHIFT)).astype(np.int32)
    for quad, colour in zip(corners, rgb.tolist(), strict=True):
        cv2.fillConvexPoly(canvas.pixels, quad, canvas.ink or colour, cv2.LINE_8, _SHIFT)


def _normals(facets: Float64[np.ndarray, "n 4 3"]) -> Float64[np.ndarray, "n 3"]:
    a, b = facets[:, 2] - facets[:, 0], facets[:, 3] - facets[:, 1]
    normal = np.empty_like(a)
    normal[:, 0] = a[:, 1] * b[:, 2] - a[:, 2] * b[:, 1]
    normal[:, 1] = a[:, 2] * b[:, 0] - a[:, 0] * b[:, 2]
    normal[:, 2] = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    length = np.sqrt((normal * normal).sum(axis=1, keepdims=True))
    unit: Float64[np.ndarray, "n 3"] = normal / np.maximum(length, 1e-9)
    return unit


def paint_solid(canvas: Canvas, solid: Solid) -> None:
    """Paint the facets that face the camera, shaded by the light."""
    unit = shape(solid.name, segments=canvas.segments)
    turn = _turn(solid.yaw, solid.tilt)
    local = (unit.facets - np.array(solid.pivot)) * np.array(solid.size)
    facets = local @ turn.T + np.array(solid.at)
    normals = _normals(facets)
    rays = canvas.camera.rays(facets[:, 0] * 0.5 + facets[:, 2] * 0.5)
    seen = (normals * rays).sum(axis=1) < 0
    base, accent = solid.colours
    dark = (base[0] * 0.3, base[1] * 0.3, base[2] * 0.3)
    swatches = np.array([base, accent, dark, (228.0, 224.0, 214.0)])[unit.swatches[seen]]
    lit = np.maximum(normals[seen] @ np.array(canvas.light), 0.0)
    glow = 0.50 + 0.60 * lit + 0.35 * lit**6
    _fill(canvas, facets[seen], np.minimum(swatches * glow[:, None], 255.0))


def paint_sheet(canvas: Canvas, sheet: Sheet) -> None:
    """Paint a cloth; both sides are lit alike."""
    normals = _normals(sheet.facets)
    normals *= np.sign(normals[:, 1:2] + 1e-9)
    lit = np.maximum(normals @ np.array(canvas.light), 0.0)
    rgb = sheet.colours * (0.42 + 0.68 * lit)[:, None]
    _fill(canvas, sheet.facets, np.minimum(rgb, 255.0))


def paint_shadows(
    canvas: Canvas,
    feet: list[tuple[Point, float]],
    outlines: Sequence[Int32[np.ndarray, "_n 2"]] = (),
) -> None:
    """Darken the table under things and arms.

    Args:
        canvas: painted so far with what receives the shadow.
        feet: lowest point and radius of each thing; the higher, the wider and the fainter.
        outlines: convex shadows of arms, in canvas pixels.
    """
    if not feet and not outlines:
        return
    side = canvas.pixels.shape[0]
    small = max(16, side // 4)
    mask = np.full((small, small), 255, np.uint8)
    for outline in outlines:
        cv2.fillConvexPoly(mask, (outline * small // side).astype(np.int32), (_ARM_INK,))
    for (x, y, z), radius in feet:
        wide = radius * (1.12 + 0.5 * max(y, 0.0))
        away = 0.25 * max(y, 0.0) + 0.06
        centre = np.array([x - canvas.light[0] * away, 0.0, z - canvas.light[2] * away])
        corners = canvas.place(_RING * wide + centre) * (small / side)
        ink = 255 - 135 / (1 + 2.2 * max(y, 0.0))
        corners = np.rint(corners * (1 << _SHIFT)).astype(np.int32)
        cv2.fillConvexPoly(mask, corners, (ink,), cv2.LINE_8, _SHIFT)
    blur = max(3, small // 12 | 1)
    mask = cv2.GaussianBlur(mask, (blur, blur), 0)
    mask = cv2.resize(mask, (side, side), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(canvas.pixels, cv2.merge([mask] * 3), dst=canvas.pixels, scale=1 / 255)
