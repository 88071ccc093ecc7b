"""Small pictures of each of many files, from one process: for browsing, not for networks.

The first, the middle and the last frame, side by side: opposites differ in their order alone. Line
in: a JSON request; out: for each file its length (`LENGTH` of the protocol) and a JPEG; a length
of 0 says that there is no picture to be had.
"""

import contextlib
import io
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.container import InputContainer
from PIL import Image, ImageOps

from maagn.video.decoder.confine import allow
from maagn.video.decoder.container import OPEN_OPTIONS, clip_stream
from maagn.video.decoder.picture import orientation, upright
from maagn.video.decoder.protocol import LENGTH
from maagn.video.decoder.serve import private_stdout
from maagn.video.formats import is_animated_webp
from maagn.video.frame_folder import frames_in

_QUALITY = 75
_SECONDS = 0.6  # from a key frame to the frame that is asked for; then the one that is reached


def serve_stills() -> None:
    """Read the request from stdin, answer file by file on what was stdout."""
    answers = private_stdout()
    request = json.loads(sys.stdin.buffer.readline())
    allow(float(request["seconds"]))
    av.logging.set_level(av.logging.PANIC)
    with contextlib.suppress(BrokenPipeError):
        for path, template in zip(request["paths"], request["templates"], strict=True):
            _send(answers, _still(Path(path), template=template, side=int(request["side"])))


def _send(answers: BinaryIO, content: bytes) -> None:
    answers.write(LENGTH.pack(len(content)) + content)
    answers.flush()


def _still(path: Path, *, template: str | None, side: int) -> bytes:
    try:
        images = list(_pictures(path, template) if path.is_dir() else _frames(path))
        for image in images:
            image.thumbnail((side, side))
        joined = Image.new("RGB", (sum(one.width for one in images), images[0].height))
        left = 0
        for image in images:
            joined.paste(image.convert("RGB"), (left, 0))
            left += image.width
        file = io.BytesIO()
        joined.save(file, "JPEG", quality=_QUALITY)
    except Exception:  # a damaged file may raise anything; it has no picture then
        return b""
    return file.getvalue()


def _frames(path: Path) -> Iterator[Image.Image]:
    with path.open("rb") as file:
        head = file.read(32)
    if not is_animated_webp(head):
        yield from _decoded(path)
        return
    image = Image.open(path, formats=("WEBP",))
    for number in _three(getattr(image, "n_frames", 1)):
        image.seek(number)
        yield ImageOps.exif_transpose(image)


def _three(count: int) -> tuple[int, int, int]:
    """The first, the middle and the last of so many."""
    return 0, count // 2, count - 1


def _decoded(path: Path) -> Iterator[Image.Image]:
    """Each is looked for from the key frame at or before it; without a length, the first alone."""
    with _opened(path) as container:
        stream = clip_stream(container, name=path.name, again=lambda: _opened(path))
        start, long = container.start_time or 0, container.duration or 0
        for at in (0, long // 2, long) if long else (0,):
            if at:
                with contextlib.suppress(av.FFmpegError):  # what cannot be sought goes on
                    container.seek(start + at)
            yield _frame_at((start + at) / av.time_base, container.decode(stream))


def _frame_at(seconds: float, frames: Iterator[av.VideoFrame]) -> Image.Image:
    """The frame that is shown at that time, or the last that is reached."""
    until = time.monotonic() + _SECONDS
    frame = next(frames)
    with contextlib.suppress(av.FFmpegError):  # damaged further on: what came before is shown
        for following in frames:
            if following.time is None or following.time > seconds or time.monotonic() > until:
                break
            frame = following
    how, size = orientation(frame), (frame.width, frame.height)
    picture = upright(frame, how=how, size=size[::-1] if how.transposes else size)
    return Image.fromarray(np.ascontiguousarray(picture))


def _opened(path: Path) -> InputContainer:
    return av.open(str(path), options=OPEN_OPTIONS, metadata_errors="replace")


def _pictures(folder: Path, template: str | None) -> Iterator[Image.Image]:
    pictures = frames_in(folder, template=template).paths
    for number in _three(len(pictures)):
        path = pictures[number]
        if path.resolve().parent != folder.resolve() or not path.is_file():  # a way out, a pipe
            raise ValueError(f"{path.name} is no file of the folder")
        image: Image.Image = Image.open(path, formats=("JPEG", "PNG"))
        image.draft("RGB", (256, 256))
        yield ImageOps.exif_transpose(image)
