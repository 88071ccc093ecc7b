"""Every frame of one file, one after the other, each sent before the next is decoded.

One line in: a JSON request. Out, for each picture of a frame: `HEAD` with its height, width and
seconds, and its pixels; then `HEAD` with zeros. Where something is wrong with the file, `HEAD` has
a width of zero and the length of a JSON object with the error's name and sentence, which follows.
"""

import contextlib
import json
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from maagn.errors import ClipError, ClipTooLarge, UnreadableClip
from maagn.video.decoder.confine import allow
from maagn.video.decoder.container import clip_stream, opened
from maagn.video.decoder.decode_plan import repair_in_passing
from maagn.video.decoder.packet_index import declared_gap
from maagn.video.decoder.picture import orientation, upright
from maagn.video.decoder.protocol import Request, refuse_too_long, refuse_too_much
from maagn.video.decoder.serve import private_stdout
from maagn.video.decoder.with_pyav import frames_of

HEAD = struct.Struct(">IId")

_ROUNDING = 1e-3  # seconds that a file may round a time by: ticks of Matroska

Picture = npt.NDArray[np.uint8]
Pictures = list[Picture]
Shape = int | list[int]
"""The height of a frame's one picture, or the short sides of several."""


def serve_every_frame() -> None:
    """Read the request from stdin, answer on what was stdout."""
    answers = private_stdout()
    asked = json.loads(sys.stdin.buffer.readline())
    seconds, most, shape = float(asked.pop("seconds")), asked.pop("most"), asked.pop("shape")
    request = Request.from_line(json.dumps(asked).encode())
    with contextlib.suppress(BrokenPipeError):  # the parent has lost interest
        try:
            allow(seconds)
            for time, pictures in _frames(request, shape, gap=1 / most if most else 0):
                allow(0)  # the parent may take its time
                for picture in pictures:
                    answers.write(HEAD.pack(*picture.shape[:2], time))
                    answers.write(np.ascontiguousarray(picture).data)
                answers.flush()
                allow(seconds)  # for the next
            answers.write(HEAD.pack(0, 0, 0))
        except ClipError as error:
            _send_error(answers, error)
        except BrokenPipeError:
            raise
        except Exception as error:  # a damaged file may raise anything; it gets a name here
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            _send_error(answers, UnreadableClip(f"{request.name} cannot be decoded ({reason})."))
        answers.flush()


def _frames(request: Request, shape: Shape, *, gap: float) -> Iterator[tuple[float, Pictures]]:
    """The frames that are sent, with their seconds from the first."""
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        pictures = _pictures(request, frames_of(container, stream), shape, gap=gap)
        for seconds, made in repair_in_passing(pictures, gap=declared_gap(stream)):
            refuse_too_long(request, seconds)
            if made is not None:
                yield seconds, made


def _pictures(
    request: Request, frames: Iterable[VideoFrame], shape: Shape, *, gap: float
) -> Iterator[tuple[float | None, Pictures | None]]:
    """The file's times, and pictures upright and of that shape, as the first is turned and shaped.

    No picture is made of a frame that comes before the next is due, one every `gap` seconds.
    """
    size: tuple[int, int] | None = None
    due = 0.0
    for count, frame in enumerate(frames):
        if count >= request.limits.frames:
            raise ClipTooLarge(f"{request.name} has too many frames: trim it.")
        if size is None:
            refuse_too_much(request, (frame.width, frame.height), frames=1)
            how = orientation(frame)
            wide, high = frame.width, frame.height
            if how.transposes:
                wide, high = high, wide
            size = (wide, high)
            if not isinstance(shape, list):
                size = (max(2, round(wide * shape / high)), shape)
            due = frame.time or 0
        time = frame.time
        if gap and time is not None:
            if _ROUNDING < due - time <= gap:
                yield time, None
                continue
            due = max(due + gap, time + gap / 2)  # after a pause, not all that were due in it
        picture = upright(frame, size=size, how=how)
        yield time, _short(picture, shape) if isinstance(shape, list) else [picture]


def _short(picture: Picture, sides: Sequence[int]) -> Pictures:
    """A picture as networks see it, once a short side."""
    from maagn.video.short_side import with_short_side  # OpenCV: who wants a height does without

    return [with_short_side(picture[None], side)[0] for side in sides]


def _send_error(answers: BinaryIO, error: ClipError) -> None:
    content = json.dumps([type(error).__name__, str(error)]).encode()
    answers.write(HEAD.pack(len(content), 0, 0) + content)
