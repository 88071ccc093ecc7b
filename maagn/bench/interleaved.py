"""Several works timed in turns, so that what else the machine does falls on all of them."""

import gc
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]


def interleaved(works: Mapping[str, Work], *, rounds: int) -> dict[str, list[float]]:
    """Seconds of each work in each round; one round before them is not counted.

    Every round begins with another work, so none always runs on what the same one left in the
    caches. Python's collector waits until all are done.

    Args:
        works: by name; each must do the same at every call.
        rounds: that are counted.
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
                begun = time.perf_counter()
                works[name]()
                taken[name].append(time.perf_counter() - begun)
            gc.collect()
    finally:
        gc.enable()
    return taken
