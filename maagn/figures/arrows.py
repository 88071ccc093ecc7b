"""Optical flow as a picture: how fast in cividis, where to in arrows (as Fig. 6 of the paper)."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from maagn.figures.heat import LEAST_HEIGHT, colours

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
    return np.stack([_picture(one, scale) for one in values])


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
