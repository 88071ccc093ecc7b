"""Memory that the allocator holds on to after large things are freed."""

import ctypes
import threading
import time

_EVERY_SECONDS = 15.0


class Memory:
    """Gives free memory back to the system, now and then.

    glibc keeps what was freed for the next who asks, in pieces; results of many sizes that come and
    go for hours would make a server grow by megabytes a clip, however little it keeps.

    Args:
        every: seconds that pass at least between two times, since it takes some hundredths of one.
    """

    def __init__(self, *, every: float = _EVERY_SECONDS) -> None:
        self._every = every
        self._next = 0.0
        self._lock = threading.Lock()
        # Other allocators (macOS, musl) have no such function, and no such need.
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def give_back(self) -> bool:
        """Do it if it is time; whether it was."""
        with self._lock:
            if self._trim is None or time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + self._every
        self._trim(0)
        return True
