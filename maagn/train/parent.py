"""MAAGN begun as the TPN, TSM or TSN that it grows from: as good as that, from the first step.

Two things make it so (decision 0028). Each path's modules begin as the identity (`silence`), so
that what is behind the paths sees the parent's features. And the paths also vote by the feature
that the parent classifies by (`ModelSpec.votes`): each begins with the parent's classifier V on it
and with zeros on its own, so that z_i = 0 f_i + V g + b, and the plain mean of the votes is the
parent's answer.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.maagn import MAAGN
from maagn.train.masks import silence

PARENTS = ("tpn", "tsm", "tsn")
"""What a MAAGN can begin as, by `ModelSpec.arch`."""

_BACKBONE = ("frames", "stem_pool", "shift", "shift_downsample", "shift_every", "strides")
"""Fields that change a backbone's features and none of its tensors."""


def changes_to_become(parent: ModelSpec, own: ModelSpec) -> dict[str, Any]:
    """Fields with the values with which a MAAGN on the parent's backbone can begin as that.

    Every level of the parent must be a path at rate 1, for a TPN's temporal modulation sees all
    frames, and the shallower levels that MAAGN has beside them begin without a say.

    Args:
        parent: of `PARENTS`.
        own: a MAAGN's.

    Returns:
        Those of them in which it differs.
    """
    wanted = {name: getattr(parent, name) for name in _BACKBONE}
    levels: tuple[int, ...] = (5,)
    if parent.arch == "tpn":
        levels = parent.levels
        wanted |= {"neck_width": parent.neck_width, "neck_groups": parent.neck_groups}
        wanted["votes"] = "own+levels"
    else:
        wanted["votes"] = "own+last"
    shallower = tuple(
        (level, rate)
        for level, rate in zip(own.levels, own.rates, strict=True)
        if level < levels[0]
    )
    wanted["levels"] = (*(level for level, _ in shallower), *levels)
    wanted["rates"] = (*(rate for _, rate in shallower), *(1 for _ in levels))
    if own.fusion not in ("none", "agm"):  # no convolution behind the others undoes their masks
        wanted["fusion"] = "agm"
    if own.fusion != "none":
        wanted["sdm_combine"] = "residual"
    return {name: value for name, value in wanted.items() if getattr(own, name) != value}


@torch.no_grad()
def grow(
    network: MAAGN, parent: ModelSpec, tensors: Mapping[str, Tensor], *, classes: bool
) -> set[str]:
    """Begin a MAAGN as its parent; what fits as it is has been copied before.

    Args:
        network: changed in place; its spec needs no `changes_to_become`.
        parent: of `PARENTS`.
        tensors: the parent's.
        classes: whether the classes are the parent's, so that its classifier is taken.

    Returns:
        Names of the network's tensors that the parent gave here.
    """
    silence(network)
    taken = _give_heads(network, tensors) if classes else set()
    extra = len(network.spec.levels) - len(parent.levels)
    if parent.arch == "tpn" and extra:
        down = network.pyramid.down[extra - 1]
        assert isinstance(down, nn.Conv3d)
        nn.init.zeros_(down.weight)  # nothing flows from a level that the parent does not have
        for flow in ("top_down", "bottom_up"):
            taken |= _give_fusion(network, f"{flow}.fuse.", tensors)
    return taken


def _give_heads(network: MAAGN, tensors: Mapping[str, Tensor]) -> set[str]:
    """The parent's classifier to every path, behind zeros for the path's own feature."""
    weight, bias = tensors["head.1.weight"], tensors["head.1.bias"]
    for layer in network.classifiers:
        layer.weight.zero_()
        layer.weight[:, -weight.shape[1] :] = weight
        layer.bias.copy_(bias)
    return {name for name in network.state_dict() if name.startswith("heads.")}


def _give_fusion(network: MAAGN, prefix: str, tensors: Mapping[str, Tensor]) -> set[str]:
    """A flow's fusion of the parent's levels, with zeros for those before them."""
    own = {name: x for name, x in network.state_dict().items() if name.startswith(prefix)}
    for name, mine in own.items():
        theirs = tensors[name]
        if mine.shape == theirs.shape:
            mine.copy_(theirs)
        else:  # the convolution, (outputs, levels * width, 1, 1, 1)
            mine.zero_()
            mine[:, -theirs.shape[1] :] = theirs
    return set(own)
