"""A network whose classifiers are others than its base's, and the rest the same."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from maagn.checkpoint import Model
from maagn.nn.build import build
from maagn.nn.network import VideoNetwork
from maagn.teach.heads import LinearHead


def taught_network(base: Model, heads: Sequence[LinearHead]) -> VideoNetwork:
    """The base with these heads; no parameter requires a gradient.

    An auxiliary classifier, which training alone uses, is set to zero: nobody taught it.

    Args:
        base: on whose features the heads were fitted.
        heads: in the order of the network's `classifiers`.
    """
    classes = len(heads[0].bias)
    network = build(replace(base.spec, classes=classes))
    own = network.state_dict()
    kept = {name: tensor for name, tensor in _cpu(base).items() if tensor.shape == own[name].shape}
    fresh = {name: torch.zeros_like(tensor) for name, tensor in own.items() if name not in kept}
    network.load_state_dict(kept | fresh)
    for layer, head in zip(network.classifiers, heads, strict=True):
        set_head(layer, head)
    return network.float().eval().requires_grad_(False)


def set_head(layer: nn.Linear, head: LinearHead) -> None:
    """Give a classifier a head's weights."""
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(head.weight))
        layer.bias.copy_(torch.from_numpy(head.bias))


def _cpu(base: Model) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu() for name, tensor in base.network.state_dict().items()}
