"""Small pictures of many videos, made in a process apart, one after the other."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.errors import ClipError
from maagn.video.decoder.protocol import LENGTH, exactly
from maagn.video.validate import LIMITS, validate_file
from maagn.video.worker import ENTRANCE

_START_SECONDS = 5.0  # for the process to be there
_MOST_BYTES = 1_000_000  # of one picture
_HEIGHT, _QUALITY = 96, 80  # of two frames side by side


def first_and_last(frames: UInt8[np.ndarray, "t h w 3"]) -> bytes:
    """A JPEG with the first and the last frame side by side: opposites differ in their order alone.

    Args:
        frames: RGB in [0, 255].
    """
    height, width = frames.shape[1:3]
    size = (round(_HEIGHT * width / height), _HEIGHT)
    both = [cv2.resize(frames[i], size, interpolation=cv2.INTER_AREA) for i in (0, -1)]
    picture = cv2.cvtColor(np.concatenate(both, axis=1), cv2.COLOR_RGB2BGR)
    written, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert written  # pixels of any size are a picture
    return content.tobytes()


def stills(
    paths: Sequence[Path],
    *,
    side: int = 120,
    patience: float = 3.0,
    templates: Sequence[str | None] = (),
) -> Iterator[bytes | None]:
    """A JPEG of each video, in order, as soon as it is made: first, middle and last frame in a row.

    A file that hangs or crashes the decoder costs its own picture alone: the others get a new
    process.

    Args:
        paths: video files, or folders with one picture per frame.
        side: largest height and width of a frame in pixels.
        patience: seconds that one file may take.
        templates: for each path that of its pictures, where it is a folder
            (`maagn.video.frame_folder.frames_in`); none are given for none.

    Yields:
        The three frames side by side; of a file that does not say how long it is, the first alone;
        None where there is no picture to be had.
    """
    waiting = list(paths)
    named = list(templates) or [None] * len(waiting)
    while waiting:
        admitted = _admitted(waiting)
        if not admitted:
            yield None
            waiting, named = waiting[1:], named[1:]
            continue
        made = 0
        given = named[: len(admitted)]
        for content in _made(admitted, templates=given, side=side, patience=patience):
            yield content or None
            made += 1
        waiting, named = waiting[made:], named[made:]
        if made < len(admitted):  # the process ended on this one
            yield None
            waiting, named = waiting[1:], named[1:]


def _admitted(paths: Sequence[Path]) -> list[Path]:
    """Those up to the first that no decoder should see."""
    for index, path in enumerate(paths):
        if path.is_dir():
            continue
        try:
            validate_file(path, limits=LIMITS, name=path.name)
        except ClipError:
            return list(paths[:index])
    return list(paths)


def _made(
    paths: Sequence[Path], *, templates: Sequence[str | None], side: int, patience: float
) -> Iterator[bytes]:
    """Pictures until one process ends, by itself or because it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(ENTRANCE), "stills", str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    request = {
        "paths": [str(path.absolute()) for path in paths],
        "templates": list(templates),
        "side": side,
        "seconds": _START_SECONDS + patience * len(paths),
    }
    try:
        requests, answers = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
        requests.write(json.dumps(request).encode() + b"\n")
        requests.close()
        allowed = _START_SECONDS + patience
        for _ in paths:
            timer = threading.Timer(allowed, process.kill)
            timer.daemon = True
            timer.start()
            try:
                (length,) = LENGTH.unpack(exactly(answers, LENGTH.size))
                if length > _MOST_BYTES:
                    return
                content = exactly(answers, length)
            except (EOFError, BrokenPipeError):
                return
            finally:
                timer.cancel()
            yield content
            allowed = patience
    finally:
        process.kill()
        process.wait()
        cast(BinaryIO, process.stdout).close()
