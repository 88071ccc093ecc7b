"""Accuracy on held-out clips while training."""

import numpy as np
import torch

from maagn.config import TrainSpec
from maagn.nn.build import Network
from maagn.train.batches import plain_batches
from maagn.train.clips import ClipSet


def validate(network: Network, data: ClipSet, *, spec: TrainSpec) -> float:
    """Top-1 accuracy on clips spread evenly over the set, in [0, 1], in float32.

    Args:
        network: left in evaluation mode.
        data: held-out clips.
        spec: says how many of them, how many at a time, and how they are cut.
    """
    clips, batch, transform = spec.validation_clips, spec.batch, spec.transform
    device = next(network.parameters()).device
    numbers = np.arange(clips) * len(data) // clips
    network.eval()
    right = 0
    with torch.inference_mode():
        for inputs, targets in plain_batches(data, numbers, batch=batch, transform=transform):
            right += int((network(inputs.to(device)).argmax(1).cpu() == targets).sum())
    return right / clips
