"""The decoding workers of this process: reused while they are sound, few, and never left behind.

A worker that has shown an error, a damaged file or a very large one is not used again, so no clip
is read by a process that a hostile file may have bent.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from maagn.types import Reader
from maagn.video.decoder.wire import Request
from maagn.video.worker import Worker

READS = max(2, os.cpu_count() or 1)  # files that are read at a time, each by at most two workers
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
def turn() -> Iterator[None]:
    """Wait until one more file may be read; its workers are borrowed inside."""
    with _pool.turn:
        yield


@contextmanager
def ready(reader: Reader) -> Iterator[Worker]:
    """A worker to be asked; ended unless it is sound and the block ends without an error."""
    pool = _pool
    worker = pool.take(reader)
    try:
        yield worker
    except BaseException:
        worker.end()
        raise
    pool.put_back(worker)


@contextmanager
def borrowed(request: Request) -> Iterator[Worker]:
    """A worker that was asked already; afterwards as `ready`."""
    with ready(request.reader) as worker:
        worker.ask(request)
        yield worker


def close() -> None:
    """End the workers that wait; the next file starts new ones."""
    _pool.close()


def _anew() -> None:
    """In a forked process: the workers and the starting thread are the parent's."""
    global _pool
    _pool = _Pool()


atexit.register(close)
os.register_at_fork(after_in_child=_anew)
