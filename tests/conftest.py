"""The order of tests, and what none of them leaves behind."""

import os
import shutil
import sys
import tempfile

import pytest
from hypothesis import settings

# Collections of tests never meet those of the person who runs them; set before the app is imported,
# and for every server that a test starts.
os.environ["MAAGN_TAUGHT"] = tempfile.mkdtemp(prefix="maagn-taught-")
os.environ["MAAGN_RUNS"] = tempfile.mkdtemp(prefix="maagn-runs-")

settings.register_profile("any machine", deadline=None)  # a busy one is no fault of an example
settings.load_profile("any machine")

# Half a minute and more each. Two processes that share the tests begin with them, so that neither
# waits for the other's last.
LONG = (
    "tests/reproduce/test_queue.py",
    "tests/train/test_processes.py",
    "tests/device/test_pretend.py",
    "tests/opposites/test_clip.py",
    "tests/explain/test_shared_model.py",
    "tests/video/test_memory.py",
)


@pytest.fixture
def own_table():
    """What a test registers is gone after it."""
    from maagn.nn.build import ARCHITECTURES, PRESETS

    before = dict(ARCHITECTURES), dict(PRESETS)
    yield
    for table, kept in zip((ARCHITECTURES, PRESETS), before, strict=True):
        table.clear()
        table.update(kept)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first, else as they were collected."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_unconfigure() -> None:
    """Remove the collections, and let go of the last failure's traceback.

    The traceback keeps frames, and with them DuckDB's connections, until after the interpreter has
    gone; then DuckDB lists everything of its own as leaked, and the failure is lost among it.
    """
    for name in ("MAAGN_TAUGHT", "MAAGN_RUNS"):
        shutil.rmtree(os.environ[name], ignore_errors=True)
    for name in ("last_exc", "last_value", "last_traceback", "last_type"):
        if hasattr(sys, name):
            delattr(sys, name)
