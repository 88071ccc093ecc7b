"""Memory that is held on to after large things are done with: by rings of objects, by malloc."""

import ctypes
import gc
import threading
import time

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
        """Do it if it is time; whether it was."""
        with self._lock:
            if time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + self._every
        gc.collect()
        if self._trim is not None:
            self._trim(0)
        return True
