"""A decoded frame as it is kept."""

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame


def upright(frame: VideoFrame, *, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """One frame as RGB (h, w, 3), of that width and height, turned as the file asks."""
    width, height = size
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.rot90(rgb, round(frame.rotation / 90))
