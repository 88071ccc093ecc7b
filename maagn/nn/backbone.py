"""ResNet over every frame (Fig. 1), with the temporal shift of TSM where asked."""

from collections.abc import Iterable

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn import (
    folded,
    torchvision_ops,  # noqa: F401 - must come before torchvision
)
from maagn.nn.frozen import frozen
from maagn.nn.shift import ShiftedConv2d
from maagn.nn.tap import Tap

from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet  # isort: skip

_BLOCKS: dict[int, tuple[type[BasicBlock | Bottleneck], list[int]]] = {
    18: (BasicBlock, [2, 2, 2, 2]),
    34: (BasicBlock, [3, 4, 6, 3]),
    50: (Bottleneck, [3, 4, 6, 3]),
    101: (Bottleneck, [3, 4, 23, 3]),
}


class Backbone(ResNet):
    """torchvision's ResNet, run on all T frames at once; gives each stage's feature.

    A per-frame network seen at every tau-th frame equals that network run on the clip sampled at
    tau, at a fraction of the cost, so one run serves the paths of all rates (with the shift the
    frames are mixed before, and the paths see features of the full-rate clip).

    Args:
        depth: 18, 34, 50 or 101.
        width: channels of the first stage; 64 is torchvision's.
        frames: T.
        shifted: whether every residual block's first convolution sees the shifted input.
        shortcuts: whether the shortcuts' convolutions see it, too.
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
    ) -> None:
        if depth not in _BLOCKS:
            raise ValueError(f"Backbone knows depths {sorted(_BLOCKS)}, got {depth}")
        block, counts = _BLOCKS[depth]
        super().__init__(block, counts)
        if width != 64:
            self._narrow(block, counts, width)
        if not stem_pool:
            self.maxpool = nn.Identity()
        del self.avgpool, self.fc
        self.frames = frames
        if shifted:
            for module in self.modules():
                if isinstance(module, BasicBlock | Bottleneck):
                    module.conv1 = ShiftedConv2d.like(module.conv1, frames=frames)
                    if shortcuts and module.downsample is not None:
                        module.downsample[0] = ShiftedConv2d.like(
                            module.downsample[0], frames=frames
                        )
        for stage in (2, 3, 4, 5):
            self.add_module(f"res{stage}_tap", Tap())
        self.channels = {i: width * 2 ** (i - 2) * block.expansion for i in (2, 3, 4, 5)}

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
        )

    def _narrow(self, block: type[BasicBlock | Bottleneck], counts: list[int], width: int) -> None:
        """Build the stem and stages again at another width (torchvision's is fixed at 64)."""
        self.inplanes = width
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for stage, count in enumerate(counts, start=1):
            planes, stride = width * 2 ** (stage - 1), 1 if stage == 1 else 2
            setattr(self, f"layer{stage}", self._make_layer(block, planes, count, stride=stride))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, clip: Float[Tensor, "n 3 t h w"]) -> dict[int, Float[Tensor, "n t c i j"]]:
        """Features of res2 to res5, by number, in the paper's layout (N, T, C, H, W)."""
        if clip.shape[2] != self.frames:
            raise ValueError(f"this network sees {self.frames} frames, got {clip.shape[2]}")
        x = rearrange(clip, "n c t h w -> (n t) c h w")
        if self._folds():
            x = folded.normalised(x, self.conv1, self.bn1).relu_()
        else:
            x = self.relu(self.bn1(self.conv1(x)))
        return self._stages(self.maxpool(x), (2, 3, 4, 5))

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
