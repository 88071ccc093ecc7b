"""Residual blocks (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016).

Tensors are named as in torchvision, so that its weights fit, and those trained from them. Its own
blocks are not imported: torchvision brings torch._dynamo, sympy and torch.onnx with it, and a
program that asks one question would wait longer for those than for PyTorch.
"""

from jaxtyping import Float
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions and a shortcut: the block of ResNet-18 and 34.

    Args:
        inputs: channels that come in.
        planes: channels within.
        stride: of the first convolution, and of the shortcut.
    """

    expansion = 1

    def __init__(self, inputs: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, planes, size=3, stride=stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = convolution(planes, planes, size=3)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = _shortcut(inputs, planes, stride)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:
        """The sum of both ways, rectified."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Bottleneck(nn.Module):
    """1 x 1, 3 x 3 and 1 x 1 convolutions and a shortcut: the block of ResNet-50 and 101.

    The 3 x 3 convolution has the stride, as in torchvision; in the paper the first one has it.

    Args:
        inputs: channels that come in.
        planes: channels of the 3 x 3 convolution; four times as many come out.
        stride: of the 3 x 3 convolution, and of the shortcut.
    """

    expansion = 4

    def __init__(self, inputs: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        outputs = planes * self.expansion
        self.conv1 = convolution(inputs, planes, size=1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = convolution(planes, planes, size=3, stride=stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = convolution(planes, outputs, size=1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(inputs, outputs, stride)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:
        """The sum of both ways, rectified."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def convolution(inputs: int, outputs: int, *, size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size but for its stride; its bias is the BatchNorm's.

    Weights are drawn as in torchvision (He et al., "Delving Deep into Rectifiers", ICCV 2015). Not
    on the meta device, where a checkpoint's network waits for its own: there PyTorch would import
    its compiler for nothing.
    """
    conv = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)
    if not conv.weight.is_meta:
        nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv


def _shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """What brings the input to the shape of the sum; None where it has it."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(
        convolution(inputs, outputs, size=1, stride=stride), nn.BatchNorm2d(outputs)
    )
