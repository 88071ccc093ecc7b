"""The clip sets of a run, rendered once and kept, as batches of normalised tensors."""

import hashlib
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from maagn.config import TrainSpec, TransformSpec
from maagn.data.parts import open_parts
from maagn.data.training import VideoClips
from maagn.errors import ModelError
from maagn.io import atomic_write
from maagn.label_files import read_class_pairs
from maagn.labels import ClassPairs
from maagn.opposites.dataset import OppositesDataset
from maagn.train.augment import Augmentation, ClipSet, centre_crop
from maagn.video.transform import normalise

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
        with atomic_write(path, replace=False) as part:  # another process may be quicker
            np.lib.format.open_memmap(part, mode="w+", dtype=dtype, shape=shape).flush()
    return np.lib.format.open_memmap(path, mode="r+")


RENDERED = "opposites"


def open_data(
    spec: TrainSpec, *, frames: int, cache: Path | None = None
) -> tuple[ClipSet, ClipSet]:
    """Training and validation clips.

    Args:
        spec: names the data and, for rendered clips, their numbers and sizes.
        frames: T.
        cache: folder that keeps rendered clips; None to render them whenever they are asked for.

    Raises:
        DatasetError: the data cannot be opened, or cannot be trained on.
        ModelError: settings of filmed clips for rendered ones.
    """
    if spec.data != RENDERED:
        return _open_videos(spec, frames=frames)
    _refuse_options(spec)
    side, crop = spec.short_side[0], spec.crop
    opened = partial(OppositesDataset, frames=frames, rendered=side, cropped=crop)
    training = opened("train", length=spec.clips, train=True)
    validation = opened("val", length=spec.validation_clips)
    if cache is None:
        return training, validation
    return CachedClips(training, cache), CachedClips(validation, cache)


def _open_videos(spec: TrainSpec, *, frames: int) -> tuple[VideoClips, VideoClips]:
    """Training and validation clips of any set of videos."""
    labels, root, videos, validation = (
        None if path is None else Path(path)
        for path in (spec.names, spec.root, spec.videos, spec.validation)
    )
    parts = open_parts(
        Path(spec.data),
        validation=validation,
        hold_out_every=spec.hold_out,
        layout=spec.layout,
        labels=labels,
        root=root,
        videos=videos,
        pictures=spec.pictures,
        columns=spec.columns,
        classes_from=spec.classes_from,
    )
    small, large = spec.short_side
    return (
        # A square of the largest scale, out of which training cuts its own.
        VideoClips(
            parts.training,
            frames=frames,
            jitter=True,
            resize=large,
            crop=large,
            seed=spec.seed,
            notices=parts.notices,
        ),
        VideoClips(
            parts.validation,
            frames=frames,
            resize=small,
            crop=spec.crop,
            told=parts.told,
            held_out=parts.held_out,
        ),
    )


_OF_VIDEOS = (
    *("validation", "hold_out", "layout", "names", "root"),
    *("videos", "pictures", "columns", "classes_from"),
)


def _refuse_options(spec: TrainSpec) -> None:
    """Rendered clips have splits and classes of their own."""
    for setting in fields(TrainSpec):
        if setting.name in _OF_VIDEOS and getattr(spec, setting.name) != setting.default:
            option = f"--{setting.name.replace('_', '-')}"
            raise ModelError(f"{option} is for videos, and these clips are rendered: give --data.")


def content_of(data: ClipSet, held_out: ClipSet) -> str:
    """A digest of which videos are trained and validated on; empty for rendered ones."""
    if not (isinstance(data, VideoClips) and isinstance(held_out, VideoClips)):
        return ""
    both = f"{data.videos.digest} {held_out.videos.digest}"
    return hashlib.sha256(both.encode()).hexdigest()


def given_pairs(spec: TrainSpec, labels: tuple[str, ...]) -> ClassPairs:
    """What the run's files say of the data's classes.

    Raises:
        PairsError: a file cannot be used.
    """
    files = {
        name: None if path is None else Path(path)
        for name, path in (("opposites", spec.opposites), ("mirrored", spec.mirrored))
    }
    return read_class_pairs(labels, **files)


def sized(spec: TrainSpec, *, training: int, validation: int) -> TrainSpec:
    """The spec with the numbers of clips that there are, where it asks for all or for more."""
    return replace(
        spec,
        clips=min(spec.clips or training, training),
        validation_clips=min(spec.validation_clips or validation, validation),
    )


Batch = tuple[Float[Tensor, "b 3 t h w"], Int[Tensor, " b"]]


def order(
    clips: int, *, available: int, batch: int, seed: int, epoch: int
) -> Int[np.ndarray, "s b"]:
    """Clip numbers of every step of an epoch: at random, none twice but to fill the last batch.

    Args:
        clips: how many to take of those available.
        available: number of clips in the set.
        batch: clips a step.
        seed: the run's.
        epoch: which pass; each has its own order.
    """
    numbers = np.random.default_rng((seed, epoch)).permutation(available)[:clips]
    return np.resize(numbers, (-(-len(numbers) // batch), batch))


def training_batches(
    data: ClipSet, rows: Iterable[Int[np.ndarray, " b"]], augmentation: Augmentation
) -> Iterator[Batch]:
    """A batch of augmented clips for every row of clip numbers."""
    for row in rows:
        clips, targets = zip(*augmentation.batch(data, row), strict=True)
        yield normalise(np.stack(clips), augmentation.transform), torch.tensor(targets)


def plain_batches(
    data: ClipSet, numbers: Int[np.ndarray, " n"], *, batch: int, transform: TransformSpec
) -> Iterator[Batch]:
    """The centres of clips in that order, `batch` at a time; the last batch may be smaller."""
    for start in range(0, len(numbers), batch):
        pairs = (data.get(int(i)) for i in numbers[start : start + batch])
        clips, targets = zip(*pairs, strict=True)
        centres = np.stack([centre_crop(clip, transform=transform) for clip in clips])
        yield normalise(centres, transform), torch.tensor(targets)
