"""The loss of a batch as code that torch.compile makes for the machine."""

from jaxtyping import Float
from torch import Tensor, nn

from maagn.nn.taps import Tap


class ClosedTap(Tap):
    """A tap that nobody listens to: what a trace asks of its context cannot be compiled."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """`x`, unchanged."""
        return x


def compile_objective(objective: nn.Module) -> None:
    """Compile a module's forward and backward, in place, at its first call.

    The names of its parameters stay. Its taps are closed: it is for training alone.
    """
    for module in objective.modules():
        if type(module) is Tap:
            module.__class__ = ClosedTap
    objective.compile()
