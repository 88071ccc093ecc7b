"""What the machine does to us, as errors that a person can act on."""

import errno

import torch

from maagn.errors import DiskError, MaagnError, OutOfMemory

MemoryShortError = OutOfMemory  # its name of old, for code that still asks for it here

_DISK = {
    errno.ENOSPC: "The disk is full{where}: make room, then try again.",
    errno.EDQUOT: "The disk quota is used up{where}: make room, then try again.",
    errno.EROFS: "The disk can only be read{where}: choose a folder that can be written.",
    errno.EACCES: "There is no permission to write{where}: choose another folder.",
}
_MEMORY = (
    "There is not enough memory on {device} for this: use fewer frames, a smaller network or a "
    "smaller batch, or close what else runs there."
)


def named(error: BaseException) -> MaagnError | None:
    """The named error of a full or read-only disk or of too little memory; None for others.

    What PyTorch still holds of a GPU's memory after it ran short is given back.
    """
    if isinstance(error, OSError) and error.errno in _DISK:
        where = f" where {error.filename} should be" if error.filename else ""
        return DiskError(_DISK[error.errno].format(where=where))
    if isinstance(error, torch.OutOfMemoryError):
        if torch.accelerator.is_available():
            torch.accelerator.empty_cache()
        return OutOfMemory(_MEMORY.format(device="the GPU"))
    # PyTorch's allocator of main memory raises a plain RuntimeError.
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    ):
        return OutOfMemory(_MEMORY.format(device="this machine"))
    return None
