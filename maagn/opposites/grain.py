"""A bank of random numbers as a picture, from which textures and sensor noise take windows."""

from functools import cache

import cv2
import numpy as np
from jaxtyping import UInt8

_SIDE = 1024


@cache
def grain() -> UInt8[np.ndarray, "n n 3"]:
    """Noise about 128 with a standard deviation of 32."""
    rng = np.random.default_rng(20180615)
    noise = rng.normal(128, 32, size=(_SIDE, _SIDE, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def window(
    place: tuple[int, int], high: int, wide: int, *, size: tuple[int, int]
) -> UInt8[np.ndarray, "h w"]:
    """Grey noise of high by wide cells at that place of the bank, stretched to (width, height)."""
    row, column = place
    cells = grain()[row : row + high, column : column + wide, 0]
    return cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC)
