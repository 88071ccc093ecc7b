"""How long a training takes, from the first steps' measured time."""

import statistics
import time

import torch

from maagn.config import TrainSpec
from maagn.device import described
from maagn.train.schedule import steps_an_epoch

_SKIPPED = 1  # first steps, which also allocate memory, and compile where that is asked for
_MEASURED = 3


class Pace:
    """The time of each step, until there are enough of them to say how long an epoch takes."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._begun = time.perf_counter()

    def begin(self) -> None:
        """A step begins, after something that was none."""
        self._begun = time.perf_counter()

    def step(self) -> float | None:
        """The median of some steps' seconds, clips and all, once: when the last of them is done."""
        now = time.perf_counter()
        self._seconds.append(now - self._begun)
        self._begun = now
        if len(self._seconds) != _SKIPPED + _MEASURED:
            return None
        return statistics.median(self._seconds[_SKIPPED:])


def forecast(spec: TrainSpec, *, seconds_a_step: float, device: torch.device) -> str:
    """A sentence on how long an epoch takes, validation apart.

    Args:
        spec: with the numbers of clips that there are.
        seconds_a_step: of a whole batch.
        device: that it was measured on.
    """
    epoch = duration(seconds_a_step * steps_an_epoch(spec))
    where = "this CPU" if device.type == "cpu" else described(device)
    return f"About {epoch} an epoch on {where}; {_short(spec.batch / seconds_a_step)} clips/s."


def duration(seconds: float) -> str:
    """A time in the unit that people would say it in."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 1.5 * length:
            return f"{_short(seconds / length)} {unit}"
    return f"{_short(seconds)} seconds"


def _short(number: float) -> str:
    """With two digits that count; more where the whole number has more."""
    return f"{number:,.0f}" if number >= 9.95 else f"{number:.2g}"
