import ctypes
import gc
import weakref
from pathlib import Path

import numpy as np
import pytest

from app.jobs import Memory

PIECES = 4000
PIECE = 100_000  # bytes: under the size from which glibc asks the system for each piece by itself


class Ring:
    """Points at itself."""

    itself: "Ring"


def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another allocator")
def test_what_was_freed_between_things_that_stay_goes_back():
    pieces = [np.ones(PIECE, np.uint8) for _ in range(PIECES)]
    stay = pieces[::100]
    full = resident()
    del pieces
    held = full - resident()
    assert Memory().give_back()
    assert full - resident() > 0.8 * PIECES * PIECE > held
    assert len(stay) == PIECES / 100


def test_rings_of_objects_go_without_waiting_for_python():
    gc.collect()
    gc.disable()
    try:
        ring = Ring()
        ring.itself = ring
        seen = weakref.ref(ring)
        del ring
        assert seen() is not None
        Memory().give_back()
        assert seen() is None
    finally:
        gc.enable()


def test_not_more_often_than_it_is_worth():
    memory = Memory(every=1000.0)
    first = memory.give_back()
    assert [memory.give_back(), memory.give_back()] == [False, False]
    assert first
