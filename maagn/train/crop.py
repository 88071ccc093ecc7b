"""Cut what a network sees out of a clip's frames."""

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.config import TransformSpec


def centre_crop(
    frames: UInt8[np.ndarray, "t h w 3"], *, transform: TransformSpec
) -> UInt8[np.ndarray, "t c c 3"]:
    """Short side to `transform.resize`, then the middle; frames of the crop's size stay."""
    side = transform.crop
    if frames.shape[1:3] == (side, side):
        return frames
    whole = with_short_side(frames, transform.resize)
    top, left = ((length - side) // 2 for length in whole.shape[1:3])
    return whole[:, top : top + side, left : left + side]


def corner_crop(
    frames: UInt8[np.ndarray, "t h w 3"],
    rng: np.random.Generator,
    *,
    short_side: tuple[int, int],
    crop: int,
) -> UInt8[np.ndarray, "t c c 3"]:
    """A random scale, then one of the four corners or the centre (Sec. 4.2).

    Args:
        frames: RGB; frames of the crop's size stay as they are.
        rng: draws scale and place.
        short_side: smallest and largest short side after the scaling, in pixels; at least `crop`.
        crop: side of what is kept, in pixels.
    """
    short = int(rng.integers(short_side[0], short_side[1] + 1))
    down, right = ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))[int(rng.integers(5))]
    if frames.shape[1:3] == (crop, crop):
        return frames
    whole = with_short_side(frames, short)
    height, width = whole.shape[1:3]
    top, left = (height - crop) * down // 2, (width - crop) * right // 2
    return whole[:, top : top + crop, left : left + crop]


def with_short_side(
    frames: UInt8[np.ndarray, "t h w 3"], short: int
) -> UInt8[np.ndarray, "t i j 3"]:
    """Frames scaled so that the short side has that many pixels; same aspect."""
    height, width = frames.shape[1:3]
    scale = short / min(height, width)
    if scale == 1:
        return frames
    size = (max(short, round(width * scale)), max(short, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, size, interpolation=how) for frame in frames])
