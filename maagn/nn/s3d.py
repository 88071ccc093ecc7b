"""S3D: Inception whose 3D convolutions are a spatial one and then a temporal one.

Xie, Sun, Huang, Tu and Murphy, "Rethinking Spatiotemporal Feature Learning" (ECCV 2018). The layers
are torchvision's own and keep its names, so that its weights load as they are.
"""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.resnet import drawn
from maagn.nn.staged import Staged
from maagn.nn.taps import Stage

TRANSFORM = TransformSpec(
    resize=256, crop=224, mean=(0.43216, 0.394666, 0.37645), std=(0.22803, 0.22145, 0.216989)
)
"""What torchvision's weights want; its own transform resizes to 256 x 256, whatever the shape."""

_LAYERS = {2: slice(0, 4), 3: slice(4, 7), 4: slice(7, 13), 5: slice(13, 16)}
"""Of torchvision's `features`, by stage: each begins with the pool that halves its maps."""

_WINDOW = (2, 7, 7)  # of the mean before the classifier
_CHANNELS = 1024  # of the last stage
_EVERY = 8  # frames of a clip for one of the last stage


class S3D(Staged):
    """S3D, and one linear layer on the mean of its last stage.

    The mean is of torchvision's windows of 2 x 7 x 7 cells, one cell apart: what lies at the
    feature's border is in fewer of them. A feature that is smaller is one window.

    Args:
        spec: classes, frames and dropout; all other numbers are the paper's.

    Raises:
        ValueError: a number of frames that is no multiple of 8.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        if spec.frames % _EVERY:
            raise ValueError(f"S3D sees a multiple of {_EVERY} frames, got {spec.frames}")
        from maagn.nn.torchvision_ops import video_models

        self.features = video_models().S3D().features
        for layer in self.features.modules():
            if isinstance(layer, nn.Conv3d):
                drawn(layer)
        self.classifier = nn.Sequential(
            nn.Dropout(spec.dropout), nn.Linear(_CHANNELS, spec.classes)
        )

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n t 3 h w"]:
        """The clip: the first layers are res2's."""
        return rearrange(clip, "n c t h w -> n t c h w")

    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """Convolutions, or a pool and Inception's blocks."""
        x = rearrange(feature, "n t c h w -> n c t h w")
        return rearrange(self.features[_LAYERS[number]](x), "n c t h w -> n t c h w")

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The last stage's mean over the windows of time and place."""
        x = rearrange(features[5], "n t c h w -> n c t h w")
        window = [min(most, size) for most, size in zip(_WINDOW, x.shape[2:], strict=True)]
        return (functional.avg_pool3d(x, window, stride=1).mean(dim=(2, 3, 4)),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        layer = self.classifier[1]
        assert isinstance(layer, nn.Linear)
        return (layer,)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the last stage's mean."""
        return self.classifier(*self.head_inputs(features))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5.

    Convolutions and pools of size 3 or 7 are centred at every second frame, the first included; the
    pool before the last stage is of two, each four frames of the clip apart.
    """
    titles = ("Convolutions 1a to 2c", "Mixed 3b to 3c", "Mixed 4b to 4f", "Mixed 5b to 5c")
    rates = ((2, 0.0), (2, 0.0), (4, 0.0), (8, 2.0))
    return tuple(
        Stage.at(f"backbone.res{number}", title, of=spec.frames, rate=rate, offset=offset)
        for number, title, (rate, offset) in zip(_LAYERS, titles, rates, strict=True)
    )
