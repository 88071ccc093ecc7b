"""Frames at the size that networks see; apart, as the decoding worker needs nothing beside it."""

import cv2
import numpy as np
import numpy.typing as npt


def with_short_side(frames: npt.NDArray[np.uint8], short: int) -> npt.NDArray[np.uint8]:
    """The same frames with the short side at `short` pixels and the same aspect.

    Training scales by this too: a network meets the pixels that it was trained on.

    Args:
        frames: uint8 (t, h, w, 3).
        short: pixels.
    """
    height, width = frames.shape[1:3]
    scale = short / min(width, height)
    if scale == 1:
        return frames
    size = max(short, round(width * scale)), max(short, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.stack([cv2.resize(frame, size, interpolation=how) for frame in frames])
