"""All frames of a video, one at a time: however long it is, few are in memory."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.errors import DecodeTimeout, UnreadableClip
from maagn.section import Section
from maagn.video.decoder.every_frame import HEAD, Shape
from maagn.video.decoder.protocol import Request, exactly
from maagn.video.validate import LIMITS, SECTION, Limits, validate_file
from maagn.video.worker import ENTRANCE, ERRORS

_PATIENCE = 30.0  # seconds that one frame may take


def every_frame(
    path: Path,
    *,
    height: int,
    section: Section | None = None,
    limits: Limits = LIMITS,
    name: str | None = None,
) -> Iterator[UInt8[np.ndarray, "height w 3"]]:
    """The pictures of `stream_frames`: as many and in the order of `Clip.source_seconds`."""
    for _, picture in stream_frames(path, height=height, section=section, limits=limits, name=name):
        yield picture


def stream_frames(
    path: Path,
    *,
    height: int,
    per_second: float | None = None,
    section: Section | None = None,
    limits: Limits = LIMITS,
    name: str | None = None,
) -> Iterator[tuple[float, UInt8[np.ndarray, "height w 3"]]]:
    """Decode a file in order, in a process of its own that waits until each frame is taken.

    The times are those of `Clip.source_seconds` where the file's own increase, or were only handed
    to neighbours as in AVI. Where some are missing, tied or wild, `read_clip` mends them by all
    others and says so in a notice; in passing, a missing time is taken from the gap before it, and
    a wild one is believed.

    Args:
        path: a video that PyAV reads.
        height: of the frames once they are upright, pixels; the width follows.
        per_second: give about so many frames of each second; None gives all.
        section: give those alone that begin to be shown in it.
        limits: what the video may cost; of a section, the file may be a film.
        name: what errors call it; the file's own by default.

    Yields:
        Seconds from the file's first frame, strictly increasing, and the frame, RGB in [0, 255].
        Closing the iterator ends the process.

    Raises:
        ClipError: as `maagn.video.read.read_clip`.
    """
    name = name or path.name
    frames = _stream(
        path, height, lambda _: 1, per_second, section=section, limits=limits, name=name
    )
    for seconds, (picture,) in frames:
        yield seconds, picture


SeenFrame: TypeAlias = tuple[
    float, UInt8[np.ndarray, "small small 3"], tuple[UInt8[np.ndarray, "_h _w 3"], ...] | None
]
"""Seconds of a frame, a small square picture of it, and those that networks see where wanted."""


def stream_pictures(
    path: Path,
    *,
    sides: Sequence[int],
    wanted: Collection[int] | None,
    limits: Limits,
    name: str,
) -> Iterator[SeenFrame]:
    """As `stream_frames`, some frames with their short side at several numbers of pixels.

    The pixels are those of `maagn.video.short_side.with_short_side` of the whole picture, which a
    network sees of a clip. To make them takes longer than to decode the frame.
    """
    numbers = None if wanted is None else sorted(wanted)
    shape: Shape = {"sides": list(sides), "wanted": numbers}

    def count(number: int) -> int:
        return 1 + len(sides) * (wanted is None or number in wanted)

    frames = _stream(path, shape, count, None, section=None, limits=limits, name=name)
    for seconds, (small, *rest) in frames:
        yield seconds, small, tuple(rest) or None


def _stream(
    path: Path,
    shape: Shape,
    pictures: Callable[[int], int],
    per_second: float | None,
    *,
    section: Section | None,
    limits: Limits,
    name: str,
) -> Iterator[tuple[float, tuple[UInt8[np.ndarray, "_h _w 3"], ...]]]:
    """The frames, each with its pictures: how many frame so and so has, from 0."""
    request = Request("pyav", str(path.absolute()), name, None, limits, section=section)
    validate_file(path, limits=request.film_limits, name=name)
    patience = _PATIENCE if section is None else SECTION.seconds_to_decode
    process = subprocess.Popen(
        [sys.executable, "-I", str(ENTRANCE), "every-frame", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    requests, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    try:
        line = {**asdict(request), "shape": shape, "seconds": patience, "most": per_second}
        requests.write(json.dumps(line).encode() + b"\n")
        requests.close()
        number = 0
        while (frame := _next(process, answers, name=name, patience=patience)) is not None:
            seconds, first = frame
            others = range(pictures(number) - 1)
            rest = (_next(process, answers, name=name, patience=patience) for _ in others)
            yield seconds, (first, *(one[1] for one in rest if one is not None))
            number += 1
    finally:
        process.kill()
        process.wait()
        answers.close()


def _next(
    process: "subprocess.Popen[bytes]", answers: BinaryIO, *, name: str, patience: float
) -> tuple[float, UInt8[np.ndarray, "h w 3"]] | None:
    """The next frame and its seconds; None after the last."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        process.kill()

    timer = threading.Timer(patience, expire)
    timer.daemon = True
    timer.start()
    try:
        height, width, seconds = HEAD.unpack(exactly(answers, HEAD.size))
        if not height:
            return None
        content = exactly(answers, 3 * height * width if width else height)
    except EOFError as error:
        if expired.is_set():
            raise DecodeTimeout(
                f"A frame of {name} took longer than {patience:g} s to decode: "
                "make its picture smaller."
            ) from error
        raise UnreadableClip(f"{name} crashes the decoder: record or convert it again.") from error
    finally:
        timer.cancel()
    if not width:
        kind, message = json.loads(content)
        raise ERRORS.get(kind, UnreadableClip)(message)
    return seconds, np.frombuffer(content, np.uint8).reshape(height, width, 3)


def at_height(frame: UInt8[np.ndarray, "h w 3"], height: int) -> UInt8[np.ndarray, "{height} _ 3"]:
    """A frame at another height; the width follows."""
    size = (max(2, round(frame.shape[1] * height / frame.shape[0])), height)
    how = cv2.INTER_AREA if height < frame.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(frame, size, interpolation=how)
