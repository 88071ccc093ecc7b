"""How long the questions of a person at the screen take, and how much memory."""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from maagn.runs.queries import Queries

_CELLS = 20


@dataclass(frozen=True)
class Timing:
    """What was measured, in a process that did nothing else.

    Attributes:
        page: seconds from nothing to what the first page shows: opening, accuracies, classes and
            confused pairs of the first model, and its confusion matrix.
        cell: median seconds to the clips of a cell of the matrix.
        slowest_cell: the longest of them.
        changed: median seconds to the clips fixed or broken between two models.
        megabytes: the most memory that the process held, Python and its libraries included.
    """

    page: float
    cell: float
    slowest_cell: float
    changed: float
    megabytes: float


def measure(folder: Path, *, seed: int = 0) -> Timing:
    """Ask a run's tables as a person would.

    Args:
        folder: of the run.
        seed: of the cells that are looked at.
    """
    with multiprocessing.get_context("spawn").Pool(1) as fresh:
        return fresh.apply(_measured, (folder, seed))


def _measured(folder: Path, seed: int) -> Timing:
    begun = time.perf_counter()
    queries = Queries(folder)
    first, last = queries.models[0], queries.models[-1]
    queries.overall()
    queries.per_class(first)
    queries.pairs(first)
    counts = queries.confusion(first)
    page = time.perf_counter() - begun
    rng = np.random.default_rng(seed)
    filled = rng.permutation(np.argwhere(counts > 0))[:_CELLS]
    cells = [_seconds(partial(queries.cell, first, label=int(i), answer=int(j))) for i, j in filled]
    changed = [
        _seconds(partial(queries.changed, first, last, fixed=fixed)) for fixed in (True, False) * 3
    ]
    return Timing(
        page, statistics.median(cells), max(cells), statistics.median(changed), _most_megabytes()
    )


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def _most_megabytes() -> float:
    if sys.platform == "linux":  # where a started process inherits its parent's `ru_maxrss`
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        line = next(one for one in status.splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
