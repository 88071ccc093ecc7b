"""The one cache: results by key, as many as there is room for."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")


class BoundedCache(Generic[T]):
    """Results by key; what was not asked for longest goes when the room is needed.

    Threads may share it.

    Args:
        most: that all results may take together; a larger one is given but not kept.
        getsizeof: what a result takes, e.g. its bytes; None counts results.
    """

    def __init__(self, most: int, getsizeof: Callable[[T], int] | None = None) -> None:
        self.most = most
        self._getsizeof = getsizeof or (lambda _: 1)
        # With its size, which is asked for once and outside the lock: a graph is a long walk.
        self._results: LRUCache[Hashable, tuple[T, int]]
        self._results = LRUCache(most, getsizeof=lambda sized: sized[1])
        # Who makes a result holds its lock, and the others wait; with how many they are.
        self._making: dict[Hashable, tuple[threading.Lock, int]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of that key; `make` is called if there is none.

        Once however many ask, unless the result is too large to be kept; where it fails, whoever
        asked gets its error, and of those that wait the next one's is called.
        """
        with self._lock:
            making, asking = self._making.get(key, (threading.Lock(), 0))
            self._making[key] = making, asking + 1
        try:
            with making:
                with self._lock:
                    if key in self._results:
                        return self._results[key][0]
                made = make()
                self.keep(key, made)
                return made
        finally:
            with self._lock:
                making, asking = self._making.pop(key)
                if asking > 1:
                    self._making[key] = making, asking - 1

    def find(self, key: Hashable) -> T | None:
        """The result of that key if there is one; nothing is made."""
        with self._lock:
            return self._results[key][0] if key in self._results else None

    def keep(self, key: Hashable, result: T) -> None:
        """Keep a result that was made elsewhere, unless it is too large."""
        size = self._getsizeof(result)
        if size <= self.most:
            with self._lock:
                self._results[key] = result, size

    @property
    def size(self) -> int:
        """What the results take now."""
        with self._lock:
            return int(self._results.currsize)

    def __len__(self) -> int:
        with self._lock:
            return len(self._results)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._results.clear()
