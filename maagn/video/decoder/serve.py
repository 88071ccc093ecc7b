"""Requests answered one after another: the worker's life after its entrance."""

import os
import sys
from typing import BinaryIO

from maagn.errors import ClipError, ClipTooLarge, UnreadableClip
from maagn.video.decoder.confine import allow
from maagn.video.decoder.protocol import Header, Request, send


def serve() -> None:
    """Read requests from stdin until it ends, answer each on what was stdout."""
    answers = private_stdout()
    for line in sys.stdin.buffer:
        request = Request.from_line(line)
        allow(request.limits.seconds_to_decode)
        try:
            _serve_one(request, answers)
        except BrokenPipeError:
            return  # the parent has lost interest
        allow(0)


def _serve_one(request: Request, answers: BinaryIO) -> None:
    try:
        _answer(request, answers)
    except ClipError as error:
        _send_error(answers, error)
    except MemoryError:
        _send_error(
            answers,
            ClipTooLarge(f"{request.name} needs too much memory: make its picture smaller."),
        )
    except BrokenPipeError:
        raise
    except Exception as error:  # a damaged file may raise anything; it gets a name here
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        _send_error(answers, UnreadableClip(f"{request.name} could not be decoded ({reason})."))


def _answer(request: Request, answers: BinaryIO) -> None:
    # Imported here so that each process holds one decoder: two FFmpeg libraries in one can clash.
    if request.reader == "decord":
        from maagn.video.decoder import with_decord

        send(answers, *with_decord.read(request))
        return
    if request.reader == "pillow":
        from maagn.video.decoder import with_pillow

        read, length = with_pillow.read, with_pillow.length
    else:
        from maagn.video.decoder import with_pyav

        read, length = with_pyav.read, with_pyav.length
    if request.length_only:
        send(answers, length(request))
    else:
        send(answers, *read(request))


def private_stdout() -> BinaryIO:
    """A stream to the parent that nothing printed by a native library can reach."""
    stream = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return stream


def _send_error(answers: BinaryIO, error: ClipError) -> None:
    send(answers, Header(error=type(error).__name__, message=str(error)))
