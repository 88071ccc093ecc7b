"""One line of the table: works timed in turns, on what machine, their ratio and its target."""

import gc
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

_PACKAGES = ("torch", "numpy", "opencv-python-headless", "grad-cam", "av", "decord", "streamlit")


def described() -> dict[str, str]:
    """Processor, threads, memory, GPU and versions, by name."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "processors": str(os.cpu_count()),
        "threads of torch": str(torch.get_num_threads()),
        "memory": f"{memory:.0f} GB",
        "GPU": gpu,
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    } | {name: version(name) for name in _PACKAGES}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


SHORT = " (short)"
"""How the names of rows of the short form end: small networks have ratios of their own."""


@dataclass(frozen=True)
class Row:
    """A ratio of two costs, measured beside each other.

    Attributes:
        name: short and lasting: what a stored table is compared by.
        what: in words, for people.
        ratio: median over the rounds of one cost over the other of the same round.
        low: the ratio's lower quartile over the rounds.
        high: its upper quartile.
        target: what it is meant to reach; None where it is only told.
        at_least: whether more is better; else less is.
        rounds: how many.
        parts: medians of what was divided, by name, in `unit`.
        unit: of the parts.
        note: what a reader has to know; may be empty.
    """

    name: str
    what: str
    ratio: float
    low: float
    high: float
    target: float | None = None
    at_least: bool = False
    rounds: int = 1
    parts: dict[str, float] = field(default_factory=dict)
    unit: str = "s"
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the ratio reaches its target; None if there is no target."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    @property
    def short(self) -> bool:
        """Whether it was measured in the short form."""
        return self.name.endswith(SHORT)

    def as_short(self) -> "Row":
        """The same as a row of the short form: a name of its own, and no target."""
        name = self.name if self.short else self.name + SHORT
        return replace(self, name=name, target=None)

    def worse_than(self, stored: "Row", *, by: float) -> bool:
        """Whether it is worse than a stored one by more than that share."""
        if self.at_least:
            return self.ratio < stored.ratio / (1 + by)
        return self.ratio > stored.ratio * (1 + by)


def row(
    name: str,
    what: str,
    taken: Mapping[str, Sequence[float]],
    *,
    over: tuple[str | Sequence[str], str | Sequence[str]],
    target: float | None = None,
    at_least: bool = False,
    note: str = "",
) -> Row:
    """A row from costs that were taken in the same rounds.

    Args:
        name: as in `Row`.
        what: as in `Row`.
        taken: costs by name, one a round, as `interleaved` gives them.
        over: what is divided, and by what; several names are added up.
        target: as in `Row`.
        at_least: as in `Row`.
        note: as in `Row`.
    """
    above, below = (_sum(taken, names) for names in over)
    low, middle, high = np.quantile(above / below, (0.25, 0.5, 0.75))
    names = [name for side in over for name in ([side] if isinstance(side, str) else side)]
    parts = {name: float(np.median(taken[name])) for name in dict.fromkeys(names)}
    return Row(
        name, what, float(middle), float(low), float(high), target, at_least,
        rounds=len(above), parts=parts, note=note,
    )  # fmt: skip


def _sum(taken: Mapping[str, Sequence[float]], names: str | Sequence[str]) -> np.ndarray:
    several = [names] if isinstance(names, str) else names
    return np.sum([taken[name] for name in several], axis=0)


Work = Callable[[], object]


def interleaved(
    works: Mapping[str, Work], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each work in each round; one round before them is not counted.

    Every round begins with another work, so none always runs on what the same one left in the
    caches. Python's collector waits until all are done.

    Args:
        works: by name; each must do the same at every call.
        rounds: that are counted.
        clock: seconds since some moment. `time.process_time` counts what the processors did for
            this process, whatever else keeps them busy; it does not see waiting.
    """
    names = list(works)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for work in works.values():
        work()
    gc.collect()
    gc.disable()
    try:
        for turn in range(rounds):
            for place in range(len(names)):
                name = names[(turn + place) % len(names)]
                begun = clock()
                works[name]()
                taken[name].append(clock() - begun)
            gc.collect()
    finally:
        gc.enable()
    return taken
