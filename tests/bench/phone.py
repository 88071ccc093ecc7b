"""Five seconds as a phone films them, made on the spot: 1080p, upright by the file's matrix."""

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from maagn.opposites.clip import draw_clip
from tests.video.coded import turn

WIDTH, HEIGHT, RATE, SECONDS = 1920, 1080, 30, 5
_DRAWN = 480  # pixels; larger ones would take longer to draw than to code


@dataclass(frozen=True)
class Phone:
    """How a phone codes.

    Attributes:
        codec: FFmpeg's encoder.
        options: of it: a key frame a second, B-frames, and a phone's bit rate.
    """

    codec: str
    options: dict[str, str]


PHONES = {
    "H.264": Phone(
        "libx264",
        {"preset": "veryfast", "g": "30", "bf": "2", "b": "16M", "maxrate": "20M",
         "bufsize": "20M", "x264-params": "b-adapt=0:b-pyramid=none:scenecut=0"},
    ),
    "HEVC": Phone(
        "libx265",
        {"preset": "ultrafast", "b": "13M", "x265-params": "keyint=30:bframes=3:b-adapt=0:"
         "b-pyramid=1:scenecut=0:log-level=none:vbv-maxrate=16000:vbv-bufsize=16000"},
    ),
}  # fmt: skip
"""By what people call what they write."""


def phone_film(path: Path, phone: Phone) -> Path:
    """A rendered clip of the benchmark, scaled up under the grain of a small sensor, as MP4."""
    count = SECONDS * RATE
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 5, (8, HEIGHT // 2, WIDTH // 2, 3)).astype(np.float32)
    clip = draw_clip(0, split="test", index=900)
    drawn = clip.render((np.arange(count) + 0.5) / count, size=_DRAWN)
    with av.open(str(path), "w") as output:
        stream = output.add_stream(phone.codec, rate=RATE, options=phone.options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(drawn):
            pixels = _filmed(picture, grain[number % len(grain)])
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return turn(path)


def _filmed(
    picture: UInt8[np.ndarray, "side side 3"], grain: Float32[np.ndarray, "_h _w 3"]
) -> UInt8[np.ndarray, "height width 3"]:
    """The middle of a square picture as a phone would have it."""
    high = _DRAWN * HEIGHT // WIDTH
    top = (_DRAWN - high) // 2
    large = cv2.resize(picture[top : top + high], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(large + cv2.resize(grain, (WIDTH, HEIGHT)), 0, 255).astype(np.uint8)


def another(film: Path, path: Path, number: int) -> Path:
    """The same film in a file whose bytes nobody has seen: a box that players step over is added.

    Args:
        film: an MP4.
        path: of the new one.
        number: what is in the box.
    """
    box = struct.pack(">I4sQ", 16, b"free", number)
    path.write_bytes(film.read_bytes() + box)
    return path
