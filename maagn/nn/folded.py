"""Residual blocks with BatchNorm folded into the convolutions: the fast twin of the plain ones.

Folded weights are worked out at every call. On the large features of the early stages that costs
a hundredth of the convolution; and no second copy of the weights has to be kept, nor kept in step
with the first.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.nn.residual import BasicBlock, Bottleneck
from maagn.nn.shift import ShiftedConv2d


def block(x: Float[Tensor, "n c h w"], one: BasicBlock | Bottleneck) -> Float[Tensor, "n d i j"]:
    """`one(x)` of a block in evaluation mode, equal up to rounding."""
    y = normalised(x, one.conv1, one.bn1).relu_()
    y = normalised(y, one.conv2, one.bn2)
    if isinstance(one, Bottleneck):
        y = normalised(y.relu_(), one.conv3, one.bn3)
    shortcut = x if one.downsample is None else normalised(x, *one.downsample)
    return y.add_(shortcut).relu_()


def normalised(
    x: Float[Tensor, "n c h w"], conv: nn.Conv2d, norm: nn.BatchNorm2d
) -> Float[Tensor, "n d i j"]:
    """`norm(conv(x))` in evaluation mode, as one convolution where that is less work.

    Where a convolution has more weights than its input has numbers, as in the last stage, folding
    would cost more than it saves.
    """
    if conv.weight.numel() > x.numel():
        return norm(conv(x))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    return functional.conv2d(
        conv.shifted(x) if isinstance(conv, ShiftedConv2d) else x,
        conv.weight * scale[:, None, None, None],
        norm.bias - norm.running_mean * scale,
        conv.stride,
        conv.padding,
    )
