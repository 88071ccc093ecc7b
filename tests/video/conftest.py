"""Videos to read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.coded import encode, encode_apart


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a video in this test's folder: `make("a.mp4", codec=..., ...)`."""

    def write(name: str, **settings) -> Path:
        how = encode_apart if settings.get("codec") == "libsvtav1" else encode
        return how(tmp_path / name, **settings)

    return write
