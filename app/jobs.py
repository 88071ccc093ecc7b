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
from app.pace import Pace
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


LONELY_SECONDS = 1.5
"""That work is kept for who left: between two runs of a page's script nobody waits.

On two cores with four times as much to do, half of the runs came back within 0.65 s and nine of ten
within 1.5 to 1.8 s; who comes back later has the work begun anew, if a forward ended meanwhile.
That one has left is noticed some tenths of a second late, and the work has to end within two.
"""


@dataclass(eq=False)
class Job:
    """Work that was asked for.

    Between two calls of `step` it cannot be stopped: what computes calls it before each forward.

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
    _given_up: bool = False
    _pace: Pace = field(default_factory=Pace)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def step(self, part: float, doing: str) -> None:
        """Say how far the work is; called by the work itself, which ends here once cancelled.

        Raises:
            Cancelled: somebody told the job to stop, or everybody who waited for it has left.
        """
        if self.cancelled or self.given_up():
            raise Cancelled
        self.part, self.doing = part, doing
        self._pace.told(part)

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

    def ask_again(self) -> bool:
        """Take the job for who is about to wait for it; False if it was given up already."""
        with self._lock:
            if not self._given_up:
                self._left = None
            return not self._given_up

    @property
    def deserted(self) -> bool:
        """Whether all visitors who waited have left; False if none ever waited."""
        with self._lock:
            return self._left is not None

    def given_up(self) -> bool:
        """Whether all visitors left so long ago that none comes back; from then on for good."""
        with self._lock:
            left = self._left
            if left is not None and time.monotonic() - left >= LONELY_SECONDS:
                self._given_up = True
            return self._given_up

    @property
    def done(self) -> bool:
        """Whether the job has ended, with a result or an error."""
        return self.future.done()

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds left, from its recent pace; None before that is known."""
        return self._pace.seconds_left


_KEPT = 48  # finished jobs
_KEPT_BYTES = 300_000_000  # that their results take
_MOST_WAITING = 64  # jobs; the last of so many would wait for minutes

Work = Callable[[Job], Any]


class Queue:
    """Jobs by key: who asks the same again, or meanwhile, gets the same job.

    Visitors take turns: whoever asked for much waits for those who asked for little. A job that
    everybody has left does not begin; it keeps its turn for a moment, in case that a rerun of the
    page asks for it again, and is then dropped. Finished jobs are kept until newer ones need
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
            if job is not None and (_dropped(job) or not (job.done or job.ask_again())):
                job = None
            if job is None:
                self._refuse_too_many()
                job = self._jobs[key] = Job()
                self._lane(asker).append((job, work))
            elif job.started is None and not job.done:
                lane = self._lane(asker)
                if all(waiting is not job for waiting, _ in lane):
                    lane.append((job, work))  # it may come sooner in this one's turn
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

    @contextmanager
    def staying_for(self, key: Hashable) -> Iterator[None]:
        """Count a visitor as waiting for the job of that key, if it goes on, within the block.

        For pages that draw much before they ask for it again.
        """
        job = self.find(key)
        if job is None or job.done:
            yield
            return
        with self.waiting_for(job):
            yield

    def find(self, key: Hashable) -> Job | None:
        """The job of that key, if it was asked for; nothing is queued."""
        with self._changed:
            return self._jobs.get(key)

    def result(self, key: Hashable) -> Any:  # noqa: ANN401 - what the work returned
        """The result of the job of that key; None where there is none yet, or it failed."""
        job = self.find(key)
        if job is None or not job.done or job.future.exception() is not None:
            return None
        return job.future.result()

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
        """Waiting jobs in the order of their turns, each once; not those that all have left."""
        seen: set[Job] = set()
        lanes = [list(lane) for lane in self._lanes.values()]
        for turn in range(max(map(len, lanes), default=0)):
            for job, _ in (lane[turn] for lane in lanes if turn < len(lane)):
                if job not in seen and _waits(job) and not job.deserted:
                    seen.add(job)
                    yield job

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
                    found = _first(lane)
                    if lane:
                        self._lanes[asker] = lane  # last in turn now
                    if found is not None:
                        found[0].started = time.monotonic()
                        return found
                # Who left a job that waits may come back, or not: it is then given up.
                self._changed.wait(LONELY_SECONDS if self._lanes else None)

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
    """Whether a job has ended because every visitor left, without being cancelled."""
    return job.done and isinstance(job.future.exception(), Cancelled) and not job.cancelled


def _waits(job: Job) -> bool:
    """Whether a job still has to start; one that is cancelled or given up is ended here."""
    if job.started is not None or job.done:
        return False
    if job.cancelled or job.given_up():
        job.future.set_exception(Cancelled())
        return False
    return True


def _first(lane: deque[tuple[Job, Work]]) -> tuple[Job, Work] | None:
    """Take the first job that may start; those that are deserted keep their places."""
    for one in list(lane):
        if not _waits(one[0]):
            lane.remove(one)
        elif not one[0].deserted:
            lane.remove(one)
            return one
    return None


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
