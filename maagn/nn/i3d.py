"""I3D: a ResNet inflated along time, with non-local blocks where asked.

Carreira and Zisserman, "Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset" (CVPR
2017); on a ResNet as in Wang, Girshick, Gupta and He, "Non-local Neural Networks" (CVPR 2018).
Tensors are named as PySlowFast names them, so that its weights load as they are; a stage there has
one pathway or several, and SlowFast (`maagn.nn.slowfast`) is built of the same parts.
"""

from collections import OrderedDict
from dataclasses import dataclass

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.resnet import STAGES
from maagn.nn.staged import Staged, convolution
from maagn.nn.taps import Stage

TRANSFORM = TransformSpec(resize=256, crop=224, mean=(0.45,) * 3, std=(0.225,) * 3)
"""As PySlowFast prepares pixels; it tests on three crops of 256 x 256 rather than a centre of 224,
at which it trains."""

BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
"""Of res2 to res5, by depth."""

POOLED = 2
"""Frames of res2 of which the ones of res3 are the largest."""

_STEM = 5
_KERNELS = {2: (3,), 3: (3, 1), 4: (3, 1), 5: (1, 3)}
"""Frames that the first convolution of each block sees: these in turn."""
_NONLOCAL = {3: (1, 3), 4: (1, 3, 5)}
"""Blocks that a non-local one stands behind."""


@dataclass(frozen=True)
class Pathway:
    """The part of a stage that one pathway has.

    Attributes:
        inputs: channels that come in.
        inner: channels within each block; four times as many come out.
        kernels: frames that the first convolution of a block sees, for every block.
        stride: of the first block, in place.
        nonlocal_behind: numbers of the blocks that a non-local one stands behind.
    """

    inputs: int
    inner: int
    kernels: tuple[int, ...]
    stride: int
    nonlocal_behind: tuple[int, ...] = ()


class Stem(nn.Sequential):
    """A convolution of some frames x 7 x 7, BatchNorm, ReLU and a pool of 3 x 3.

    Args:
        outputs: channels that go out.
        frames: that the convolution sees.
    """

    def __init__(self, outputs: int, *, frames: int) -> None:
        super().__init__(
            OrderedDict(
                conv=convolution(3, outputs, (frames, 7, 7), (1, 2, 2)),
                bn=nn.BatchNorm3d(outputs),
                relu=nn.ReLU(inplace=True),
                pool_layer=nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            )
        )


