"""One piece of work that was asked for, and who waits for it."""

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

_TELLING = 0.05  # part that must be done before a guess of the time left is worth anything
_LONELY_SECONDS = 10.0  # that work goes on with nobody waiting: a rerun takes a moment


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
        """Tell the work to stop at its next step; what waits for its turn never begins."""
        self.cancelled = True

    def wait(self) -> None:
        """Somebody waits for the result from now on."""
        with self._lock:
            self._waiting += 1
            self._left = None

    def leave(self) -> None:
        """And does so no longer."""
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                self._left = time.monotonic()

    def deserted_for(self, seconds: float) -> bool:
        """Whether all who waited left so long ago; work that nobody ever waited for is not."""
        with self._lock:
            return self._left is not None and time.monotonic() - self._left >= seconds

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
