"""The queue in front of the models: one worker, so that visitors take turns on the device.

Memory that is held on to after large things are done with, by rings of objects or by malloc, is
given back between jobs.
"""

import ctypes
import gc
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.errors import Cancelled, TooManyWaiting, WorkerLost
from app.nbytes import nbytes
from maagn.faults import named

_EVERY_SECONDS = 15.0


class Memory:
    """Gives free memory back to the system, now and then.

    Python frees objects that point at each other when it comes to look for them. glibc keeps what
    was freed for the next who asks, in pieces; results of many sizes that come and go for hours
    would make a server grow by megabytes a clip, however little it keeps.

    Args:
        every: seconds that pass at least between two times, since it takes some tenths of one, in
            which no Python runs.
    """

    def __init__(self, *, every: float = _EVERY_SECONDS) -> None:
        self._every = every
        self._next = 0.0
        self._lock = threading.Lock()
        # Other allocators (macOS, musl) have no such function, and no such need.
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def give_back(self) -> bool:
        """Trim memory if the interval has passed; returns whether it did."""
        with self._lock:
            if time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + self._every
        gc.collect()
        if self._trim is not None:
            self._trim(0)
        return True


_TELLING = 0.05  # part that must be done before a guess of the time left is worth anything
_LONELY_SECONDS = 10.0  # that work goes on with nobody waiting: a rerun takes a moment


@dataclass(eq=False)
class Job:
    """Work that was asked for.

    Attributes:
        part: how much is done, in [0, 1].
        doing: what is being done, for people.
        future: the result, or the error.
        started: when the work began, on `time.monotonic`'s clock; None while it waits.
        cancelled: whether it was told to stop.
        weight: bytes that the result takes; 0 until it is there.
    """

    part: float = 0.0
    doing: str = "Waiting for its turn"
    future: Future[Any] = field(default_factory=Future)
    started: float | None = None
    cancelled: bool = False
    weight: int = 0
    _waiting: int = 0
    _left: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, part: float, doing: str) -> None:
        """Say how far the work is; called by the work itself, which ends here once cancelled.

        Raises:
            Cancelled: somebody told the job to stop, or everybody who waited for it has left.
        """
        if self.cancelled or self.deserted_for(_LONELY_SECONDS):
            raise Cancelled
        self.part, self.doing = part, doing

    def cancel(self) -> None:
        """Ask the work to stop at its next step; a waiting job never starts."""
        self.cancelled = True

    def wait(self) -> None:
        """Count one more visitor as waiting for the result."""
        with self._lock:
            self._waiting += 1
            self._left = None

    def leave(self) -> None:
        """Count one visitor fewer as waiting for the result."""
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                self._left = time.monotonic()

    def deserted_for(self, seconds: float) -> bool:
        """Whether all visitors who waited left that many seconds ago; False if none ever waited."""
        with self._lock:
            return self._left is not None and time.monotonic() - self._left >= seconds

    @property
    def done(self) -> bool:
        """Whether the job has ended, with a result or an error."""
        return self.future.done()

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds left, from the pace so far; None before the first progress."""
        if self.started is None or self.part < _TELLING:
            return None
        return (time.monotonic() - self.started) * (1 - self.part) / self.part


_KEPT = 48  # finished jobs
_KEPT_BYTES = 300_000_000  # that their results take
_MOST_WAITING = 64  # jobs; the last of so many would wait for minutes

Work = Callable[[Job], Any]


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
            TooManyWaiting: as many jobs as are allowed wait already.
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
        """Count a visitor as waiting within the block; its end may drop the job from the queue."""
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
        """Forget every finished job and its result."""
        with self._changed:
            for key in [key for key, job in self._jobs.items() if job.done]:
                del self._jobs[key]

    def busy(self) -> bool:
        """Whether somebody's job runs, or waits for its turn."""
        with self._changed:
            return any(not job.done for job in self._jobs.values())

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
            raise TooManyWaiting(
                f"The explorer is busy: {waiting} requests are waiting. Try again in a minute."
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
        """The first job of the visitor whose turn is next; blocks until there is one."""
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
                        WorkerLost("The worker ended in the middle of this: try again.")
                    )
            with self._changed:
                self._make_room()
            self._memory.give_back()


def _dropped(job: Job) -> bool:
    """Whether a job ended, or is about to, because every visitor left, without being cancelled."""
    if job.done:
        return isinstance(job.future.exception(), Cancelled) and not job.cancelled
    return job.started is None and job.deserted_for(0)


def _waits(job: Job) -> bool:
    """Whether a job still has to start; a job that every visitor has left is ended here."""
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
        job.weight = nbytes(result)
        job.future.set_result(result)
    except Cancelled as stopped:
        job.future.set_exception(stopped)
    except Exception as error:
        logging.getLogger(__name__).debug("a job failed", exc_info=error)
        job.future.set_exception(named(error) or error)