class Residual(nn.Module):
    """A bottleneck whose first convolution may see several frames, and a shortcut.

    Args:
        inputs: channels that come in.
        inner: channels within; four times as many come out.
        frames: that the first convolution sees.
        stride: of the 3 x 3 convolution and of the shortcut, in place.
    """

    def __init__(self, inputs: int, inner: int, *, frames: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * inner
        self.branch1 = self.branch1_bn = None
        if stride != 1 or inputs != outputs:
            self.branch1 = convolution(inputs, outputs, (1, 1, 1), (1, stride, stride))
            self.branch1_bn = nn.BatchNorm3d(outputs)
        self.branch2 = nn.Sequential(
            OrderedDict(
                a=convolution(inputs, inner, (frames, 1, 1)),
                a_bn=nn.BatchNorm3d(inner),
                a_relu=nn.ReLU(inplace=True),
                b=convolution(inner, inner, (1, 3, 3), (1, stride, stride)),
                b_bn=nn.BatchNorm3d(inner),
                b_relu=nn.ReLU(inplace=True),
                c=convolution(inner, outputs, (1, 1, 1)),
                c_bn=nn.BatchNorm3d(outputs),
            )
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n d t i j"]:
        """The sum of both ways, rectified."""
        shortcut = x
        if self.branch1 is not None and self.branch1_bn is not None:
            shortcut = self.branch1_bn(self.branch1(x))
        return self.relu(self.branch2(x) + shortcut)


class NonLocal(nn.Module):
    """Every place of every frame, plus a mean of all places weighted by how alike they are.

    The embedded Gaussian of the paper's Eq. 3, scaled by the root of the inner channels; what is
    looked at is pooled by 2 x 2. At the start of a training its BatchNorm gives nothing, so that it
    may stand in a trained network.

    Args:
        channels: that come in and go out; half as many within.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // 2
        self.conv_theta = nn.Conv3d(channels, inner, 1)
        self.conv_phi = nn.Conv3d(channels, inner, 1)
        self.conv_g = nn.Conv3d(channels, inner, 1)
        self.conv_out = nn.Conv3d(inner, channels, 1)
        self.bn = nn.BatchNorm3d(channels)
        nn.init.zeros_(self.bn.weight)
        self.pool = nn.MaxPool3d((1, 2, 2))

    def forward(self, x: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n c t h w"]:
        """The feature and what it found elsewhere."""
        # Frames may be smaller than the pool: a place then looks at the only one there is.
        seen = self.pool(x) if min(x.shape[-2:]) > 1 else x
        theta, phi, g = (
            rearrange(each, "n c t h w -> n (t h w) c")
            for each in (self.conv_theta(x), self.conv_phi(seen), self.conv_g(seen))
        )
        alike = (theta @ phi.mT * theta.shape[-1] ** -0.5).softmax(dim=-1)
        found = rearrange(alike @ g, "n (t h w) c -> n c t h w", t=x.shape[2], h=x.shape[3])
        return x + self.bn(self.conv_out(found))


class ResStage(nn.Module):
    """The blocks of one stage, of one pathway or several side by side.

    Args:
        pathways: what each has.
    """

    def __init__(self, *pathways: Pathway) -> None:
        super().__init__()
        self.pathways = pathways
        for number, pathway in enumerate(pathways):
            inputs, stride = pathway.inputs, pathway.stride
            for block, frames in enumerate(pathway.kernels):
                made = Residual(inputs, pathway.inner, frames=frames, stride=stride)
                self.add_module(f"pathway{number}_res{block}", made)
                inputs, stride = 4 * pathway.inner, 1
                if block in pathway.nonlocal_behind:
                    self.add_module(f"pathway{number}_nonlocal{block}", NonLocal(inputs))

    def forward(self, *features: Float[Tensor, "n _c _t _h _w"]) -> tuple[Tensor, ...]:
        """Each pathway's feature behind its blocks."""
        return tuple(self._run(number, x) for number, x in enumerate(features))

    def _run(self, number: int, x: Tensor) -> Tensor:
        pathway = self.pathways[number]
        for block in range(len(pathway.kernels)):
            x = getattr(self, f"pathway{number}_res{block}")(x)
            if block in pathway.nonlocal_behind:
                x = getattr(self, f"pathway{number}_nonlocal{block}")(x)
        return x


class I3D(Staged):
    """I3D on ResNet-50 or 101, and one linear layer on the mean of its last stage.

    Behind res2 the larger of every two frames is kept: of 8 frames res3 to res5 have 4.

    Args:
        spec: classes, frames, depth, width (64 is PySlowFast's) and dropout; with the arch
            `nonlocal` there are five non-local blocks, two in res3 and three in res4.

    Raises:
        ValueError: another depth than 50 and 101, or an odd number of frames.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        check_depth("I3D", spec)
        if spec.frames % POOLED:
            raise ValueError(f"I3D sees a multiple of {POOLED} frames, got {spec.frames}")
        self.s1 = nn.ModuleDict({"pathway0_stem": Stem(spec.width, frames=_STEM)})
        inputs = spec.width
        for stage in STAGES:
            inner = spec.width * 2 ** (stage - 2)
            behind = _NONLOCAL.get(stage, ()) if spec.arch == "nonlocal" else ()
            kernels = in_turn(_KERNELS[stage], BLOCKS[spec.depth][stage - 2])
            pathway = Pathway(inputs, inner, kernels, 1 if stage == 2 else 2, behind)
            self.add_module(f"s{stage}", ResStage(pathway))
            inputs = 4 * inner
        self.pool = nn.MaxPool3d((POOLED, 1, 1))
        self.head = head(inputs, spec)

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t _c _h _w"]:
        """The first convolution and its pool."""
        return rearrange(self.s1["pathway0_stem"](clip), "n c t h w -> n t c h w")

    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """Its blocks; res3 sees the larger of every two frames."""
        x = rearrange(feature, "n t c h w -> n c t h w")
        (x,) = getattr(self, f"s{number}")(self.pool(x) if number == 3 else x)
        return rearrange(x, "n c t h w -> n t c h w")

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (linear_of(self.head),)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the last stage's mean over time and place."""
        return self.head(*self.head_inputs(features))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5: from res3 on a frame is the larger of two, and lies between them."""
    return tuple(
        Stage.at(
            f"backbone.res{stage}",
            f"Backbone res{stage}",
            of=spec.frames,
            rate=1 if stage == 2 else POOLED,
            offset=0.0 if stage == 2 else (POOLED - 1) / 2,
        )
        for stage in STAGES
    )


def in_turn(kernels: tuple[int, ...], blocks: int) -> tuple[int, ...]:
    """Those kernels again and again, one a block."""
    return (kernels * blocks)[:blocks]


def head(channels: int, spec: ModelSpec) -> nn.Sequential:
    """Dropout and the linear layer, named as PySlowFast names it."""
    projection = nn.Linear(channels, spec.classes)
    return nn.Sequential(OrderedDict(dropout=nn.Dropout(spec.dropout), projection=projection))


def linear_of(of: nn.Sequential) -> nn.Linear:
    """The linear layer of a `head`."""
    assert isinstance(of.projection, nn.Linear)
    return of.projection


def check_depth(title: str, spec: ModelSpec) -> None:
    """Raises ValueError at a depth that PySlowFast has no bottlenecks for."""
    if spec.depth not in BLOCKS:
        raise ValueError(f"{title} is built at depth 50 or 101, got {spec.depth}")
