"""How SDM's, MTAM's and AGM's own layers begin, if they are to depend on the clip from the start.

Begun as every other layer, most hidden units of the masks are on for every clip or for none, since
what is pooled differs far less between clips than its own size: a mask is a constant, and the
softmax of Eq. 15 is one-hot. The paper does not say how these layers begin.
"""

from collections.abc import Collection, Iterable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.nn.agm import AdaptiveGating
from maagn.nn.maagn import MAAGN, PathBlock
from maagn.nn.network import VideoNetwork

_OWN = ("sdm.", "mtam.", "agm.gate.alpha")


def own_parameters(network: nn.Module) -> list[nn.Parameter]:
    """The parameters of all paths' masks, and alpha; none where a network has no paths."""
    return [
        parameter
        for path in network.modules()
        if isinstance(path, PathBlock)
        for name, parameter in path.named_parameters()
        if name.startswith(_OWN)
    ]


@torch.no_grad()
def standardise(
    network: VideoNetwork,
    clips: Float[Tensor, "n 3 t h w"],
    *,
    spread: float,
    kept: Collection[int] = (),
) -> None:
    """Begin those layers so that what they give has mean 0 and a set deviation on these clips.

    The data-dependent start of Salimans and Kingma, "Weight Normalization" (NeurIPS 2016), for the
    masks' layers and AGM's first: a hidden unit is on for about half of what is pooled, a mask
    takes its whole range, and the softmax's inputs have a deviation of 1. Weights of hidden units
    begin with mean zero over the frames, where there are several, so that they see changes.

    Args:
        network: changed in place; unchanged where it has no paths. In training mode, its
            normalisation takes this batch's statistics, unless another network's go on.
        clips: a batch of training clips, normalised.
        spread: standard deviation of what the masks' sigmoids are given; with 1.5 nineteen of
            twenty masks begin between 0.05 and 0.95. With 0 a silent network stays silent
            (`silence`), and hidden units and the softmax's inputs alone follow the clips.
        kept: paths that are left as they are, by index.
    """
    if not isinstance(network, MAAGN) or len(kept) == len(network.paths):
        return
    if kept or not spread:
        network.eval()
    features = network.forward_features(clips)
    for index, (path, level, rate) in enumerate(
        zip(network.paths, network.spec.levels, network.spec.rates, strict=True)
    ):
        assert isinstance(path, PathBlock)
        if index not in kept:
            _standardise_path(path, features[level][:, ::rate], spread)


@torch.no_grad()
def silence(network: MAAGN) -> None:
    """Begin every path as the identity, Y = X, though each of its layers can learn.

    The last layer of each MLP is zero, as the last of a residual block in Goyal et al., "Accurate,
    Large Minibatch SGD" (2017): every mask is sigmoid(0) = 1/2, whatever the clip. With n angles
    S = 3/2 X and M = (1 + n/2) X; alpha is zero, so Y = Conv3(S + M) = Conv3((5 + n)/2 X), and
    Conv3 begins as the identity times 2/(5 + n), a quarter with all three masks. At the first step
    the MLPs' last layers, alpha, Conv2 and Conv3 get a gradient; at the second all others.

    Args:
        network: fresh, with fusion `agm` and SDM's `residual`, or without modules.
    """
    for path in network.paths:
        assert isinstance(path, PathBlock)
        if path.fusion != "agm":
            continue
        last = path.mtam.mlp[-1]
        assert isinstance(last, nn.Conv3d)
        for zero in (*path.sdm.expand.parameters(), *last.parameters()):
            nn.init.zeros_(zero)
        if hasattr(path.mtam, "joint"):  # it is given zeros, so that its bias alone counts
            nn.init.zeros_(path.mtam.joint.get_parameter("bias"))
        path.agm.conv3.weight *= 2 / (5 + len(path.mtam.angles))


def _standardise_path(path: PathBlock, x: Float[Tensor, "n t c h w"], spread: float) -> None:
    if hasattr(path, "sdm"):
        hidden = _fit(path.sdm.squeeze, [path.sdm.change(x)], differences=True)
        _fit(path.sdm.expand, [part.relu() for part in hidden], spread=spread)
    if hasattr(path, "mtam"):
        first, _, last = path.mtam.mlp
        assert isinstance(first, nn.Conv3d)
        assert isinstance(last, nn.Conv3d)
        hidden = _fit(first, path.mtam.angles_of(x), differences=True)
        top, mean = _fit(last, [part.relu() for part in hidden], spread=spread)
        if hasattr(path.mtam, "joint") and spread:
            _fit(path.mtam.joint, [torch.cat([mean, top], dim=1).flatten(2)], spread=spread)
    if hasattr(path, "agm"):
        assert isinstance(path.agm, AdaptiveGating)
        _fit(path.agm.conv1, [torch.cat([path.sdm(x), path.mtam(x)], dim=1)])


def _fit(
    layer: nn.Conv1d | nn.Conv3d,
    inputs: Iterable[Tensor],
    *,
    spread: float = 1.0,
    differences: bool = False,
) -> list[Tensor]:
    """Draw a layer's weights, scale and shift its outputs over all inputs; the layer's outputs.

    Args:
        layer: (N, inputs, ...) -> (N, outputs, ...).
        inputs: what it will see, from one or several sides.
        spread: standard deviation of each output.
        differences: whether an output's weights have mean zero.
    """
    nn.init.normal_(layer.weight)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    if differences and layer.weight.shape[1] > 1:
        layer.weight -= layer.weight.mean(dim=1, keepdim=True)
    parts = [layer(part) for part in inputs]
    flat = torch.cat([part.transpose(0, 1).flatten(1) for part in parts], dim=1)
    deviation, mean = torch.std_mean(flat, dim=1)
    scale = spread / deviation.clamp_min(torch.finfo(flat.dtype).eps)
    layer.weight *= scale.view(-1, *[1] * (layer.weight.dim() - 1))
    layer.bias.copy_(-mean * scale)
    shape = (1, -1, *[1] * (parts[0].dim() - 2))
    return [(part - mean.view(shape)) * scale.view(shape) for part in parts]
