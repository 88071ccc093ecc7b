"""The queue in front of the models: one worker, so that visitors take turns on the device."""

import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from app.job import Cancelled, Job
from app.memory import Memory
from app.weight import weigh
from maagn.errors import MaagnError
from maagn.faults import named

__all__ = ["BusyError", "Cancelled", "Job", "LostError", "Queue"]

_KEPT = 48  # finished jobs
_KEPT_BYTES = 300_000_000  # that their results take
_MOST_WAITING = 64  # jobs; the last of so many would wait for minutes

Work = Callable[[Job], Any]


class BusyError(MaagnError):
    """Too many jobs wait already."""


class LostError(MaagnError):
    """The worker ended in the middle of a job."""


class Queue:
    """Jobs by key: who asks the same again, or meanwhile, gets the same job.

    Visitors take turns: whoever asked for much waits for those who asked for little. A job that
    everybody has left before it began is dropped. Finished jobs are kept until newer ones need
    their room; failed ones until they are asked for again, so that a person can try once more.

    Args:
        kept: finished jobs that are kept at most.
        kept_bytes: that their results take together, at most.
        most_waiting: jobs that may wait.
    """

    def __init__(
        self,
        *,
        kept: int = _KEPT,
        kept_bytes: int = _KEPT_BYTES,
        most_waiting: int = _MOST_WAITING,
    ) -> None:
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lanes: OrderedDict[str, deque[tuple[Job, Work]]] = OrderedDict()  # by visitor
        self._changed = threading.Condition()
        self._kept, self._kept_bytes = kept, kept_bytes
        self._most_waiting = most_waiting
        self._worker: threading.Thread | None = None
        self._memory = Memory()

    def ask(self, key: Hashable, work: Work, *, asker: str = "") -> Job:
        """The job of that key; `work` is queued if there is none.

        Args:
            key: what was asked, whole.
            work: takes its job.
            asker: who asks; turns go round among askers.

        Raises:
            BusyError: as many jobs as are allowed wait already.
        """
        with self._changed:
            job = self._jobs.get(key)
            if job is not None and _dropped(job):
                job = None
            if job is None:
                self._refuse_too_many()
                job = self._jobs[key] = Job()
                self._lane(asker).append((job, work))
            elif job.started is None and not job.done:
                self._lane(asker).append((job, work))  # it may come sooner in this one's turn
            self._jobs.move_to_end(key)
            self._make_room()
            self._tend()
            self._changed.notify()
            return job

    @contextmanager
    def waiting_for(self, job: Job) -> Iterator[None]:
        """Somebody waits for a job inside; leaving may drop it from the queue."""
        job.wait()
        try:
            yield
        finally:
            job.leave()

    def find(self, key: Hashable) -> Job | None:
        """The job of that key, if it was asked for; nothing is queued."""
        with self._changed:
            return self._jobs.get(key)

    def forget(self, key: Hashable) -> None:
        """Drop a job, so that asking again does the work again."""
        with self._changed:
            self._jobs.pop(key, None)

    def clear(self) -> None:
        """Drop every finished job."""
        with self._changed:
            for key in [key for key, job in self._jobs.items() if job.done]:
                del self._jobs[key]

    def before(self, job: Job) -> int:
        """How many jobs come before one that waits; 0 for one that has begun."""
        with self._changed:
            if job.started is not None or job.done:
                return 0
            self._tend()
            running = sum(one.started is not None and not one.done for one in self._jobs.values())
            order = list(self._turns())
            return running + (order.index(job) if job in order else 0)

    def _turns(self) -> Iterator[Job]:
        """Waiting jobs in the order of their turns, each once."""
        seen: set[Job] = set()
        lanes = [list(lane) for lane in self._lanes.values()]
        for turn in range(max(map(len, lanes), default=0)):
            for lane in lanes:
                if turn < len(lane) and _waits(lane[turn][0]) and lane[turn][0] not in seen:
                    seen.add(lane[turn][0])
                    yield lane[turn][0]

    def _lane(self, asker: str) -> deque[tuple[Job, Work]]:
        return self._lanes.setdefault(asker, deque())

    def _refuse_too_many(self) -> None:
        waiting = sum(1 for _ in self._turns())
        if waiting >= self._most_waiting:
            raise BusyError(
                f"The explorer is busy: {waiting} questions wait already. Try again in a minute."
            )

    def _make_room(self) -> None:
        done = [key for key, job in self._jobs.items() if job.done]
        weight = sum(self._jobs[key].weight for key in done)
        while done and (len(self._jobs) > self._kept or weight > self._kept_bytes):
            weight -= self._jobs.pop(done.pop(0)).weight

    def _tend(self) -> None:
        if self._worker is None or not self._worker.is_alive():
            self._worker = threading.Thread(target=self._serve, name="model", daemon=True)
            self._worker.start()

    def _next(self) -> tuple[Job, Work]:
        """The next visitor's first job, waiting for one if need be."""
        with self._changed:
            while True:
                for asker in list(self._lanes):
                    lane = self._lanes.pop(asker)
                    while lane:
                        job, work = lane.popleft()
                        if not _waits(job):
                            continue
                        if lane:
                            self._lanes[asker] = lane  # last in turn now
                        job.started = time.monotonic()
                        return job, work
                self._changed.wait()

    def _serve(self) -> None:
        while True:
            job, work = self._next()
            try:
                _run(job, work)
            except BaseException as error:  # somebody ends this thread; others still wait
                logging.getLogger(__name__).error("the worker was ended", exc_info=error)
                if not job.done:
                    job.future.set_exception(
                        LostError("The worker ended in the middle of this: try once more.")
                    )
            with self._changed:
                self._make_room()
            self._memory.give_back()


def _dropped(job: Job) -> bool:
    """Whether nobody stopped a job, but it ended, or is about to, because everybody had left."""
    if job.done:
        return isinstance(job.future.exception(), Cancelled) and not job.cancelled
    return job.started is None and job.deserted_for(0)


def _waits(job: Job) -> bool:
    """Whether a job is still to be begun; one that everybody has left ends here."""
    if job.started is not None or job.done:
        return False
    if job.deserted_for(0):
        job.future.set_exception(Cancelled())
        return False
    return True


def _run(job: Job, work: Work) -> None:
    try:
        if job.cancelled:
            raise Cancelled
        result = work(job)
        job.weight = weigh(result)
        job.future.set_result(result)
    except Cancelled as stopped:
        job.future.set_exception(stopped)
    except Exception as error:
        logging.getLogger(__name__).debug("a job failed", exc_info=error)
        job.future.set_exception(named(error) or error)
