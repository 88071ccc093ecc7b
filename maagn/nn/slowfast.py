"""SlowFast: a wide pathway that sees few frames, and a narrow one that sees them all.

Feichtenhofer, Fan, Malik and He, "SlowFast Networks for Video Recognition" (ICCV 2019). Tensors are
named as PySlowFast names them, so that its weights load as they are.

A stage's feature is that of both pathways, for a map of one alone would leave out a part of what
the logits follow from, and the stages behind could not be run again from it. The alpha fast frames
that belong to a slow one stand behind its channels, as further channels of that frame.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.i3d import (
    BLOCKS,
    Pathway,
    ResStage,
    Stem,
    check_depth,
    head,
    in_turn,
    linear_of,
)
from maagn.nn.resnet import STAGES
from maagn.nn.staged import Staged, convolution
from maagn.nn.taps import Stage

NARROWER = 8
"""How many times fewer channels the fast pathway has: 1 / beta of the paper."""

_STEMS = (1, 5)
_KERNELS = {2: (1, 3), 3: (1, 3), 4: (3, 3), 5: (3, 3)}
"""Frames that the first convolution of each block sees, on the slow and on the fast pathway."""
_LATERAL = 2  # times as many channels go from the fast pathway to the slow one as it has


class Lateral(nn.Module):
    """What the slow pathway is told of the fast one: a convolution over time, at its own rate.

    Args:
        channels: of the fast pathway; twice as many go over.
        frames: that the convolution sees.
        rate: fast frames from one slow frame to the next.
    """

    def __init__(self, channels: int, *, frames: int, rate: int) -> None:
        super().__init__()
        self.conv_f2s = convolution(channels, _LATERAL * channels, (frames, 1, 1), (rate, 1, 1))
        self.bn = nn.BatchNorm3d(_LATERAL * channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(
        self, slow: Float[Tensor, "n c t h w"], fast: Float[Tensor, "n d u h w"]
    ) -> Float[Tensor, "n e t h w"]:
        """The slow pathway's channels, and those of the fast one behind them."""
        return torch.cat([slow, self.relu(self.bn(self.conv_f2s(fast)))], dim=1)


class SlowFast(Staged):
    """SlowFast on ResNet-50 or 101, and one linear layer on the means of both pathways.

    The clip is what the fast pathway sees. The slow one sees every alpha-th of its frames, spread
    from the first to the last as PySlowFast spreads them.

    Args:
        spec: classes, depth, width (64 is PySlowFast's) and dropout; `frames` of the fast pathway,
            `rates` of both pathways, (alpha, 1), and the option `lateral`, the frames that a
            lateral convolution sees.

    Raises:
        ValueError: another depth than 50 and 101, a width that is no multiple of 8, other rates
            than two of which the second is 1, frames that alpha does not divide, or no `lateral`.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        check_depth("SlowFast", spec)
        if spec.width % NARROWER:
            raise ValueError(f"SlowFast's width is a multiple of {NARROWER}, got {spec.width}")
        if len(spec.rates) != 2 or spec.rates[0] < 1 or spec.rates[1] != 1:
            raise ValueError(f"SlowFast's rates are (alpha, 1), got {spec.rates}")
        alpha = spec.rates[0]
        if spec.frames % alpha:
            raise ValueError(
                f"SlowFast sees a multiple of alpha = {alpha} frames, got {spec.frames}"
            )
        lateral_frames = spec.option("lateral")
        slow, fast = spec.width, spec.width // NARROWER
        self.s1 = nn.ModuleDict(
            {
                "pathway0_stem": Stem(slow, frames=_STEMS[0]),
                "pathway1_stem": Stem(fast, frames=_STEMS[1]),
            }
        )
        self.s1_fuse = Lateral(fast, frames=lateral_frames, rate=alpha)
        for stage in STAGES:
            inner = spec.width * 2 ** (stage - 2)
            blocks = BLOCKS[spec.depth][stage - 2]
            inputs = slow + _LATERAL * fast, fast
            inners = inner, inner // NARROWER
            pathways = (
                Pathway(each, within, in_turn((frames,), blocks), 1 if stage == 2 else 2)
                for each, within, frames in zip(inputs, inners, _KERNELS[stage], strict=True)
            )
            self.add_module(f"s{stage}", ResStage(*pathways))
            slow, fast = 4 * inner, 4 * inner // NARROWER
            if stage < 5:
                lateral = Lateral(fast, frames=lateral_frames, rate=alpha)
                self.add_module(f"s{stage}_fuse", lateral)
        self.head = head(slow + fast, spec)

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _t _c _h _w"]:
        """Both pathways behind their first convolutions."""
        frames, alpha = self.spec.frames, self.spec.rates[0]
        few = torch.linspace(0, frames - 1, frames // alpha, device=clip.device)
        slow = self.s1["pathway0_stem"](clip[:, :, few.long()])
        return self._together(slow, self.s1["pathway1_stem"](clip))

    def stage(
        self, number: int, feature: Float[Tensor, "n t e h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """Both pathways' blocks, of which the slow one's see what the fast one tells."""
        slow, fast = self._apart(number - 1, feature)
        told = getattr(self, f"s{number - 1}_fuse")(slow, fast)
        return self._together(*getattr(self, f"s{number}")(told, fast))

    def _together(
        self, slow: Float[Tensor, "n c t h w"], fast: Float[Tensor, "n d u h w"]
    ) -> Float[Tensor, "n t e h w"]:
        groups = rearrange(fast, "n d (t a) h w -> n t (a d) h w", a=self.spec.rates[0])
        return torch.cat([rearrange(slow, "n c t h w -> n t c h w"), groups], dim=2)

    def _apart(
        self, stage: int, feature: Float[Tensor, "n t e h w"]
    ) -> tuple[Float[Tensor, "n c t h w"], Float[Tensor, "n d u h w"]]:
        """The inverse of `_together`; stage 1 is what the first stage sees."""
        slow = self.spec.width * (1 if stage == 1 else 2**stage)
        groups = feature[:, :, slow:]
        fast = rearrange(groups, "n t (a d) h w -> n d (t a) h w", a=self.spec.rates[0])
        return rearrange(feature[:, :, :slow], "n t c h w -> n c t h w"), fast

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """Both pathways' means of the last stage over time and place."""
        slow, fast = self._apart(5, features[5])
        return (torch.cat([slow.mean(dim=(2, 3, 4)), fast.mean(dim=(2, 3, 4))], dim=1),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (linear_of(self.head),)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from both pathways' means of the last stage."""
        return self.head(*self.head_inputs(features))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5, at the slow pathway's frames.

    Each lies in the middle of its alpha fast frames. The slow pathway's own frames reach from the
    clip's first to its last, and are up to half of alpha away from there.
    """
    alpha = spec.rates[0]
    return tuple(
        Stage.at(
            f"backbone.res{stage}",
            f"Backbone res{stage}",
            of=spec.frames,
            rate=alpha,
            offset=(alpha - 1) / 2,
        )
        for stage in STAGES
    )
