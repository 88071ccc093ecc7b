"""The order of tests, and what none of them leaves behind."""

import sys

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # a busy one is no fault of an example
settings.load_profile("any machine")

# Half a minute and more each. Two processes that share the tests begin with them, so that neither
# waits for the other's last.
LONG = (
    "tests/reproduce/test_queue.py",
    "tests/train/test_processes.py",
    "tests/opposites/test_clip.py",
    "tests/explain/test_shared_model.py",
    "tests/video/test_memory.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, else as they were collected."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_unconfigure() -> None:
    """Let go of the last failure's traceback.

    It keeps frames, and with them DuckDB's connections, until after the interpreter has gone; then
    DuckDB lists everything of its own as leaked, and the failure is lost among it.
    """
    for name in ("last_exc", "last_value", "last_traceback", "last_type"):
        if hasattr(sys, name):
            delattr(sys, name)
