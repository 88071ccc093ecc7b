"""Several works timed in turns, so that what else the machine does falls on all of them."""

import gc
import time
from collections.abc import Callable, Mapping

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
