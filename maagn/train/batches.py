"""Clips in an epoch's order, as batches of normalised tensors."""

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from maagn.config import TransformSpec
from maagn.train.augment import Augmentation
from maagn.train.clips import ClipSet
from maagn.train.crop import centre_crop
from maagn.video.transform import normalise

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
