"""What training makes small: a batch's loss, what of the network stays, and its compiled form."""

import os
import shutil

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from maagn.config import TrainSpec
from maagn.errors import ModelError
from maagn.nn.build import architecture_of
from maagn.nn.network import VideoNetwork
from maagn.nn.taps import Tap


class Objective(nn.Module):
    """The loss of one batch, as one module, so that a distributed strategy sees one forward."""

    def __init__(self, network: VideoNetwork, spec: TrainSpec) -> None:
        super().__init__()
        self.network = network
        self.auxiliary_weight = spec.auxiliary_weight
        self.loss = nn.CrossEntropyLoss(label_smoothing=spec.label_smoothing)
        self.frozen = spec.freeze == "backbone"
        if self.frozen:
            _freeze_backbone(network)

    def train(self, mode: bool = True) -> "Objective":
        """As any module, but that a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.frozen:
            for part in _backbone_modules(self.network):
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


def _backbone_modules(network: VideoNetwork) -> list[nn.Module]:
    """The modules of the backbone; none where a network has no part of such a name."""
    beginnings = architecture_of(network.spec).backbone
    return [part for name, part in network.named_modules() if f"{name}.".startswith(beginnings)]


def _freeze_backbone(network: VideoNetwork) -> None:
    """Give the backbone's parameters no gradients, in place.

    Raises:
        ModelError: the network does not tell its backbone from its other parts.
    """
    parts = _backbone_modules(network)
    if not parts:
        raise ModelError(f"A network of the kind {network.spec.arch} has no backbone to freeze.")
    for part in parts:
        part.requires_grad_(False)


class ClosedTap(Tap):
    """A tap that nobody listens to: what a trace asks of its context cannot be compiled."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """`x`, unchanged."""
        return x


def compile_objective(objective: nn.Module, *, device: torch.device) -> None:
    """Compile a module's forward and backward, in place, at its first call.

    The names of its parameters stay. Its taps are closed: it is for training alone.

    Raises:
        ModelError: it is for a CPU, and there is no C++ compiler.
    """
    compilers = (os.environ.get("CXX", "g++"), "clang++")
    if device.type == "cpu" and not any(map(shutil.which, compilers)):
        raise ModelError("--compile needs a C++ compiler on a CPU: install g++, or leave it out.")
    for module in objective.modules():
        if type(module) is Tap:
            module.__class__ = ClosedTap
    objective.compile()
