"""Rendered clips kept in a folder, so that several networks trained on them render once."""

import hashlib
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from maagn.opposites.dataset import OppositesDataset

_SLOT = np.dtype([("sum", np.uint32), ("claimed", np.float64)])
_CLAIM_SECONDS = 2.0  # an older claim's process is dead or slower than rendering again
_POLL_SECONDS = 0.002


class CachedClips:
    """A clip set that renders a clip when nobody has, and keeps it before its crop.

    One pass over the data is one memory-mapped uint8 array (clip, t, side, side, 3), with a small
    array beside it that holds each clip's checksum, zero while the clip is missing. Any number of
    processes may read and fill both at once without a lock: who comes first renders. A clip whose
    pixels do not give its checksum, after a crash for instance, is rendered again. The file's name
    carries a digest of a clip of every class, so a changed renderer finds none of the old ones.

    Args:
        data: the set to keep; training draws of times and crops are its own.
        folder: where; made where it is missing.
    """

    def __init__(self, data: OppositesDataset, folder: Path) -> None:
        self.labels = data.labels
        self.data = data
        self.folder = folder
        self.epoch = data.epoch
        self._opened: tuple[int, Any, Any] | None = None

    def __len__(self) -> int:
        return len(self.data)

    def __getstate__(self) -> dict[str, Any]:
        """Without the mapped arrays, which another process opens for itself."""
        return self.__dict__ | {"_opened": None}

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB, and the class of that item, as the set itself gives them.

        Raises:
            IndexError: the index is not in [0, length).
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} clips, got index {index}")
        self.data.epoch = self.epoch
        frames = self._kept(index)
        return self.data.crop(frames, index), self.data.label(index)

    def _kept(self, index: int) -> UInt8[np.ndarray, "t s s 3"]:
        clips, slots = self._arrays()
        while True:
            if kept := slots[index]["sum"]:
                frames = np.array(clips[index])
                if kept == _checksum(frames):
                    return frames
                break
            if not 0 <= time.time() - slots[index]["claimed"] < _CLAIM_SECONDS:
                break
            time.sleep(_POLL_SECONDS)
        slots[index]["claimed"] = time.time()
        frames = self.data.whole(index)
        clips[index] = frames
        slots[index]["sum"] = _checksum(frames)
        return frames

    def _arrays(self) -> tuple[Any, Any]:
        if self._opened is None or self._opened[0] != self.epoch:
            path = self.folder / self._name()
            side = self.data.rendered
            shape = (len(self), self.data.frames, side, side, 3)
            clips = _open(path, np.dtype(np.uint8), shape)
            slots = _open(path.with_suffix(".slots.npy"), _SLOT, (len(self),))
            self._opened = (self.epoch, clips, slots)
        return self._opened[1:]

    def _name(self) -> str:
        data = self.data
        digest = hashlib.sha256("\n".join(data.labels).encode())
        for index in range(min(len(data), len(data.labels))):
            digest.update(data.whole(index).tobytes())
        size = f"{len(data)}x{data.frames}f-{data.rendered}px"
        return f"{data.split}-{self.epoch}-{size}-{digest.hexdigest()[:12]}.npy"


def _checksum(frames: UInt8[np.ndarray, "t s s 3"]) -> int:
    return zlib.crc32(frames.data) | 1  # never the zero that marks a missing clip


def _open(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Any:  # noqa: ANN401
    """The array in that file, shared; made of zeros by whoever comes first."""
    if not path.exists():
        _appear(path, lambda part: _empty(part, dtype, shape))
    return np.lib.format.open_memmap(path, mode="r+")


def _empty(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape).flush()


def _appear(path: Path, write: Callable[[Path], None]) -> None:
    """Put a whole file at `path` unless another process was quicker."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(partial)
        # A link, unlike a rename, does not replace the file that others may have open already.
        path.hardlink_to(partial)
    except FileExistsError:
        pass
    finally:
        partial.unlink(missing_ok=True)
