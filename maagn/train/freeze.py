"""A backbone that a training leaves as it is: its weights, and what its normalisation counts."""

from torch import nn

from maagn.errors import ModelError
from maagn.nn.build import architecture_of
from maagn.nn.network import VideoNetwork


def backbone_modules(network: VideoNetwork) -> list[nn.Module]:
    """The modules of the backbone; none where a network has no part of such a name."""
    beginnings = architecture_of(network.spec).backbone
    return [part for name, part in network.named_modules() if f"{name}.".startswith(beginnings)]


def freeze_backbone(network: VideoNetwork) -> None:
    """Give the backbone's parameters no gradients, in place.

    Raises:
        ModelError: the network does not tell its backbone from its other parts.
    """
    parts = backbone_modules(network)
    if not parts:
        raise ModelError(f"A network of the kind {network.spec.arch} has no backbone to freeze.")
    for part in parts:
        part.requires_grad_(False)
