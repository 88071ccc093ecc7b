"""Batches of rendered clips as normalised tensors."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from maagn.config import DEMO_TRANSFORM
from maagn.opposites.dataset import OppositesDataset


def normalise(frames: UInt8[np.ndarray, "n t h w 3"]) -> Float[Tensor, "n 3 t h w"]:
    """Pixels in [0, 255] -> the network's input, by the demonstration networks' mean and spread."""
    x = torch.from_numpy(frames).permute(0, 4, 1, 2, 3).float().div_(255)
    mean = torch.tensor(DEMO_TRANSFORM.mean).view(3, 1, 1, 1)
    std = torch.tensor(DEMO_TRANSFORM.std).view(3, 1, 1, 1)
    return ((x - mean) / std).contiguous()


def batches(
    data: OppositesDataset, order: Int[np.ndarray, " n"], *, batch: int
) -> Iterator[tuple[Float[Tensor, "b 3 t h w"], Int[Tensor, " b"]]]:
    """Clips in that order, `batch` at a time; the last batch may be smaller."""
    for start in range(0, len(order), batch):
        clips, targets = zip(*(data.get(int(i)) for i in order[start : start + batch]), strict=True)
        yield normalise(np.stack(clips)), torch.tensor(targets)
