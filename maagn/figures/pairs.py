"""What SDM subtracts, as pictures: a frame, the one half a clip later, and their difference."""

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.figures.palette import DIVERGING

_SIDE = 320


def difference(
    front: UInt8[np.ndarray, "h w 3"], back: UInt8[np.ndarray, "h w 3"]
) -> UInt8[np.ndarray, "h w 3"]:
    """Lightness of the later frame minus that of the earlier: orange is lighter, blue darker."""
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (front, back)]
    share = (grey[1] - grey[0] + 255) / 510
    places = [place for place, _ in DIVERGING]
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for _, c in DIVERGING])
    stretched = np.clip(0.5 + 2 * (share - 0.5), 0, 1)  # half the range holds nearly all changes
    channels = [np.interp(stretched, places, colours[:, i]) for i in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def marked(
    picture: UInt8[np.ndarray, "h w 3"], *, row: int, column: int, rows: int, columns: int
) -> UInt8[np.ndarray, "big_h big_w 3"]:
    """The picture, larger, with one cell of a rows x columns map outlined."""
    large = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    corners = [
        (round(x * _SIDE / columns), round(y * _SIDE / rows))
        for x, y in ((column, row), (column + 1, row + 1))
    ]
    for colour, width in (((255, 255, 255), 6), ((0, 0, 0), 2)):
        large = cv2.rectangle(large, corners[0], corners[1], colour, width)
    return large
