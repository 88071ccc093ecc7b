"""How long work will still take: from its recent pace, and told so that it seldom grows."""

import time
from collections import deque
from collections.abc import Callable

_RECENT = 12  # steps that the pace is taken from
_FEWEST = 3  # steps before anything can be said

Clock = Callable[[], float]


class Pace:
    """The recent pace of work that tells what part of it is done.

    The first step does not count: networks are loaded in it, and the first forward is slower than
    those that follow.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._part: float | None = None
        self._steps: deque[tuple[float, float]] = deque(maxlen=_RECENT + 1)  # seconds, part

    def told(self, part: float) -> None:
        """Take note of how much is done, in [0, 1]; what does not advance is no step."""
        if self._part is not None and part <= self._part:
            return
        if self._part is not None:
            self._steps.append((self._clock(), part))
        self._part = part

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds until all is done; None before three steps after the first.

        Within a step it falls with the clock, but not further than a step takes.
        """
        if len(self._steps) <= _FEWEST:
            return None
        (begun, first), (seen, last) = self._steps[0], self._steps[-1]
        whole = (seen - begun) / (last - first) * (1 - last)
        step = (seen - begun) / (len(self._steps) - 1)
        return max(0.0, whole - min(self._clock() - seen, step))


_OFF = 1.25  # the estimate over what is told, before that is corrected upwards
_CALM_SECONDS = 5.0  # between two corrections upwards


class Countdown:
    """The time left as it is told to one who looks again and again.

    It falls with the estimate. Upwards it is corrected only where it is off by a quarter, and at
    most once in five seconds: between two corrections it stands, or falls.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._told: float | None = None
        self._corrected = -_CALM_SECONDS

    def look(self, estimate: float | None) -> float | None:
        """What to tell for that estimate, seconds; None where there is none."""
        if estimate is None:
            return None
        if self._told is None or estimate <= self._told:
            self._told = estimate
        elif estimate > _OFF * self._told and self._clock() - self._corrected >= _CALM_SECONDS:
            self._told, self._corrected = estimate, self._clock()
        return self._told
