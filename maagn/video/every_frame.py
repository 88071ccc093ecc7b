"""All frames of a video, one at a time: however long it is, one is in memory."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import UInt8

from maagn.errors import DecodeTimeout, UnreadableClip
from maagn.video.decoder.every_frame import HEAD
from maagn.video.decoder.protocol import Request, exactly
from maagn.video.validate import LIMITS, Limits, validate_file
from maagn.video.worker import ENTRANCE, ERRORS

_PATIENCE = 30.0  # seconds that one frame may take


def every_frame(
    path: Path, *, height: int, limits: Limits = LIMITS, name: str | None = None
) -> Iterator[UInt8[np.ndarray, "height w 3"]]:
    """Decode a file in order, in a process of its own that waits until each frame is taken.

    Args:
        path: a video that PyAV reads.
        height: of the frames once they are upright, pixels; the width follows.
        limits: what the clip may cost.
        name: what errors call it; the file's own by default.

    Yields:
        The frames, RGB in [0, 255], as many and in the order of `Clip.source_seconds`.

    Raises:
        ClipError: as `maagn.video.read.read_clip`.
    """
    name = name or path.name
    validate_file(path, limits=limits, name=name)
    request = Request("pyav", str(path.absolute()), name, None, limits)
    process = subprocess.Popen(
        [sys.executable, "-I", str(ENTRANCE), "every-frame", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    requests, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    try:
        line = {**asdict(request), "height": height, "seconds": _PATIENCE}
        requests.write(json.dumps(line).encode() + b"\n")
        requests.close()
        while (picture := _next(process, answers, name=name)) is not None:
            yield picture
    finally:
        process.kill()
        process.wait()
        answers.close()


def _next(
    process: "subprocess.Popen[bytes]", answers: BinaryIO, *, name: str
) -> UInt8[np.ndarray, "h w 3"] | None:
    """The next frame; None after the last."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        process.kill()

    timer = threading.Timer(_PATIENCE, expire)
    timer.daemon = True
    timer.start()
    try:
        height, width = HEAD.unpack(exactly(answers, HEAD.size))
        if not height:
            return None
        content = exactly(answers, 3 * height * width if width else height)
    except EOFError as error:
        if expired.is_set():
            raise DecodeTimeout(
                f"A frame of {name} took longer than {_PATIENCE:g} s to decode: "
                "make its picture smaller."
            ) from error
        raise UnreadableClip(f"{name} crashes the decoder: record or convert it again.") from error
    finally:
        timer.cancel()
    if not width:
        kind, message = json.loads(content)
        raise ERRORS.get(kind, UnreadableClip)(message)
    return np.frombuffer(content, np.uint8).reshape(height, width, 3)
