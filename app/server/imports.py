"""Libraries that take seconds to import: each by one thread alone, for which all others wait.

Simultaneous first visits could meet a half-imported module otherwise. What the first screen needs
is begun while the server binds; the rest once that screen is there.
"""

import atexit
import gc
import threading
from collections.abc import Callable

import maagn  # noqa: F401 - before torch: it says how torch's threads are to wait


class Imports:
    """Imports that are made once.

    Args:
        make: imports them; nothing of the app itself, which Streamlit has to be ready for.
    """

    def __init__(self, make: Callable[[], None]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> threading.Thread:
        """Start importing the libraries on a thread of their own, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._make, name="imports", daemon=True)
                self._thread.start()
            return self._thread

    @property
    def ready(self) -> bool:
        """Whether all libraries have been imported."""
        return self._thread is not None and not self._thread.is_alive()

    def wait(self) -> None:
        """Block until the imports end; a failed one is tried again where it is next needed."""
        self.begin().join()


def _first() -> None:
    import cv2  # noqa: F401
    import pandas as pd  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import torch  # noqa: F401

    import maagn.data.index
    import maagn.explain.report
    import maagn.explain.report_file
    import maagn.opposites.clip  # noqa: F401


def _rest() -> None:
    FIRST.wait()
    import scipy.stats  # noqa: F401
    import sklearn.linear_model  # noqa: F401

    from maagn.explain.cam import METHODS, weighting_of

    weighting_of(next(iter(METHODS)))
    # Looking for what can go means to look through all objects, with Python's lock held. Half a
    # million of them are what was imported, and never go.
    gc.freeze()
    # They do when the process ends: else DuckDB lists each of its types as leaked.
    atexit.register(gc.unfreeze)


FIRST = Imports(_first)
REST = Imports(_rest)
