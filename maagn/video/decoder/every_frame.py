"""Every frame of one file, one after the other, each sent before the next is decoded.

One line in: a JSON request. Out, for each picture of a frame: `HEAD` with its height, width and
seconds, and its pixels; then `HEAD` with zeros. Where something is wrong with the file, `HEAD` has
a width of zero and the length of a JSON object with the error's name and sentence, which follows.
"""

import contextlib
import json
import math
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from maagn.errors import ClipError, ClipTooLarge, UnreadableClip
from maagn.video.decoder.confine import allow
from maagn.video.decoder.container import clip_stream, opened
from maagn.video.decoder.decode_plan import plan_decoding
from maagn.video.decoder.frame_times import repair_in_passing
from maagn.video.decoder.packet_index import declared_gap, index_packets
from maagn.video.decoder.picture import orientation, upright
from maagn.video.decoder.protocol import Request, refuse_too_long, refuse_too_much
from maagn.video.decoder.serve import private_stdout
from maagn.video.decoder.with_pyav import DoubtError, foretold, frames_of

HEAD = struct.Struct(">IId")

_SLACK = 1.0  # seconds before a section in which pictures are made: times may be handed about
_ROUNDING = 1e-3  # seconds that a file may round a time by: ticks of Matroska

Picture = npt.NDArray[np.uint8]
Pictures = list[Picture]
SMALL = 64  # pixels of each side of the picture by which cuts are found
Shape = int | dict[str, list[int] | None]
"""The height of a frame's one picture. Or `sides`: a small picture of every frame, and of the
`wanted` ones, numbers from 0 or None for all, others with these short sides."""


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
    """The frames that are sent, with their seconds from the file's first."""
    sent = 0
    try:
        for seconds, picture in _section(request, shape, gap=gap):
            yield seconds, picture
            sent += 1
    except DoubtError:
        yield from islice(_all(request, shape, gap=gap), sent, None)


def _section(request: Request, shape: Shape, *, gap: float) -> Iterator[tuple[float, Pictures]]:
    """Those of a section, from the packets that they need alone.

    Raises:
        DoubtError: which those are is not proven, or no section is asked for.
    """
    if request.section is None:
        raise DoubtError("all frames are asked for")
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        index = index_packets(request, container, stream)
        plan = plan_decoding(index, request)
        if plan is None or plan.frames.section is None:
            raise DoubtError("all packets may be needed")
        frames = (frame for frame, wanted in foretold(request, index, plan, stream) if wanted)
        seconds = (plan.frames.section.start + second for second in plan.frames.seconds)
        pictures = _pictures(request, frames, shape, gap=gap)
        for second, (_, picture) in zip(seconds, pictures, strict=False):
            if picture is not None:
                yield second, picture


def _all(request: Request, shape: Shape, *, gap: float) -> Iterator[tuple[float, Pictures]]:
    """Those of the section where one is asked for, or all, from every packet up to them."""
    section = request.section
    start = -math.inf if section is None else section.start - _SLACK
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        pictures = _pictures(request, frames_of(container, stream), shape, gap=gap, start=start)
        for seconds, picture in repair_in_passing(pictures, gap=declared_gap(stream)):
            refuse_too_long(request, seconds)
            if section is not None and seconds >= section.end:
                return
            if picture is not None and (section is None or seconds in section):
                yield seconds, picture


def _pictures(
    request: Request,
    frames: Iterable[VideoFrame],
    shape: Shape,
    *,
    gap: float,
    start: float = -math.inf,
) -> Iterator[tuple[float | None, Pictures | None]]:
    """The file's times, and pictures upright and of that shape, as the first is turned and shaped.

    No picture is made of a frame that comes before the next is due, one every `gap` seconds, or
    before `start`, in seconds from the first.
    """
    size: tuple[int, int] | None = None
    sides: list[int] = []
    wanted: frozenset[int] | None = None
    due = begin = 0.0
    for count, frame in enumerate(frames):
        if count >= request.film_limits.frames:
            raise ClipTooLarge(f"{request.name} has too many frames: trim it.")
        if size is None:
            refuse_too_much(request, (frame.width, frame.height), frames=1)
            how = orientation(frame)
            wide, high = frame.width, frame.height
            if how.transposes:
                wide, high = high, wide
            size = (wide, high)
            if isinstance(shape, int):
                size = (max(2, round(wide * shape / high)), shape)
            else:
                sides = shape["sides"] or []
                wanted = None if shape["wanted"] is None else frozenset(shape["wanted"])
            due = begin = frame.time or 0.0
        time = frame.time
        if time is not None and time - begin < start:
            yield time, None
            continue
        if gap and time is not None:
            if _ROUNDING < due - time <= gap:
                yield time, None
                continue
            due = max(due + gap, time + gap / 2)  # after a pause, not all that were due in it
        if isinstance(shape, int):
            yield time, [upright(frame, size=size, how=how)]
            continue
        pictures = [upright(frame, size=(SMALL, SMALL), how=how)]
        if wanted is None or count in wanted:
            pictures += _short(upright(frame, size=size, how=how), sides)
        yield time, pictures


def _short(picture: Picture, sides: Sequence[int]) -> Pictures:
    """A picture as networks see it, once a short side."""
    from maagn.video.short_side import with_short_side  # OpenCV: who wants a height does without

    return [with_short_side(picture[None], side)[0] for side in sides]


def _send_error(answers: BinaryIO, error: ClipError) -> None:
    content = json.dumps([type(error).__name__, str(error)]).encode()
    answers.write(HEAD.pack(len(content), 0, 0) + content)
