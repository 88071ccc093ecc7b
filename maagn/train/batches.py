"""Batches of rendered clips as normalised tensors."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from maagn.config import DEMO_TRANSFORM
from maagn.opposites.dataset import OppositesDataset
from maagn.video.transform import normalise


def batches(
    data: OppositesDataset, order: Int[np.ndarray, " n"], *, batch: int
) -> Iterator[tuple[Float[Tensor, "b 3 t h w"], Int[Tensor, " b"]]]:
    """Clips in that order, `batch` at a time; the last batch may be smaller."""
    for start in range(0, len(order), batch):
        clips, targets = zip(*(data.get(int(i)) for i in order[start : start + batch]), strict=True)
        yield normalise(np.stack(clips), DEMO_TRANSFORM), torch.tensor(targets)
