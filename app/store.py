"""Results in memory for the next who asks, bounded by the bytes that they take."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

from app.weight import weigh

T = TypeVar("T")


class Store(Generic[T]):
    """Results by key; what was not asked for longest goes when the room is needed.

    Args:
        most_bytes: that all results may take together; a larger one is given but not kept.
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._results: LRUCache[Hashable, T] = LRUCache(most_bytes, getsizeof=weigh)
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of that key; `make` is called if there is none, once however many ask."""
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                with self._lock:
                    if key in self._results:
                        return self._results[key]
                made = make()
                if weigh(made) <= self.most_bytes:
                    with self._lock:
                        self._results[key] = made
                return made
        finally:
            with self._lock:
                self._making.pop(key, None)

    @property
    def bytes(self) -> int:
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
