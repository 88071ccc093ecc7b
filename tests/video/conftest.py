"""Videos to read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.coded import encode


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a video in this test's folder: `make("a.mp4", codec=..., ...)`."""
    return lambda name, **settings: encode(tmp_path / name, **settings)
