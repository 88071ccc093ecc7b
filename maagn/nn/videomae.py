"""VideoMAE: a plain vision transformer on tubelets of a clip.

Tong, Song, Wang and Wang, "VideoMAE: Masked Autoencoders are Data-Efficient Learners for
Self-Supervised Video Pre-Training" (NeurIPS 2022). The layers are those of `transformers`, and
keep its names. A tubelet is 16 x 16 pixels of two frames, and every block keeps all of them: of 16
frames each stage has 8.
"""

from collections.abc import Iterator
from typing import Any

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.hugging_face import transformers
from maagn.nn.tokens import Tokens, attention_matrix

TITLE = "VideoMAE"
TRANSFORM = TransformSpec(resize=224, crop=224)
"""What its weights want where no `preprocessor_config.json` says otherwise."""


class VideoMAE(Tokens):
    """VideoMAE, and one linear layer on the normalised mean of its last block's tokens.

    Args:
        spec: classes, frames, depth (blocks), width (channels) and dropout; as options `side` of
            the frames, `patch` and `tubelet` in pixels and frames, `heads` of attention, and
            `hidden` channels between the layers of a block.

    Raises:
        ValueError: numbers that do not go together.
        NetworkError: `transformers` is not installed.
    """

    videomae: Any

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        library = transformers(TITLE)
        made = library.VideoMAEForVideoClassification(
            library.VideoMAEConfig(
                image_size=spec.option("side"),
                patch_size=spec.option("patch"),
                num_frames=spec.frames,
                tubelet_size=spec.option("tubelet"),
                hidden_size=spec.width,
                num_hidden_layers=spec.depth,
                num_attention_heads=spec.option("heads"),
                intermediate_size=spec.option("hidden"),
                num_labels=spec.classes,
            )
        )
        self.videomae = made.videomae
        self.fc_norm = made.fc_norm
        self.dropout = nn.Dropout(spec.dropout)
        self.classifier = made.classifier

    def embed(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _tokens _c"]:
        """Tubelets, with what tells where they are."""
        return self.videomae.embeddings(rearrange(clip, "n c t h w -> n t c h w"), None)

    @property
    def blocks(self) -> list[Any]:
        """Of the encoder."""
        return list(self.videomae.encoder.layer)

    def run(self, block: nn.Module, tokens: Float[Tensor, "n k c"]) -> Float[Tensor, "n k c"]:
        """The tokens behind a block."""
        return block(tokens)

    def attention_matrices(self, clip: Float[Tensor, "1 3 t h w"]) -> Iterator[Tensor]:
        """Those of its blocks, first to last; every token of the last is in the mean."""
        tokens = self.embed(clip)
        for block in self.blocks:
            attention, x = block.attention.attention, block.layernorm_before(tokens)
            yield attention_matrix(attention.query(x), attention.key(x), self.spec.option("heads"))
            tokens = self.run(block, tokens)

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """The normalised mean of the last block's tokens."""
        return (self.fc_norm(features[5].mean(dim=(1, 3, 4))),)
