"""MAAGN (Fig. 1): on each path SDM and MTAM side by side, and how they are fused (Table 3)."""

from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.agm import AdaptiveGating
from maagn.nn.head import AuxiliaryHead, Head
from maagn.nn.mtam import TemporalAttention
from maagn.nn.pyramid import Pyramid
from maagn.nn.resnet import OnResNet, strides_between
from maagn.nn.sdm import SpatialDifference
from maagn.nn.taps import Stage, Tap, is_inference

_FUSIONS = ("none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm")


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


class MAAGN(OnResNet):
    """Multipath Attention and Adaptive Gating Network.

    Each level of the backbone is a path at its own rate; SDM and MTAM run side by side on it and
    AGM fuses them; the pyramid exchanges the paths; each path votes, and the prediction is the
    plain mean of the votes' logits ("fused by the same weights", Sec. 3).

    Args:
        spec: every number of the network.

    Raises:
        ValueError: a path whose number of frames T / tau is odd or under 2; names the level.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
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
        self.heads = nn.ModuleList(
            Head(spec.neck_width, spec.classes, dropout=spec.dropout) for _ in spec.levels
        )
        self.auxiliary = AuxiliaryHead(channels[-2], spec.classes, dropout=spec.dropout)
        self.votes_tap = Tap()

    def path_features(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> list[Float[Tensor, "n _t _c _h _w"]]:
        """Each path's feature after SDM, MTAM and AGM, from the backbone's stages."""
        return [
            path(features[level][:, ::rate])
            for path, level, rate in zip(self.paths, self.spec.levels, self.spec.rates, strict=True)
        ]

    def modulate(self, index: int, fused: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n d 1 i j"]:
        """A path's feature at the shape that all paths have in the pyramid."""
        return self.pyramid.modulate(index, rearrange(fused, "n t c h w -> n c t h w"))

    def after_pyramid(
        self, modulated: list[Float[Tensor, "n d 1 i j"]]
    ) -> list[Float[Tensor, "n d"]]:
        """What each path votes by: its feature after the exchange, averaged over space."""
        top_down, bottom_up = self.pyramid.exchange(modulated)
        return [
            merge(torch.cat(flows, dim=1)).mean(dim=(2, 3, 4))
            for merge, *flows in zip(self.merge, top_down, bottom_up, strict=True)
        ]

    def votes(self, modulated: list[Float[Tensor, "n d 1 i j"]]) -> Float[Tensor, "n p k"]:
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

    def _modulated(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> list[Float[Tensor, "n d 1 _i _j"]]:
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
