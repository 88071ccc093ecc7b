"""The paper's baselines on the same backbone: TSN, TSM and TPN."""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.head import AuxiliaryHead, Head
from maagn.nn.pyramid import Pyramid, level_fusions
from maagn.nn.resnet import Backbone, OnResNet, strides_between


class TSN(OnResNet):
    """Every frame classified by itself, and the logits' mean; with the shift it is TSM.

    Wang et al., "Temporal Segment Networks" (ECCV 2016); Lin, Gan and Han, "TSM" (ICCV 2019), which
    shifts the input of every residual block's first convolution (`spec.shift`).

    Args:
        spec: every number of the network.
        backbone: None for the one that `spec` describes.
    """

    def __init__(self, spec: ModelSpec, backbone: Backbone | None = None) -> None:
        super().__init__(spec, backbone)
        self.head = Head(self.backbone.channels[5], spec.classes, dropout=spec.dropout)

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The last stage's mean over time and place, which a linear head may take first."""
        return (features[5].mean(dim=(1, 3, 4)),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one of the head."""
        return (self.head.linear,)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the backbone's stages: the mean of the frames'."""
        return self.head(features[5].mean(dim=(3, 4))).mean(dim=1)


class TPN(OnResNet):
    """Temporal Pyramid Network with level fusion of both flows and one classifier, as published.

    Yang et al., "Temporal Pyramid Network for Action Recognition" (CVPR 2020).

    Args:
        spec: every number of the network; `rates` is not used, every level sees all frames.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        channels = tuple(self.backbone.channels[level] for level in spec.levels)
        levels, width, groups = len(channels), spec.neck_width, spec.neck_groups
        self.pyramid = Pyramid(
            channels,
            frames=(spec.frames,) * levels,
            width=width,
            groups=groups,
            strides=strides_between(spec),
        )
        self.top_down, self.bottom_up, self.fuse = level_fusions(levels, width, groups=groups)
        self.head = Head(2 * width, spec.classes, dropout=spec.dropout)
        self.auxiliary = AuxiliaryHead(channels[-2], spec.classes, dropout=spec.dropout)

    def levels(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> list[Float[Tensor, "n _c t _h _w"]]:
        """The backbone's stages that feed the pyramid, shallow to deep."""
        return [rearrange(features[i], "n t c h w -> n c t h w") for i in self.spec.levels]

    def after_pyramid(self, modulated: list[Float[Tensor, "n d 1 h w"]]) -> Float[Tensor, "n e"]:
        """The one feature of all levels after the exchange, averaged over space."""
        top_down, bottom_up = self.pyramid.exchange(modulated)
        both = torch.cat([self.top_down(top_down), self.bottom_up(bottom_up)], dim=1)
        return self.fuse(both).mean(dim=(2, 3, 4))

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n e"]]:
        """The one feature behind the pyramid, from the backbone's stages."""
        return (self.after_pyramid(self._modulated(self.levels(features))),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one of the head."""
        return (self.head.linear,)

    def _modulated(
        self, levels: list[Float[Tensor, "n _c t _h _w"]]
    ) -> list[Float[Tensor, "n d 1 h w"]]:
        return [self.pyramid.modulate(i, level) for i, level in enumerate(levels)]

    def classify(self, levels: list[Float[Tensor, "n _c t _h _w"]]) -> Float[Tensor, "n k"]:
        """Logits from the levels."""
        return self.head(self.after_pyramid(self._modulated(levels)))

    def forward_head(
        self, features: dict[int, Float[Tensor, "n t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the backbone's stages."""
        return self.classify(self.levels(features))

    def training_logits(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> tuple[Float[Tensor, "n k"], Float[Tensor, "n k"]]:
        """The prediction's logits and the auxiliary head's."""
        levels = self.levels(self.forward_features(clip))
        return self.classify(levels), self.auxiliary(levels[-2])
