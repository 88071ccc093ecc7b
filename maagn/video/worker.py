"""The decoding processes, as their parent sees them: started, given deadlines, heard, ended.

They are reused while they are sound, few, and never left behind. A worker that has shown an error,
a damaged file or a very large one is not used again, so no clip is read by a process that a hostile
file may have bent.
"""

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from maagn import errors
from maagn.section import Section
from maagn.types import Reader
from maagn.video.decoder.protocol import Header, Request, receive

ENTRANCE = Path(__file__).parent / "decoder" / "__main__.py"


ERRORS: dict[str, type[errors.ClipError]] = {
    kind.__name__: kind
    for kind in (
        errors.UnreadableClip,
        errors.TooFewFrames,
        errors.SectionError,
        errors.ClipTooLarge,
    )
}


# Native decoders keep memory, and what they keep grows: a worker is replaced before that matters.
MOST_ANSWERS = 50


MOST_BYTES = 100_000_000  # of frames in one answer; what follows such a one gets a fresh process


class WorkerLostError(Exception):
    """The worker ended before it had replied."""


class WorkerExpiredError(WorkerLostError):
    """The worker was killed at its deadline."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What one reader made of a file.

    Attributes:
        frames: the wanted frames, RGB, upright.
        indices: their places among all readable frames, or those of the section.
        seconds: time of every one of those, from the first one's.
        film_seconds: of the file, from the first frame to the end of the last.
        film_frames: how many it has.
        section: times in the file of the section's first frame and of what follows its last.
        notices: sentences about what was unusual.
    """

    frames: UInt8[np.ndarray, "t h w 3"]
    indices: Int64[np.ndarray, " t"]
    seconds: Float64[np.ndarray, " n"]
    film_seconds: float
    film_frames: int
    section: Section | None
    notices: tuple[str, ...]


class Worker:
    """A process that decodes one file after another; borrowed from `maagn.video.worker`.

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

    def ask(self, request: Request) -> None:
        """Give it a file to read, and its deadline: all that it tries comes before that."""
        self._request = request
        self._timer.cancel()
        self._timer = threading.Timer(request.limits.seconds_to_decode, self._expire)
        self._timer.daemon = True
        self._timer.start()
        try:
            self._requests.write(request.to_line())
            self._requests.flush()
        except BrokenPipeError:
            self._clean = False  # it is dead: the answer will say so

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
        """Kill the worker at once."""
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
        film_seconds=header.film_seconds,
        film_frames=header.film_frames,
        section=None if header.section is None else Section(*header.section),
        notices=header.notices,
    )


READS = max(2, os.cpu_count() or 1)  # files that are read at a time


IDLE = 2  # workers of each reader that wait for the next file


class _Pool:
    def __init__(self) -> None:
        self.turn = threading.BoundedSemaphore(READS)
        self._lock = threading.Lock()
        self._idle: list[Worker] = []
        # The system ends a worker together with the thread that started it, so one that lasts as
        # long as the process starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="decode-starter")

    def take(self, reader: Reader) -> Worker:
        while True:
            with self._lock:
                found = next((one for one in self._idle if one.reader == reader), None)
                if found is not None:
                    self._idle.remove(found)
            if found is None:
                return self._starter.submit(Worker, reader).result()
            if found.reusable:  # it may have been killed while it waited
                return found
            found.end()

    def put_back(self, worker: Worker) -> None:
        if worker.reusable:
            with self._lock:
                waiting = sum(one.reader == worker.reader for one in self._idle)
                if waiting < IDLE:
                    self._idle.append(worker)
                    return
        worker.end()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()


_pool = _Pool()


@contextmanager
def borrowed(request: Request) -> Iterator[Worker]:
    """A worker that reads the file, once one more may be read.

    It is ended unless it is sound and the block ends without an error.
    """
    pool = _pool
    with pool.turn:
        worker = pool.take(request.reader)
        try:
            worker.ask(request)
            yield worker
        except BaseException:
            worker.end()
            raise
        pool.put_back(worker)


def close() -> None:
    """End the workers that wait; the next file starts new ones."""
    _pool.close()


def _anew() -> None:
    """In a forked process: the workers and the starting thread are the parent's."""
    global _pool
    _pool = _Pool()


atexit.register(close)


os.register_at_fork(after_in_child=_anew)
