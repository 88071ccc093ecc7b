import errno
import os
from pathlib import Path

import pytest
import torch

from maagn.errors import DiskError, OutOfMemory
from maagn.faults import named


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "The disk is full where out.csv should be: make room"),
        (errno.EROFS, "The disk can only be read where out.csv should be"),
        (errno.EDQUOT, "The disk quota is used up"),
        (errno.EACCES, "There is no permission to write"),
    ],
)
def test_a_disk_that_takes_nothing(number, says):
    found = named(OSError(number, os.strerror(number), "out.csv"))
    assert isinstance(found, DiskError)
    assert says in str(found)


def test_a_device_that_is_really_full():
    """The kernel's own full device."""
    with pytest.raises(OSError, match="No space left") as full:
        Path("/dev/full").write_text("x")
    assert "The disk is full: make room" in str(named(full.value))


def test_no_memory():
    with pytest.raises(RuntimeError) as short:
        torch.empty(1 << 48)
    for error in (short.value, MemoryError(), torch.OutOfMemoryError("CUDA out of memory")):
        assert isinstance(named(error), OutOfMemory)


def test_other_errors_are_not_renamed():
    for error in (RuntimeError("shape"), OSError(errno.ENOENT, "no"), ValueError("x")):
        assert named(error) is None
