"""The gradients of one batch, in parts and over processes."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from lightning_fabric import Fabric
from torch import nn

from maagn.train.batches import Batch


def share(rows: Int[np.ndarray, "s b"], *, rank: int, world: int) -> Int[np.ndarray, "s c"]:
    """Every world-th clip of each batch, from the rank-th on."""
    return rows[:, rank::world]


def gradients(fabric: Fabric, objective: nn.Module, batch: Batch, *, parts: int) -> float:
    """Add up the gradients of a batch, part by part, and give its mean loss over all processes.

    A clip counts the same wherever it is, though reversals make some shares larger than others.
    """
    everywhere: Any = fabric.all_reduce(torch.tensor(len(batch[0])), reduce_op="sum")
    average = float(everywhere) / fabric.world_size  # clips a process
    total = torch.zeros((), device=fabric.device)
    inputs, targets = (tensor.tensor_split(parts) for tensor in batch)
    for part in range(parts):
        with fabric.no_backward_sync(objective, enabled=part < parts - 1):  # type: ignore[arg-type]
            clips, classes = fabric.to_device((inputs[part], targets[part]))
            loss = objective(clips, classes) * (len(clips) / average)
            fabric.backward(loss)
        total += loss.detach()
    mean: Any = fabric.all_reduce(total, reduce_op="mean")
    return float(mean)
