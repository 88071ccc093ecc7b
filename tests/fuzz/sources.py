"""The sound videos that the fuzz begins with: a short one of each container and codec."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.video.coded import encode, encode_apart

FRAMES = 30
QUIET = "log-level=none:pools=none:frame-threads=1"  # and the same file every time


@dataclass(frozen=True)
class Pair:
    """A container with a codec.

    Attributes:
        suffix: the container's usual one, which also names it to FFmpeg.
        codec: FFmpeg's encoder.
        pixels: what that encoder takes.
        options: of the encoder, for speed.
    """

    suffix: str
    codec: str
    pixels: str = "yuv420p"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.suffix} {self.codec}"

    def write(self, path: Path, **settings: object) -> Path:
        """Encode numbered pictures with it."""
        settings = {"count": FRAMES, "options": dict(self.options)} | settings
        write = encode_apart if self.codec == "libsvtav1" else encode
        return write(path, codec=self.codec, pixels=self.pixels, **settings)


PAIRS = (
    Pair("mp4", "libx264", options=(("g", "10"),)),
    Pair("mp4", "libx265", options=(("x265-params", QUIET), ("preset", "ultrafast"))),
    Pair("mp4", "mpeg4"),
    Pair("mp4", "libsvtav1", options=(("preset", "12"),)),
    Pair("mov", "libx264"),
    Pair("mov", "mjpeg", "yuvj420p"),
    Pair("mkv", "libx264"),
    Pair("mkv", "ffv1"),
    Pair("webm", "libvpx"),
    Pair("webm", "libvpx-vp9"),
    Pair("avi", "mpeg4"),
    Pair("avi", "mjpeg", "yuvj420p"),
    Pair("ts", "libx264"),
    Pair("mpg", "mpeg2video"),
    Pair("flv", "libx264"),
    Pair("wmv", "wmv2"),
    Pair("gif", "gif", "rgb8"),
)
TIMED = tuple(pair for pair in PAIRS if pair.suffix in ("mp4", "mov", "mkv", "webm"))
TRACKED = tuple(pair for pair in PAIRS if pair.suffix in ("mp4", "mov"))


def sound_only(path: Path, *, codec: str) -> Path:
    """A second of a tone, and no picture."""
    rate = 48_000
    wave = np.sin(np.arange(rate) * (440 * 2 * np.pi / rate)).astype(np.float32)[None]
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        for start in range(0, rate, 1024):
            part = np.ascontiguousarray(wave[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            for converted in av.AudioResampler(format=stream.format, layout="mono").resample(frame):
                output.mux(stream.encode(converted))
        output.mux(stream.encode(None))
    return path
