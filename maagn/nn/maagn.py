"""MAAGN (Fig. 1): on each path SDM and MTAM side by side, and how they are fused (Table 3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.agm import AdaptiveGating
from maagn.nn.head import AuxiliaryHead, Head
from maagn.nn.mtam import TemporalAttention
from maagn.nn.pyramid import Level, Pyramid, level_fusions
from maagn.nn.resnet import OnResNet, strides_between
from maagn.nn.sdm import SpatialDifference
from maagn.nn.taps import Stage, Tap, is_inference

_FUSIONS = ("none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm")
_VOTES = ("own", "own+levels", "own+last")


class PathBlock(nn.Module):
    """SDM, MTAM and their fusion on one level's frames.

    Args:
        frames: number of frames T on this path.
        spec: names the fusion (Table 3) and the variants of both modules (Tables 4 and 5).

    Raises:
        ValueError: an unknown fusion.
    """

    def __init__(self, frames: int, spec: ModelSpec) -> None:
        super().__init__()
        if spec.fusion not in _FUSIONS:
            raise ValueError(f"a path fuses by {', '.join(_FUSIONS)}, got {spec.fusion}")
        self.fusion = spec.fusion
        size: dict[str, Any] = {
            "reduction": spec.reduction,
            "min_hidden": spec.min_hidden,
            "pooling": spec.pooling,
        }
        if spec.fusion not in ("none", "mtam"):
            self.sdm = SpatialDifference(frames, combine=spec.sdm_combine, **size)
        if spec.fusion not in ("none", "sdm"):
            self.mtam = TemporalAttention(frames, masks=spec.mtam_masks, **size)
        if spec.fusion == "agm":
            self.agm = AdaptiveGating(frames)
        self.input_tap = Tap()
        self.output_tap = Tap()

    def fuse(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """The row of Table 3 that this path was built for."""
        match self.fusion:
            case "sdm":
                return self.sdm(x)
            case "mtam":
                return self.mtam(x)
            case "sdm>mtam":
                return self.mtam(self.sdm(x))
            case "mtam>sdm":
                return self.sdm(self.mtam(x))
            case "sum":
                return self.sdm(x) + self.mtam(x)
            case "agm" if self.fuses():
                return self.agm.forward_fast(
                    x,
                    spatial=1 + self.sdm.mask_tap(self.sdm.mask(x)),
                    temporal=1 + self.mtam.total(x),
                )
            case "agm":
                return self.agm(self.sdm(x), self.mtam(x))
            case _:
                return x

    def fuses(self) -> bool:
        """Whether both streams are the feature, scaled, so that AGM's fast twin may be used."""
        return self.sdm.combine == "residual" and is_inference(self)

    def forward(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """The path's feature, same shape as its input."""
        return self.output_tap(self.fuse(self.input_tap(x)))


class Modulated(NamedTuple):
    """What the votes need of one path.

    Attributes:
        level: its feature at the shape that all paths have in the pyramid.
        mean: its fused feature's, over time and place, where paths vote by it: the last path's.
    """

    level: Float[Tensor, "n d 1 i j"]
    mean: Float[Tensor, "n c"] | None


class MAAGN(OnResNet):
    """Multipath Attention and Adaptive Gating Network.

    Each level of the backbone is a path at its own rate; SDM and MTAM run side by side on it and
    AGM fuses them; the pyramid exchanges the paths; each path votes, and the prediction is the
    plain mean of the votes' logits ("fused by the same weights", Sec. 3).

    Path i of P votes z_i = W_i f_i + b_i, by its own feature f_i behind the pyramid. By
    `spec.votes` it may read a second feature g beside it, the same for all paths (decision 0028):
    z_i = W_i f_i + V_i g + b_i. With `own+levels` g is TPN's, the fusion of all levels of both
    flows; with `own+last` it is TSM's, the last path's mean over time and place. With all W_i zero
    and the V_i and b_i those of a TPN or TSM, the mean of the votes is that network's answer.

    Args:
        spec: every number of the network.

    Raises:
        ValueError: a path whose number of frames T / tau is odd or under 2; names the level; or
            unknown `votes`.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        if spec.votes not in _VOTES:
            raise ValueError(f"paths vote by {', '.join(_VOTES)}, got {spec.votes}")
        frames = tuple(_path_frames(spec, i) for i in range(len(spec.levels)))
        channels = tuple(self.backbone.channels[level] for level in spec.levels)
        self.paths = nn.ModuleList(PathBlock(t, spec) for t in frames)
        self.pyramid = Pyramid(
            channels,
            frames=frames,
            width=spec.neck_width,
            groups=spec.neck_groups,
            strides=strides_between(spec),
        )
        self.merge = nn.ModuleList(_merge(spec) for _ in spec.levels)
        width = spec.neck_width
        shared = {"own": 0, "own+levels": 2 * width, "own+last": channels[-1]}[spec.votes]
        self.heads = nn.ModuleList(
            Head(width + shared, spec.classes, dropout=spec.dropout) for _ in spec.levels
        )
        self.auxiliary = AuxiliaryHead(channels[-2], spec.classes, dropout=spec.dropout)
        if spec.votes == "own+levels":  # called as a TPN calls them
            self.top_down, self.bottom_up, self.fuse = level_fusions(
                len(spec.levels), width, groups=spec.neck_groups
            )
        self.votes_tap = Tap()

    def path_features(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> list[Float[Tensor, "n _t _c _h _w"]]:
        """Each path's feature after SDM, MTAM and AGM, from the backbone's stages."""
        return [
            path(features[level][:, ::rate])
            for path, level, rate in zip(self.paths, self.spec.levels, self.spec.rates, strict=True)
        ]

    def modulate(self, index: int, fused: Float[Tensor, "n t c h w"]) -> Modulated:
        """A path's feature as the votes need it; no other path has a part in it."""
        level = self.pyramid.modulate(index, rearrange(fused, "n t c h w -> n c t h w"))
        return Modulated(level, self._mean(index, fused))

    def recorded(self, index: int, taps: Mapping[str, Tensor]) -> Modulated:
        """The same, of a run whose taps were recorded."""
        level = taps[f"pyramid.level{index}"].detach()
        return Modulated(level, self._mean(index, taps[f"paths.{index}.output"].detach()))

    def _mean(self, index: int, fused: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n c"] | None:
        last = self.spec.votes == "own+last" and index == len(self.paths) - 1
        return fused.mean(dim=(1, 3, 4)) if last else None

    def after_pyramid(self, modulated: list[Modulated]) -> list[Float[Tensor, "n e"]]:
        """What each path votes by: its feature after the exchange, averaged over space.

        Behind it, where the spec says so, stands what all paths read.
        """
        flows = self.pyramid.exchange([one.level for one in modulated])
        own = [
            merge(torch.cat(both, dim=1)).mean(dim=(2, 3, 4))
            for merge, *both in zip(self.merge, *flows, strict=True)
        ]
        shared = self._shared(*flows, modulated[-1].mean)
        return own if shared is None else [torch.cat([one, shared], dim=1) for one in own]

    def _shared(
        self, top_down: list[Level], bottom_up: list[Level], mean: Float[Tensor, "n c"] | None
    ) -> Float[Tensor, "n e"] | None:
        """What all paths read; None where each reads its own feature alone."""
        if self.spec.votes != "own+levels":
            return mean
        both = torch.cat([self.top_down(top_down), self.bottom_up(bottom_up)], dim=1)
        return self.fuse(both).mean(dim=(2, 3, 4))

    def votes(self, modulated: list[Modulated]) -> Float[Tensor, "n p k"]:
        """Logits of each path, from the paths' modulated features."""
        pooled = self.after_pyramid(modulated)
        return torch.stack([head(x) for head, x in zip(self.heads, pooled, strict=True)], dim=1)

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"], ...]:
        """What each path votes by, from the backbone's stages."""
        return tuple(self.after_pyramid(self._modulated(features)))

    @property
    def classifiers(self) -> tuple[nn.Linear, ...]:
        """The one of each path."""
        heads = [head for head in self.heads if isinstance(head, Head)]
        return tuple(head.linear for head in heads)

    def _modulated(self, features: dict[int, Float[Tensor, "n t _c _h _w"]]) -> list[Modulated]:
        return [self.modulate(i, x) for i, x in enumerate(self.path_features(features))]

    def forward_head(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the backbone's stages: the plain mean of the paths'."""
        return self.votes_tap(self.votes(self._modulated(features))).mean(dim=1)

    def training_logits(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> tuple[Float[Tensor, "n k"], Float[Tensor, "n k"]]:
        """The prediction's logits and the auxiliary head's."""
        fused = self.path_features(self.forward_features(clip))
        auxiliary = self.auxiliary(rearrange(fused[-2], "n t c h w -> n c t h w"))
        votes = self.votes([self.modulate(i, x) for i, x in enumerate(fused)])
        return votes.mean(dim=1), auxiliary


def paths_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The paths, shallow first, each at its fused feature."""
    return tuple(
        Stage.at(
            f"paths.{index}.output",
            f"Path res{level} at rate {rate}, fused",
            of=spec.frames,
            rate=rate,
        )
        for index, (level, rate) in enumerate(zip(spec.levels, spec.rates, strict=True))
    )


def _path_frames(spec: ModelSpec, index: int) -> int:
    level, rate = spec.levels[index], spec.rates[index]
    frames, rest = divmod(spec.frames, rate)
    if rest or frames < 2 or frames % 2:
        raise ValueError(
            f"level res{level} at rate {rate} has {spec.frames / rate:g} of {spec.frames} frames;"
            " SDM needs an even number, at least 2"
        )
    return frames


def _merge(spec: ModelSpec) -> nn.Sequential:
    """A path's own part of TPN's level fusion, over both flows."""
    return nn.Sequential(
        nn.Conv3d(2 * spec.neck_width, spec.neck_width, 1, groups=spec.neck_groups, bias=False),
        nn.BatchNorm3d(spec.neck_width),
        nn.ReLU(inplace=True),
    )
