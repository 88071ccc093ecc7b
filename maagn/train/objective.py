"""What training makes small."""

from jaxtyping import Float, Int
from torch import Tensor, nn

from maagn.config import TrainSpec
from maagn.nn.build import Network


class Objective(nn.Module):
    """The loss of one batch, as one module, so that a distributed strategy sees one forward."""

    def __init__(self, network: Network, spec: TrainSpec) -> None:
        super().__init__()
        self.network = network
        self.auxiliary_weight = spec.auxiliary_weight
        self.loss = nn.CrossEntropyLoss(label_smoothing=spec.label_smoothing)

    def forward(
        self, clips: Float[Tensor, "n 3 t h w"], targets: Int[Tensor, " n"]
    ) -> Float[Tensor, ""]:
        """Cross entropy in float32, plus the auxiliary head's where the network has one."""
        logits, auxiliary = self.network.training_logits(clips)
        loss: Tensor = self.loss(logits.float(), targets)
        if auxiliary is not None:
            loss = loss + self.auxiliary_weight * self.loss(auxiliary.float(), targets)
        return loss
