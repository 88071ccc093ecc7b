"""The decoding worker as its parent sees it: started, given a deadline, heard, and always ended."""

import contextlib
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from maagn import errors
from maagn.video.decoder.wire import Header, Request, receive

ENTRANCE = Path(__file__).parent / "decoder" / "__main__.py"
ERRORS: dict[str, type[errors.ClipError]] = {
    kind.__name__: kind
    for kind in (errors.UnreadableClip, errors.TooFewFrames, errors.ClipTooLarge)
}


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
    """

    frames: UInt8[np.ndarray, "t h w 3"]
    indices: Int64[np.ndarray, " t"]
    seconds: Float64[np.ndarray, " n"]
    notices: tuple[str, ...]


class Worker:
    """A process that decodes one file, to be used in a `with` statement.

    A process and not a thread: native decoders loop for ever on some files with Python's lock held,
    and end the process on others.

    Args:
        request: what to read.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._expired = False
        # Spawned, never forked: a fork of a process with threads (torch, Streamlit) can deadlock.
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(ENTRANCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        requests = cast(BinaryIO, self._process.stdin)  # both were asked for as pipes
        self._answers = cast(BinaryIO, self._process.stdout)
        self._timer = threading.Timer(0, self._expire)
        self.allow(request.limits.seconds_to_decode)
        with contextlib.suppress(BrokenPipeError), requests:
            requests.write(request.to_line())

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        self._answers.close()

    def allow(self, seconds: float) -> None:
        """Kill the worker this many seconds from now, instead of at the earlier deadline."""
        self._timer.cancel()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def answer(self) -> Answer:
        """Wait for what the worker read.

        Raises:
            ClipError: what the worker found wrong with the file.
            WorkerExpiredError: it had to be killed.
            WorkerLostError: it died, or spoke nonsense.
        """
        try:
            header, frames = receive(self._answers, most_bytes=self._request.limits.kept_bytes)
        except (EOFError, ValueError) as error:
            raise (WorkerExpiredError if self._expired else WorkerLostError) from error
        if header.error:
            raise ERRORS.get(header.error, errors.UnreadableClip)(header.message)
        return _answer(header, frames)

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()


def _answer(header: Header, frames: UInt8[np.ndarray, "t h w 3"]) -> Answer:
    return Answer(
        frames=frames,
        indices=np.array(header.indices, dtype=np.int64),
        seconds=np.array(header.seconds, dtype=np.float64),
        notices=header.notices,
    )
