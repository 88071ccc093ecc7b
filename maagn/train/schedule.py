"""What training makes small, how many steps it has, and the learning rate at each."""

import math

from jaxtyping import Float, Int
from torch import Tensor, nn

from maagn.config import TrainSpec
from maagn.nn.network import VideoNetwork
from maagn.train.freeze import backbone_modules, freeze_backbone


def steps_an_epoch(spec: TrainSpec) -> int:
    """Optimiser steps of one pass over `spec.clips` clips."""
    return math.ceil(spec.clips / spec.batch)


def steps(spec: TrainSpec) -> int:
    """Optimiser steps of the whole run."""
    return spec.epochs * steps_an_epoch(spec)


def rate(step: int, spec: TrainSpec) -> float:
    """Learning rate at a step, as a fraction of the peak."""
    total = steps(spec)
    warm = spec.warmup * total
    if step < warm:
        return (step + 1) / (warm + 1)
    if spec.milestones:
        epoch = step // steps_an_epoch(spec)
        return float(0.1 ** sum(epoch >= milestone for milestone in spec.milestones))
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


class Objective(nn.Module):
    """The loss of one batch, as one module, so that a distributed strategy sees one forward."""

    def __init__(self, network: VideoNetwork, spec: TrainSpec) -> None:
        super().__init__()
        self.network = network
        self.auxiliary_weight = spec.auxiliary_weight
        self.loss = nn.CrossEntropyLoss(label_smoothing=spec.label_smoothing)
        self.frozen = spec.freeze == "backbone"
        if self.frozen:
            freeze_backbone(network)

    def train(self, mode: bool = True) -> "Objective":
        """As any module, but that a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.frozen:
            for part in backbone_modules(self.network):
                part.eval()
        return self

    def forward(
        self, clips: Float[Tensor, "n 3 t h w"], targets: Int[Tensor, " n"]
    ) -> Float[Tensor, ""]:
        """Cross entropy in float32, plus the auxiliary head's where the network has one."""
        logits, auxiliary = self.network.training_logits(clips)
        loss: Tensor = self.loss(logits.float(), targets)
        if auxiliary is not None:
            loss = loss + self.auxiliary_weight * self.loss(auxiliary.float(), targets)
        return loss
