"""Class activation maps, and optical flow (as Fig. 6 of the paper), laid over the frames."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, Float64, UInt8

from maagn.explain.moments import nearest
from maagn.figures.palette import CIVIDIS
from maagn.types import Explanation

LEAST_HEIGHT = 224
"""Pixels: frames of small networks are enlarged to it, or nothing could be made out."""

OPACITY = 0.8
"""Of the heat at full strength: the frame stays recognisable under it."""


def top_of_scale(values: Float32[np.ndarray, "t h w"]) -> float:
    """The clip's largest positive value; 0 where nothing speaks for the class."""
    return max(0.0, float(values.max()))


def overlay(
    pictures: UInt8[np.ndarray, "t h w 3"],
    cam: Explanation,
    *,
    seconds: Float64[np.ndarray, " t"],
    scale: float,
    opacity: float = OPACITY,
) -> UInt8[np.ndarray, "t big_h big_w 3"]:
    """Lay the positive part of a map over pictures; where it is zero they are left as they are.

    Args:
        pictures: RGB in [0, 255], covering the area that the map covers.
        cam: its `values` (time, row, column) and the `seconds` of its own frames.
        seconds: when each picture is shown; it gets the map that is nearest in time.
        scale: value that is drawn at full strength, the same for every frame, so that frames can
            be compared; usually `top_of_scale(cam.values)`. 0 draws nothing.
        opacity: of the heat at full strength, in [0, 1]; below, it falls as `cover` does.

    Returns:
        The pictures, enlarged as by `enlarge`.
    """
    maps = cam.values[nearest(cam.seconds, to=seconds)]
    return np.stack(
        [
            heated(picture, values, scale=scale, opacity=opacity)
            for picture, values in zip(enlarge(pictures), maps, strict=True)
        ]
    )


def heated(
    picture: UInt8[np.ndarray, "h w 3"],
    values: Float32[np.ndarray, "rows columns"],
    *,
    scale: float,
    opacity: float = OPACITY,
) -> UInt8[np.ndarray, "h w 3"]:
    """One picture under the positive part of one map, which covers it; see `overlay`."""
    strength = np.maximum(values, 0) / scale if scale > 0 else np.zeros_like(values)
    size = (picture.shape[1], picture.shape[0])
    large = cv2.resize(np.minimum(strength, 1), size, interpolation=cv2.INTER_LINEAR)
    return _blend(picture, large, opacity)


def enlarge(
    pictures: UInt8[np.ndarray, "t h w 3"],
) -> UInt8[np.ndarray, "t big_h big_w 3"]:
    """Pictures at least `LEAST_HEIGHT` high, larger by a whole number; large ones unchanged."""
    factor = -(-LEAST_HEIGHT // pictures.shape[1])
    if factor == 1:
        return pictures
    return np.stack(
        [cv2.resize(p, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) for p in pictures]
    )


def colours(strength: Float[np.ndarray, "..."]) -> UInt8[np.ndarray, "... 3"]:
    """Colour of each strength in [0, 1]."""
    return CIVIDIS[np.rint(strength * 255).astype(np.uint8)]


def cover(strength: Float32[np.ndarray, "..."]) -> Float32[np.ndarray, "..."]:
    """How much of a picture a strength in [0, 1] hides: nothing at 0, all at 1, 3/4 at a half.

    The player's law (`heat.js`). Cividis is grey in the middle, and a straight line would lose it
    against the picture.
    """
    return strength * (2 - strength)


def on_grey(strength: Float32[np.ndarray, " n"]) -> UInt8[np.ndarray, "n 3"]:
    """Colours of the strengths as they lie over mid grey: a bar of the scale."""
    return _blend(np.full((1, len(strength), 3), 128, np.uint8), strength[None], OPACITY)[0]


def _blend(
    picture: UInt8[np.ndarray, "h w 3"], strength: Float32[np.ndarray, "h w"], opacity: float
) -> UInt8[np.ndarray, "h w 3"]:
    share = opacity * cover(strength)[..., None]
    return np.rint((1 - share) * picture + share * colours(strength)).astype(np.uint8)


ARROWS = 10
"""Arrows a row at most."""


def flow_pictures(
    values: Float32[np.ndarray, "t h w 2"], *, scale: float
) -> UInt8[np.ndarray, "t big_h big_w 3"]:
    """Draw flow.

    Args:
        values: to the right and down.
        scale: the speed that is drawn at full strength, and with the longest arrow.

    Returns:
        RGB, enlarged to at least 224 pixels.
    """
    return np.stack([_picture(value, scale) for value in values])


def _picture(values: Float32[np.ndarray, "h w 2"], scale: float) -> UInt8[np.ndarray, "bh bw 3"]:
    factor = -(-LEAST_HEIGHT // values.shape[0])
    speed = np.linalg.norm(values, axis=2)
    strength = np.minimum(speed / scale, 1) if scale > 0 else np.zeros_like(speed)
    picture = cv2.resize(colours(strength), None, fx=factor, fy=factor)
    step = max(1, values.shape[1] // ARROWS)
    for y in range(step // 2, values.shape[0], step):
        for x in range(step // 2, values.shape[1], step):
            if strength[y, x] > 0.1:
                _arrow(picture, (x, y), values[y, x] / scale * step, factor)
    return picture


def _arrow(
    picture: UInt8[np.ndarray, "h w 3"],
    at: tuple[int, int],
    by: Float32[np.ndarray, "2"],
    factor: int,
) -> None:
    x, y = at
    start = (x * factor, y * factor)
    end = (round((x + float(by[0])) * factor), round((y + float(by[1])) * factor))
    for colour, width in (((0, 0, 0), 4), ((255, 255, 255), 2)):  # legible on any ground
        cv2.arrowedLine(picture, start, end, colour, width, cv2.LINE_AA, tipLength=0.35)
