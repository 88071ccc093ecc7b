"""ResNet over every frame (Fig. 1), with the temporal shift of TSM where asked.

He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016); Lin, Gan and Han, "TSM:
Temporal Shift Module for Efficient Video Understanding" (ICCV 2019). Tensors are named as in
torchvision, so that its weights fit, and those trained from them. Its own blocks are not imported:
torchvision brings torch._dynamo, sympy and torch.onnx with it, and a program that asks one question
would wait longer for those than for PyTorch.

For inference alone BatchNorm is folded into the convolutions. Folded weights are worked out at
every call: on the large features of the early stages that costs a hundredth of the convolution, and
no second copy of the weights has to be kept in step with the first.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights

from maagn.config import ModelSpec
from maagn.nn.network import VideoNetwork
from maagn.nn.taps import Stage, Tap, is_inference


def shift(x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
    """1/8 of the channels sees the next frame, 1/8 the one before; zeros come in at the ends."""
    return _Shift.apply(x, x.shape[2] // 8, 1)  # type: ignore[no-untyped-call]


class _Shift(torch.autograd.Function):
    """Channels `:fold` from `step` frames later, the next `fold` from `step` frames earlier.

    Its gradient is the shift the other way. Left to autograd, every slice that is written would
    cost a copy of the whole gradient.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - autograd's own, without a public type
        x: Float[Tensor, "n t c h w"],
        fold: int,
        step: int,
    ) -> Float[Tensor, "n t c h w"]:
        ctx.fold, ctx.step = fold, step
        out = torch.empty_like(x)
        ahead, behind = (slice(0, fold), slice(fold, 2 * fold))[::step]
        out[:, :-1, ahead] = x[:, 1:, ahead]
        out[:, -1, ahead] = 0
        out[:, 1:, behind] = x[:, :-1, behind]
        out[:, 0, behind] = 0
        out[:, :, 2 * fold :] = x[:, :, 2 * fold :]
        return out

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401
        *gradients: Tensor,
    ) -> tuple[Tensor, None, None]:
        back = _Shift.apply(gradients[0], ctx.fold, -ctx.step)  # type: ignore[no-untyped-call]
        return back, None, None


