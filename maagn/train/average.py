"""The running mean of a network's weights, which is often better than the last ones."""

from copy import deepcopy
from typing import Any

import torch

from maagn.nn.build import Network


class Average:
    """Exponential moving average of weights and normalisation statistics.

    The decay grows to its value as (1 + n) / (10 + n), lest the first weights linger.

    Args:
        network: whose weights are followed; its present ones are the first.
        decay: of the mean at every step, in (0, 1).
    """

    def __init__(self, network: Network, *, decay: float) -> None:
        self.network = deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: Network) -> None:
        """Take in the weights after a step."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine, theirs = self.network.state_dict(), network.state_dict()
        for name, value in mine.items():
            if value.is_floating_point():
                value.lerp_(theirs[name].to(value.device), 1 - decay)
            else:  # a count
                value.copy_(theirs[name])

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes."""
        return {"network": self.network.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.network.load_state_dict(state["network"])
        self.updates = state["updates"]
