"""ResNet over every frame (Fig. 1), with the temporal shift of TSM where asked."""

from collections.abc import Iterable

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn import folded
from maagn.nn.frozen import frozen
from maagn.nn.residual import BasicBlock, Bottleneck, convolution
from maagn.nn.shift import ShiftedConv2d
from maagn.nn.tap import Tap

STAGES = (2, 3, 4, 5)
_BLOCKS: dict[int, tuple[type[BasicBlock | Bottleneck], list[int]]] = {
    18: (BasicBlock, [2, 2, 2, 2]),
    34: (BasicBlock, [3, 4, 6, 3]),
    50: (Bottleneck, [3, 4, 6, 3]),
    101: (Bottleneck, [3, 4, 23, 3]),
}


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
    ) -> None:
        if depth not in _BLOCKS:
            raise ValueError(f"Backbone knows depths {sorted(_BLOCKS)}, got {depth}")
        block, counts = _BLOCKS[depth]
        super().__init__()
        self.conv1 = convolution(3, width, size=7, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if stem_pool else nn.Identity()
        inputs = width
        for stage, count in zip(STAGES, counts, strict=True):
            planes, stride = width * 2 ** (stage - 2), 1 if stage == 2 else 2
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
        )

    def forward(self, clip: Float[Tensor, "n 3 t h w"]) -> dict[int, Float[Tensor, "n t c i j"]]:
        """Features of res2 to res5, by number, in the paper's layout (N, T, C, H, W)."""
        if clip.shape[2] != self.frames:
            raise ValueError(f"this network sees {self.frames} frames, got {clip.shape[2]}")
        x = rearrange(clip, "n c t h w -> (n t) c h w")
        if self._folds():
            x = folded.normalised(x, self.conv1, self.bn1).relu_()
        else:
            x = self.relu(self.bn1(self.conv1(x)))
        return self._stages(self.maxpool(x), STAGES)

    def after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n t d i j"]]:
        """Features of the stages behind `stage`, from that stage's own."""
        return self._stages(rearrange(feature, "n t c h w -> (n t) c h w"), range(stage + 1, 6))

    def _stages(self, x: Float[Tensor, "nt c h w"], stages: Iterable[int]) -> dict[int, Tensor]:
        features, folds = {}, self._folds()
        for stage in stages:
            blocks = getattr(self, f"layer{stage - 1}")
            for block in blocks:
                x = folded.block(x, block) if folds else block(x)
            tap = getattr(self, f"res{stage}_tap")
            seen = tap(rearrange(x, "(n t) c h w -> n t c h w", t=self.frames))
            features[stage] = seen
            x = rearrange(seen, "n t c h w -> (n t) c h w")
        return features

    def _folds(self) -> bool:
        """Whether BatchNorm may be folded into the convolutions."""
        return not self.training and frozen(self)