class ShiftedConv2d(nn.Conv2d):
    """A convolution over frames folded into the batch, fed with the temporally shifted input.

    Same parameters and names as the convolution that it stands for, so that weights fit both.
    """

    frames: int

    @classmethod
    def like(cls, conv: nn.Conv2d, *, frames: int) -> "ShiftedConv2d":
        """The shifted twin of `conv`, with its weights, for clips of `frames` frames."""
        conv.__class__ = cls
        assert isinstance(conv, ShiftedConv2d)
        conv.frames = frames
        return conv

    def shifted(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt c h w"]:
        """The input, shifted along time."""
        clip = rearrange(x, "(n t) c h w -> n t c h w", t=self.frames)
        return rearrange(shift(clip), "n t c h w -> (n t) c h w")

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d i j"]:
        """Shift along time, then convolve each frame."""
        return super().forward(self.shifted(x))


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

    The 3 x 3 convolution has the stride, as in torchvision; in the paper the first one has it. What
    mixes frames in TANet and TDN stands behind the first convolution, in place of `temporal`.

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
        self.temporal: nn.Module = nn.Identity()
        self.conv2 = convolution(planes, planes, size=3, stride=stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = convolution(planes, outputs, size=1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(inputs, outputs, stride)

    def forward(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n d i j"]:
        """The sum of both ways, rectified."""
        y = self.temporal(self.relu(self.bn1(self.conv1(x))))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def convolution(inputs: int, outputs: int, *, size: int, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size but for its stride; its bias is the BatchNorm's."""
    padding = size // 2
    return drawn(nn.Conv2d(inputs, outputs, size, stride=stride, padding=padding, bias=False))


Convolution = TypeVar("Convolution", nn.Conv2d, nn.Conv3d)


def drawn(conv: Convolution) -> Convolution:
    """The convolution, its weights drawn as in torchvision.

    He et al., "Delving Deep into Rectifiers" (ICCV 2015). Not on the meta device, where a
    checkpoint's network waits for its own: there PyTorch would import its compiler for nothing.
    """
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


def folded_block(
    x: Float[Tensor, "n c h w"], block: BasicBlock | Bottleneck
) -> Float[Tensor, "n d i j"]:
    """`block(x)` of a block in evaluation mode, equal up to rounding."""
    y = normalised(x, block.conv1, block.bn1).relu_()
    if isinstance(block, Bottleneck):
        y = normalised(block.temporal(y), block.conv2, block.bn2)
        y = normalised(y.relu_(), block.conv3, block.bn3)
    else:
        y = normalised(y, block.conv2, block.bn2)
    shortcut = x if block.downsample is None else normalised(x, *block.downsample)
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
    weight, bias = fuse_conv_bn_weights(
        conv.weight,
        conv.bias,
        norm.running_mean,
        norm.running_var,
        norm.eps,
        norm.weight,
        norm.bias,
    )
    shifted = conv.shifted(x) if isinstance(conv, ShiftedConv2d) else x
    return functional.conv2d(shifted, weight, bias, conv.stride, conv.padding)


STAGES = (2, 3, 4, 5)
_BLOCKS: dict[int, tuple[type[BasicBlock | Bottleneck], list[int]]] = {
    18: (BasicBlock, [2, 2, 2, 2]),
    34: (BasicBlock, [3, 4, 6, 3]),
    50: (Bottleneck, [3, 4, 6, 3]),
    101: (Bottleneck, [3, 4, 23, 3]),
}


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5 of a network on this backbone: each has every frame."""
    return tuple(
        Stage.at(f"backbone.res{stage}", f"Backbone res{stage}", of=spec.frames, rate=1)
        for stage in STAGES
    )


def strides_between(spec: ModelSpec) -> tuple[tuple[int, ...], ...]:
    """Of the stages behind each of a spec's levels, up to its deepest."""
    return tuple(spec.strides[level - 2 : spec.levels[-1] - 2] for level in spec.levels)


class Backbone(nn.Module):
    """A ResNet, run on all T frames at once; gives each stage's feature.

    Its tensors are named as torchvision's, whose network it is at width 64.

    A per-frame network seen at every tau-th frame equals that network run on the clip sampled at
    tau, at a fraction of the cost, so one run serves the paths of all rates (with the shift the
    frames are mixed before, and the paths see features of the full-rate clip).

    Args:
        depth: 18, 34, 50 or 101.
        width: channels of the first stage; 64 is the paper's and torchvision's.
        frames: T.
        shifted: whether every residual block's first convolution sees the shifted input.
        shortcuts: whether the shortcuts' convolutions see it, too.
        every: which of a stage's blocks that is true of: its first, and every so many after it.
        stem_pool: whether the stem ends in the max pool.
        strides: of res3, res4 and res5.
    """

    def __init__(
        self,
        *,
        depth: int,
        width: int,
        frames: int,
        shifted: bool,
        stem_pool: bool,
        shortcuts: bool = False,
        every: int = 1,
        strides: tuple[int, ...] = (2, 2, 2),
    ) -> None:
        if depth not in _BLOCKS:
            raise ValueError(f"Backbone knows depths {sorted(_BLOCKS)}, got {depth}")
        if len(strides) != len(STAGES) - 1 or not {1, 2}.issuperset(strides):
            raise ValueError(
                f"res3, res4 and res5 have strides of 1 or 2, got {', '.join(map(str, strides))}"
            )
        block, counts = _BLOCKS[depth]
        super().__init__()
        self.conv1 = convolution(3, width, size=7, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem_pool else nn.Identity()
        inputs = width
        for stage, count in zip(STAGES, counts, strict=True):
            planes, stride = width * 2 ** (stage - 2), (1, *strides)[stage - 2]
            blocks = [block(inputs, planes, stride)]
            inputs = planes * block.expansion
            blocks += [block(inputs, planes) for _ in range(count - 1)]
            self.add_module(f"layer{stage - 1}", nn.Sequential(*blocks))
        self.frames = frames
        if shifted:
            for stage in STAGES:
                for module in list(getattr(self, f"layer{stage - 1}"))[::every]:
                    module.conv1 = ShiftedConv2d.like(module.conv1, frames=frames)
                    if shortcuts and module.downsample is not None:
                        conv = module.downsample[0]
                        assert isinstance(conv, nn.Conv2d)
                        module.downsample[0] = ShiftedConv2d.like(conv, frames=frames)
        for stage in STAGES:
            self.add_module(f"res{stage}_tap", Tap())
        self.channels = {i: width * 2 ** (i - 2) * block.expansion for i in STAGES}

    @classmethod
    def of(cls, spec: ModelSpec) -> "Backbone":
        """The backbone that `spec` describes."""
        return cls(
            depth=spec.depth,
            width=spec.width,
            frames=spec.frames,
            shifted=spec.shift,
            stem_pool=spec.stem_pool,
            shortcuts=spec.shift_downsample,
            every=spec.shift_every,
            strides=spec.strides,
        )

    def forward(self, clip: Float[Tensor, "n 3 t h w"]) -> dict[int, Float[Tensor, "n t c i j"]]:
        """Features of res2 to res5, by number, in the paper's layout (N, T, C, H, W)."""
        if clip.shape[2] != self.frames:
            raise ValueError(f"this network sees {self.frames} frames, got {clip.shape[2]}")
        return self._stages(self.stem(rearrange(clip, "n c t h w -> (n t) c h w")), STAGES)

    def stem(self, x: Float[Tensor, "nt 3 h w"]) -> Float[Tensor, "nt c i j"]:
        """What the first stage sees, of frames folded into the batch."""
        if self._folds():
            return self._pooled(normalised(x, self.conv1, self.bn1).relu_())
        return self.maxpool(self.relu(self.bn1(self.conv1(x))))

    def _pooled(self, x: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c _h _w"]:
        """The stem's pooling, to the same bit as the module's own.

        On CPUs PyTorch pools channels that are last in memory in a quarter of the time.
        """
        if isinstance(self.maxpool, nn.Identity):
            return x
        return self.maxpool(x.contiguous(memory_format=torch.channels_last)).contiguous()

    def after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n t d i j"]]:
        """Features of the stages behind `stage`, from that stage's own."""
        return self._stages(rearrange(feature, "n t c h w -> (n t) c h w"), range(stage + 1, 6))

    def _stages(self, x: Float[Tensor, "nt c h w"], stages: Iterable[int]) -> dict[int, Tensor]:
        features = {}
        for stage in stages:
            features[stage] = self.tapped(
                stage, self.through(getattr(self, f"layer{stage - 1}"), x)
            )
            x = rearrange(features[stage], "n t c h w -> (n t) c h w")
        return features

    def through(
        self, blocks: Iterable[BasicBlock | Bottleneck], x: Float[Tensor, "nt c h w"]
    ) -> Float[Tensor, "nt d i j"]:
        """Frames behind those blocks."""
        folds = self._folds()
        for block in blocks:
            x = folded_block(x, block) if folds else block(x)
        return x

    def tapped(self, stage: int, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "n t c h w"]:
        """A stage's feature, as its tap passes it on."""
        tap: Tensor = getattr(self, f"res{stage}_tap")(
            rearrange(x, "(n t) c h w -> n t c h w", t=self.frames)
        )
        return tap

    def _folds(self) -> bool:
        """Whether BatchNorm may be folded into the convolutions."""
        return not self.training and is_inference(self)


class OnResNet(VideoNetwork):
    """A network on a backbone, of which it has the stages.

    Args:
        spec: every number of the network.
        backbone: None for the one that `spec` describes.
    """

    def __init__(self, spec: ModelSpec, backbone: Backbone | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.backbone = backbone or Backbone.of(spec)

    def forward_features(
        self, clip: Float[Tensor, "n 3 _f h w"]
    ) -> dict[int, Float[Tensor, "n t _c _h _w"]]:
        """The backbone's stages, by number."""
        return self.backbone(clip)

    def forward_after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n t _d _i _j"]]:
        """The backbone's stages behind one, from that one's feature."""
        return self.backbone.after(stage, feature)
