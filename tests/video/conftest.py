"""Videos to read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.coded import encode, stored_av1


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a video in this test's folder: `make("a.mp4", codec=..., ...)`; AV1 as it is stored."""

    def write(name: str, **settings) -> Path:
        if settings == {"codec": "av1"}:
            return stored_av1(tmp_path / name)
        return encode(tmp_path / name, **settings)

    return write
