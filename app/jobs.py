"""The queue in front of the models: one worker, so that visitors take turns on the device."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

_KEPT = 16  # an answer holds its clip: at most some tens of megabytes


@dataclass(eq=False)
class Job:
    """Work that was asked for.

    Attributes:
        part: how much is done, in [0, 1].
        doing: what is being done, for people.
        future: the result, or the error.
    """

    part: float = 0.0
    doing: str = "Waiting for its turn"
    future: Future[Any] = field(default_factory=Future)

    def step(self, part: float, doing: str) -> None:
        """Say how far the work is; called by the work itself."""
        self.part, self.doing = part, doing

    @property
    def done(self) -> bool:
        """Whether there is a result or an error."""
        return self.future.done()


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

    def forget(self, key: Hashable) -> None:
        """Drop a job, so that asking again does the work again."""
        with self._lock:
            self._jobs.pop(key, None)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    try:
        job.future.set_result(work(job))
    except Exception as error:
        logging.getLogger(__name__).debug("a job failed", exc_info=error)
        job.future.set_exception(error)
