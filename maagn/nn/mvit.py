"""MViTv2: attention with pooled queries, keys and values, so that stages have ever fewer tokens.

Li, Wu, Fan, Mangalam, Xiong, Malik and Feichtenhofer, "MViTv2: Improved Multiscale Vision
Transformers for Classification and Detection" (CVPR 2022). The layers are torchvision's own and
keep its names, so that its weights load as they are. The first convolution is centred at every
second frame; from then on only rows and columns are halved: of 16 frames each stage keeps 8.
"""

from collections.abc import Iterator
from typing import ClassVar

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.network import VideoNetwork
from maagn.nn.resnet import STAGES
from maagn.nn.staged import refuse_other_frames, title_of
from maagn.nn.taps import Stage, Tap

TRANSFORM = TransformSpec(resize=256, crop=224, mean=(0.45, 0.45, 0.45), std=(0.225, 0.225, 0.225))
"""What torchvision's weights want."""

_SIDE = 224  # of the frames that tables of relative positions are made for
_OUTER = 5  # blocks outside of the third stage: one, two, and two
_RATE = 2  # frames of a clip for one of a stage

Grid = tuple[int, int, int]
"""Frames, rows and columns of tokens."""


class Features(dict[int, Tensor]):
    """The stages' features, and beside the last the token of the class.

    Attributes:
        class_token: (N, C).
    """

    class_token: Tensor


class MViT(VideoNetwork):
    """MViTv2, and one linear layer on the token of the class.

    That token has no place on the grid, so no feature has it. After the last block it alone is
    read, and no other token's value matters any more: res5 is therefore what the last block sees,
    where the class still draws on every token, and that block is the head's first.

    Args:
        spec: classes, frames, depth (16 is MViTv2-S's), width (96) and dropout. All blocks but five
            are the third stage's.

    Raises:
        ValueError: fewer than 6 blocks.
    """

    resumes: ClassVar[bool] = False

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        if spec.depth <= _OUTER:
            raise ValueError(f"MViTv2 has 6 blocks or more, got {spec.depth}")
        from maagn.nn.torchvision_ops import video_models

        made = video_models().MViT(
            spatial_size=(_SIDE, _SIDE),
            temporal_size=spec.frames,
            block_setting=list(_blocks(spec)),
            residual_pool=True,
            residual_with_cls_embed=False,
            rel_pos_embed=True,
            proj_after_attn=True,
            dropout=spec.dropout,
            stochastic_depth_prob=0.2,
            num_classes=spec.classes,
        )
        self.spec = spec
        self.conv_proj = made.conv_proj
        self.pos_encoding = made.pos_encoding
        self.blocks = made.blocks
        self.norm = made.norm
        self.head = made.head
        self.backbone = nn.ModuleDict({f"res{stage}_tap": Tap() for stage in STAGES})

    def forward_features(self, clip: Float[Tensor, "n 3 t h w"]) -> Features:
        """Features of res2 to res5, by number, in the layout (N, T, C, H, W)."""
        refuse_other_frames(self.spec, clip)
        patches = self.conv_proj(clip)
        grid: Grid = patches.shape[2:]
        tokens = self.pos_encoding(rearrange(patches, "n c t h w -> n (t h w) c"))
        features = Features()
        for number, numbers in zip(STAGES, _stages(self.spec.depth), strict=True):
            for index in numbers:
                tokens, grid = self.blocks[index](tokens, grid)
            feature = self.backbone[f"res{number}_tap"](_on_grid(tokens, grid))
            features[number] = feature
            tokens = _with_class(tokens[:, 0], feature)
        features.class_token = tokens[:, 0]
        return features

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The token of the class behind the last block, normalised."""
        assert isinstance(features, Features)
        t, _, h, w = features[5].shape[1:]
        tokens = _with_class(features.class_token, features[5])
        tokens, _ = self.blocks[-1](tokens, (t, h, w))
        return (self.norm(tokens[:, 0]),)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (self.head[1],)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the token of the class."""
        return self.head(*self.head_inputs(features))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5; without the last block, which reads out the class."""
    return tuple(
        Stage.at(f"backbone.res{number}", title_of(numbers), of=spec.frames, rate=_RATE)
        for number, numbers in zip(STAGES, _stages(spec.depth), strict=True)
    )


def _stages(depth: int) -> tuple[range, ...]:
    """Blocks of each stage, from 0."""
    return range(1), range(1, 3), range(3, depth - 2), range(depth - 2, depth - 1)


def _blocks(spec: ModelSpec) -> Iterator[object]:
    """The settings of each block: a stage has twice the channels and heads of that before it."""
    from torchvision.models.video.mvit import MSBlockConfig

    inputs = spec.width
    for stage, numbers in enumerate(_stages(spec.depth)):
        outputs = spec.width * 2**stage
        for index in (*numbers, *([spec.depth - 1] if stage == 3 else [])):
            halved = stage > 0 and index == numbers[0]
            yield MSBlockConfig(
                num_heads=2**stage,
                input_channels=inputs,
                output_channels=outputs,
                kernel_q=[3, 3, 3],
                kernel_kv=[3, 3, 3],
                stride_q=[1, 2, 2] if halved else [1, 1, 1],
                stride_kv=[1, 8 // 2**stage, 8 // 2**stage],
            )
            inputs = outputs


def _on_grid(tokens: Float[Tensor, "n _tokens c"], grid: Grid) -> Float[Tensor, "n _t c _h _w"]:
    """The tokens that have a place, where they have it."""
    t, h, w = grid
    return rearrange(tokens[:, 1:], "n (t h w) c -> n t c h w", t=t, h=h, w=w)


def _with_class(
    class_token: Float[Tensor, "n c"], feature: Float[Tensor, "n t c h w"]
) -> Float[Tensor, "n _tokens c"]:
    """The class's token before those of the grid."""
    tokens = rearrange(feature, "n t c h w -> n (t h w) c")
    return torch.cat([class_token[:, None], tokens], dim=1)
