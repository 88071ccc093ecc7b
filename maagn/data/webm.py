"""Frames into VP9, as Something-Something V2 is distributed."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

_ENCODER = {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "5"}


def write_webm(path: Path, frames: UInt8[np.ndarray, "t h w 3"], *, fps: int) -> None:
    """Write one WebM (VP9, yuv420p).

    Args:
        path: where; a file there is replaced.
        frames: RGB in [0, 255]; even sides.
        fps: frames a second.

    Raises:
        ValueError: a side is odd.
    """
    height, width = frames.shape[1:3]
    if height % 2 or width % 2:
        raise ValueError(f"VP9 in yuv420p needs even sides, got {width} x {height}")
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=Fraction(fps), options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
