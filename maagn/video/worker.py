"""A decoding worker as its parent sees it: started, asked, given a deadline, heard, and ended."""

import contextlib
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from maagn import errors
from maagn.types import Reader
from maagn.video.decoder.wire import Header, Outline, Request, receive, receive_outline

ENTRANCE = Path(__file__).parent / "decoder" / "__main__.py"
ERRORS: dict[str, type[errors.ClipError]] = {
    kind.__name__: kind
    for kind in (errors.UnreadableClip, errors.TooFewFrames, errors.ClipTooLarge)
}
# Native decoders keep memory, and what they keep grows: a worker is replaced before that matters.
MOST_ANSWERS = 50
MOST_BYTES = 100_000_000  # of frames in one answer; what follows such a one gets a fresh process


class WorkerLostError(Exception):
    """The worker ended before it had answered."""


class WorkerExpiredError(WorkerLostError):
    """The worker was killed at its deadline."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What one reader made of a file.

    Attributes:
        frames: the wanted frames, RGB, upright.
        indices: their places among all readable frames.
        seconds: time of every readable frame, from the first one's.
        notices: sentences about what was unusual.
        outlined: whether the frames were made from the packets of the outline and no others.
        mirrored: whether left and right of the frames were exchanged to make them upright.
        turns: quarters by which the frames were turned after that, counterclockwise.
    """

    frames: UInt8[np.ndarray, "t h w 3"]
    indices: Int64[np.ndarray, " t"]
    seconds: Float64[np.ndarray, " n"]
    notices: tuple[str, ...]
    outlined: bool = False
    mirrored: bool = False
    turns: int = 0


class Worker:
    """A process that decodes one file after another; borrowed from `maagn.video.pool`.

    A process and not a thread: native decoders loop for ever on some files with Python's lock held,
    and end the process on others.

    Args:
        reader: the decoder that it holds; one a process, since two FFmpeg libraries can clash.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._answered = 0
        self._clean = True
        self._expired = False
        self._request: Request | None = None
        # Spawned, never forked: a fork of a process with threads (torch, Streamlit) can deadlock.
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(ENTRANCE), reader, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._requests = cast(BinaryIO, self._process.stdin)  # both were asked for as pipes
        self._answers = cast(BinaryIO, self._process.stdout)
        self._timer = threading.Timer(0, self._expire)

    @property
    def reusable(self) -> bool:
        """Whether it may serve again: alive, nothing strange seen, and not too long in service."""
        return (
            self._clean
            and self._request is None
            and not self._expired
            and self._answered < MOST_ANSWERS
            and self._process.poll() is None
        )

    def ask(self, request: Request, content: bytes = b"") -> None:
        """Give it a file to read: at the request's path, or `content`; and its deadline."""
        self._request = request
        self.allow(request.limits.seconds_to_decode)
        try:
            self._requests.write(request.to_line() + content)
            self._requests.flush()
        except BrokenPipeError:
            self._clean = False  # it is dead: the answer will say so

    def allow(self, seconds: float) -> None:
        """Kill the worker this many seconds from now, instead of at the earlier deadline."""
        self._timer.cancel()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def outline(self) -> tuple[Outline, bytes]:
        """Wait for what comes before the answer, where the request asks for outlines.

        Raises:
            ClipError: as `answer`.
            WorkerExpiredError: as `answer`.
            WorkerLostError: as `answer`.
        """
        assert self._request is not None
        try:
            found = receive_outline(self._answers, most_bytes=self._request.limits.bytes)
        except (EOFError, ValueError) as error:
            self._timer.cancel()
            self._clean = False
            raise (WorkerExpiredError if self._expired else WorkerLostError) from error
        if isinstance(found, Header):
            self._timer.cancel()
            self._request = None
            self._refuse(found)
            raise WorkerLostError  # an answer without an outline
        return found

    def answer(self) -> Answer:
        """Wait for what the worker read.

        Raises:
            ClipError: what the worker found wrong with the file.
            WorkerExpiredError: it had to be killed.
            WorkerLostError: it died, or spoke nonsense.
        """
        assert self._request is not None
        most = self._request.limits.kept_bytes
        try:
            header, frames = receive(self._answers, most_bytes=most)
        except (EOFError, ValueError) as error:
            self._clean = False
            raise (WorkerExpiredError if self._expired else WorkerLostError) from error
        finally:
            self._timer.cancel()
        self._request = None
        self._answered += 1
        self._refuse(header)
        self._clean = self._clean and not header.notices and frames.nbytes <= MOST_BYTES
        return _answer(header, frames)

    def _refuse(self, header: Header) -> None:
        if header.error:
            # A file that native code choked on may have left something behind in the process.
            self._clean = False
            raise ERRORS.get(header.error, errors.UnreadableClip)(header.message)

    def end(self) -> None:
        """Kill it, whatever it does."""
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with contextlib.suppress(BrokenPipeError):  # a request may still be in the buffer
            self._requests.close()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()


def _answer(header: Header, frames: UInt8[np.ndarray, "t h w 3"]) -> Answer:
    return Answer(
        frames=frames,
        indices=np.array(header.indices, dtype=np.int64),
        seconds=np.array(header.seconds, dtype=np.float64),
        notices=header.notices,
        outlined=header.outlined,
        mirrored=header.mirrored,
        turns=header.turns,
    )
