"""Every frame of one file, one after the other, each sent before the next is decoded.

One line in: a JSON request. Out, for each frame: `HEAD` with its height and width, and its pixels;
then `HEAD` with zeros. Where something is wrong with the file, `HEAD` has a width of zero and the
length of a JSON object with the error's name and sentence, which follows.
"""

import contextlib
import json
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from maagn.errors import ClipError, ClipTooLarge, UnreadableClip
from maagn.video.decoder.confine import allow
from maagn.video.decoder.container import clip_stream, opened
from maagn.video.decoder.picture import orientation, upright
from maagn.video.decoder.protocol import Request, refuse_too_much
from maagn.video.decoder.serve import private_stdout
from maagn.video.decoder.with_pyav import frames_of

HEAD = struct.Struct(">II")


def serve_every_frame() -> None:
    """Read the request from stdin, answer on what was stdout."""
    answers = private_stdout()
    asked = json.loads(sys.stdin.buffer.readline())
    height, seconds = int(asked.pop("height")), float(asked.pop("seconds"))
    request = Request.from_line(json.dumps(asked).encode())
    with contextlib.suppress(BrokenPipeError):  # the parent has lost interest
        try:
            allow(seconds)
            for picture in _pictures(request, height):
                answers.write(HEAD.pack(*picture.shape[:2]))
                answers.write(np.ascontiguousarray(picture).data)
                answers.flush()
                allow(seconds)  # for the next
            answers.write(HEAD.pack(0, 0))
        except ClipError as error:
            _send_error(answers, error)
        except BrokenPipeError:
            raise
        except Exception as error:  # a damaged file may raise anything; it gets a name here
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            _send_error(answers, UnreadableClip(f"{request.name} cannot be decoded ({reason})."))
        answers.flush()


def _pictures(request: Request, height: int) -> Iterator[npt.NDArray[np.uint8]]:
    """The frames upright and of that height, as the first frame is turned and shaped."""
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        size: tuple[int, int] | None = None
        for count, frame in enumerate(frames_of(container, stream)):
            if count >= request.limits.frames:
                raise ClipTooLarge(f"{request.name} has too many frames: trim it.")
            if size is None:
                refuse_too_much(request, (frame.width, frame.height), frames=1)
                how = orientation(frame)
                wide, high = frame.width, frame.height
                if how.transposes:
                    wide, high = high, wide
                size = (max(2, round(wide * height / high)), height)
            yield upright(frame, size=size, how=how)


def _send_error(answers: BinaryIO, error: ClipError) -> None:
    content = json.dumps([type(error).__name__, str(error)]).encode()
    answers.write(HEAD.pack(len(content), 0) + content)
