"""The loss of a batch as code that torch.compile makes for the machine."""

import os
import shutil

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.errors import ModelError
from maagn.nn.taps import Tap


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
