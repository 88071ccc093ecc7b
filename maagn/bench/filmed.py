"""Clips to be read: a texture that moves under noise, coded as cameras and encoders code."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from jaxtyping import UInt8


@dataclass(frozen=True)
class Filmed:
    """How a clip is made.

    Attributes:
        seconds: that it lasts, at 30 frames a second.
        width: pixels.
        height: pixels.
        group: frames from one key frame to the next.
        b_frames: at most, between two others.
    """

    seconds: int = 10
    width: int = 1280
    height: int = 720
    group: int = 250
    b_frames: int = 3


RATE = 30
PRESET = "fast"  # of x264; slower ones code the same kinds of frames


def film(path: Path, how: Filmed) -> Path:
    """Write the clip as MP4."""
    rng = np.random.default_rng(0)
    ground = _texture(rng, how)
    grain = rng.normal(0, 3, (4, how.height, how.width, 1))
    with av.open(str(path), "w") as output:
        options = {"preset": PRESET, "g": str(how.group), "bf": str(how.b_frames)}
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = how.width, how.height, "yuv420p"
        for number in range(how.seconds * RATE):
            seen = ground[number : number + how.height, 2 * number : 2 * number + how.width]
            noisy = np.clip(seen + grain[number % len(grain)], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _texture(rng: np.random.Generator, how: Filmed) -> UInt8[np.ndarray, "h w 3"]:
    """Blots of all sizes, larger than the picture by as much as it moves."""
    frames = how.seconds * RATE
    height, width = how.height + frames, how.width + 2 * frames
    ground = np.zeros((height, width, 3), np.float32)
    for size in (8, 32, 128):
        blots = rng.normal(0, 1, (height // size + 2, width // size + 2, 3)).astype(np.float32)
        ground += cv2.resize(blots, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = ground.min(), ground.max()
    return ((ground - low) * 255 / (high - low)).astype(np.uint8)
