"""The queue in front of the models: one worker, so that visitors take turns on the device."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

_KEPT = 48  # an answer holds its clip: at most some tens of megabytes
_TELLING = 0.05  # part that must be done before a guess of the time left is worth anything


class Cancelled(Exception):
    """The work was told to stop; asked for again, it begins anew."""


@dataclass(eq=False)
class Job:
    """Work that was asked for.

    Attributes:
        part: how much is done, in [0, 1].
        doing: what is being done, for people.
        future: the result, or the error.
        started: when the work began, on `time.monotonic`'s clock; None while it waits.
        cancelled: whether it was told to stop.
    """

    part: float = 0.0
    doing: str = "Waiting for its turn"
    future: Future[Any] = field(default_factory=Future)
    started: float | None = None
    cancelled: bool = False

    def step(self, part: float, doing: str) -> None:
        """Say how far the work is; called by the work itself, which ends here once cancelled.

        Raises:
            Cancelled: somebody told the job to stop.
        """
        if self.cancelled:
            raise Cancelled
        self.part, self.doing = part, doing

    def cancel(self) -> None:
        """Tell the work to stop at its next step; what waits for its turn never begins."""
        self.cancelled = True

    @property
    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self.future.done()

    @property
    def seconds_left(self) -> float | None:
        """A guess from the pace so far; None while there is nothing to guess from."""
        if self.started is None or self.part < _TELLING:
            return None
        return (time.monotonic() - self.started) * (1 - self.part) / self.part


class Queue:
    """Jobs by key: who asks the same again, or meanwhile, gets the same job.

    Finished jobs are kept until `kept` newer ones have come; failed ones until they are asked for
    again, so that a person can try once more.
    """

    def __init__(self, *, kept: int = _KEPT) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._kept = kept

    def ask(self, key: Hashable, work: Callable[[Job], Any]) -> Job:
        """The job of that key; `work` is queued if there is none."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = Job()
                self._worker.submit(_run, job, work)
            self._jobs.move_to_end(key)
            while len(self._jobs) > self._kept:
                self._jobs.popitem(last=False)
            return job

    def find(self, key: Hashable) -> Job | None:
        """The job of that key, if it was asked for; nothing is queued."""
        with self._lock:
            return self._jobs.get(key)

    def forget(self, key: Hashable) -> None:
        """Drop a job, so that asking again does the work again."""
        with self._lock:
            self._jobs.pop(key, None)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    job.started = time.monotonic()
    try:
        if job.cancelled:
            raise Cancelled
        job.future.set_result(work(job))
    except Cancelled as stopped:
        job.future.set_exception(stopped)
    except Exception as error:
        logging.getLogger(__name__).debug("a job failed", exc_info=error)
        job.future.set_exception(error)
