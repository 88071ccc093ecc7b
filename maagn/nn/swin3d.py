"""Video Swin: attention within windows of a clip's patches, every second time shifted.

Liu, Ning, Cao, Wei, Zhang, Lin and Hu, "Video Swin Transformer" (CVPR 2022). The layers are
torchvision's own and keep its names, so that its weights load as they are. A patch is 4 x 4 pixels
of two frames, and from then on only rows and columns are halved: of 32 frames each stage keeps 16.
"""

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.resnet import STAGES
from maagn.nn.staged import Staged
from maagn.nn.taps import Stage

TRANSFORM = TransformSpec(resize=256, crop=224)
"""What torchvision's weights want."""

_TUBELET = 2  # frames of a patch
_HEAD = 32  # channels of a head of attention
_OUTER = 6  # blocks outside of the third stage, two in each other one


class Swin3D(Staged):
    """Video Swin, and one linear layer on the normalised mean of its last stage.

    Args:
        spec: classes, frames, depth (12 is Swin-T's, 24 Swin-S's and Swin-B's), width (96, 96 and
            128) and dropout. All blocks but six are the third stage's.

    Raises:
        ValueError: an odd number of frames, fewer than 8 blocks, or a width that is no multiple of
            32.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        if spec.frames % _TUBELET:
            raise ValueError(f"Video Swin sees an even number of frames, got {spec.frames}")
        if spec.depth < _OUTER + 2 or spec.width % _HEAD:
            raise ValueError(
                f"Video Swin has 8 blocks or more and a width that is a multiple of {_HEAD}, got "
                f"{spec.depth} and {spec.width}"
            )
        from maagn.nn.torchvision_ops import video_models

        made = video_models().SwinTransformer3d(
            patch_size=[_TUBELET, 4, 4],
            embed_dim=spec.width,
            depths=[2, 2, spec.depth - _OUTER, 2],
            num_heads=[spec.width // _HEAD * 2**stage for stage in range(4)],
            window_size=[8, 7, 7],
            num_classes=spec.classes,
        )
        self.patch_embed = made.patch_embed
        self.features = made.features
        self.norm = made.norm
        self.dropout = nn.Dropout(spec.dropout)
        self.head = made.head

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _t _c _h _w"]:
        """The patches, each with a place on the grid."""
        return rearrange(self.patch_embed(clip), "n t h w c -> n t c h w")

    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """Its blocks; those behind the first stage merge two by two patches before."""
        last = 2 * (number - 2)  # of the library's list of blocks and merges, by turns
        layers = self.features[max(0, last - 1) : last + 1]
        x = rearrange(feature, "n t c h w -> n t h w c")
        return rearrange(layers(x), "n t h w c -> n t c h w")

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The mean of the last stage's normalised patches."""
        return (self.norm(rearrange(features[5], "n t c h w -> n (t h w) c")).mean(dim=1),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (self.head,)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the last stage's mean."""
        return self.head(self.dropout(*self.head_inputs(features)))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The four stages, as the paper numbers them; a patch is centred between its two frames."""
    return tuple(
        Stage.at(
            f"backbone.res{number}",
            f"Stage {number - 1}",
            of=spec.frames,
            rate=_TUBELET,
            offset=(_TUBELET - 1) / 2,
        )
        for number in STAGES
    )
