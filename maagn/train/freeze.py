"""A backbone that a training leaves as it is: its weights, and what its normalisation counts."""

from torch import nn

from maagn.nn.build import Network, architecture_of


def backbone_modules(network: Network) -> list[nn.Module]:
    """The modules before the classifiers, and, where a network has them, paths and pyramid."""
    beginnings = architecture_of(network.spec).backbone
    return [part for name, part in network.named_children() if f"{name}.".startswith(beginnings)]


def freeze_backbone(network: Network) -> None:
    """Give the backbone's parameters no gradients, in place; `backbone_modules` stay in `eval`."""
    for part in backbone_modules(network):
        part.requires_grad_(False).eval()
