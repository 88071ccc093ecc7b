"""V-JEPA 2: a vision transformer on tubelets of a clip, and a pooler that attends to its tokens.

Assran et al., "V-JEPA 2: Self-Supervised Video Models Enable Understanding, Prediction and
Planning" (arXiv 2506.09985, 2025). The layers are those of `transformers`, and keep its names; the
predictor, which only pre-training uses, is left out. A tubelet is 16 x 16 pixels of two frames, and
every block keeps all of them: of 16 frames each stage has 8.
"""

from collections.abc import Iterator
from typing import Any

from einops import rearrange, repeat
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec, TransformSpec
from maagn.nn.hugging_face import transformers
from maagn.nn.tokens import Tokens, attention_matrix

TITLE = "V-JEPA 2"
TRANSFORM = TransformSpec(resize=292, crop=256)
"""What its weights want where no `video_preprocessor_config.json` says otherwise."""


class VJEPA2(Tokens):
    """V-JEPA 2's encoder, its attentive pooler, and one linear layer.

    The last stage is what comes out of the encoder's last block, before it is normalised: the
    pooler draws on every token of it.

    Args:
        spec: classes, frames, depth (blocks), width (channels) and dropout; as options `side` of
            the frames, `patch` and `tubelet` in pixels and frames, `heads` of attention, `hidden`
            channels between the layers of a block, and the `pooler`'s blocks of self-attention.

    Raises:
        ValueError: numbers that do not go together.
        NetworkError: `transformers` is not installed.
    """

    vjepa2: Any
    pooler: Any

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        library = transformers(TITLE)
        made = library.VJEPA2ForVideoClassification(
            library.VJEPA2Config(
                crop_size=spec.option("side"),
                patch_size=spec.option("patch"),
                frames_per_clip=spec.frames,
                tubelet_size=spec.option("tubelet"),
                hidden_size=spec.width,
                num_hidden_layers=spec.depth,
                num_attention_heads=spec.option("heads"),
                mlp_ratio=(spec.option("hidden") + 0.5) / spec.width,  # cut to a whole number there
                num_pooler_layers=spec.option("pooler"),
                pred_hidden_size=12,
                pred_num_attention_heads=1,
                pred_num_hidden_layers=1,
                num_labels=spec.classes,
            )
        )
        self.vjepa2 = nn.ModuleDict({"encoder": made.vjepa2.encoder})
        self.pooler = made.pooler
        self.dropout = nn.Dropout(spec.dropout)
        self.classifier = made.classifier

    def embed(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _tokens _c"]:
        """Tubelets; where they are is told to each block's attention."""
        embeddings = self.vjepa2["encoder"].embeddings
        return embeddings(rearrange(clip, "n c t h w -> n t c h w"))

    @property
    def blocks(self) -> list[Any]:
        """Of the encoder."""
        return list(self.vjepa2["encoder"].layer)

    def run(self, block: nn.Module, tokens: Float[Tensor, "n k c"]) -> Float[Tensor, "n k c"]:
        """The tokens behind a block."""
        return block(tokens)[0]

    def attention_matrices(self, clip: Float[Tensor, "1 3 t h w"]) -> Iterator[Tensor]:
        """Those of its blocks and of its pooler's, first to last; the last has the query's row."""
        heads = self.spec.option("heads")
        tokens = self.embed(clip)
        for block in self.blocks:
            attention, x = block.attention, block.norm1(tokens)
            places = attention.get_position_ids(x)
            query, key = (
                rearrange(
                    attention.apply_rotary_embeddings(
                        rearrange(layer(x), "n k (a c) -> n a k c", a=heads), places
                    ),
                    "n a k c -> n k (a c)",
                )
                for layer in (attention.query, attention.key)
            )
            yield attention_matrix(query, key, heads)
            tokens = self.run(block, tokens)
        tokens = self.vjepa2["encoder"].layernorm(tokens)
        for block in self.pooler.self_attention_layers:
            x = block.layer_norm1(tokens)
            yield attention_matrix(block.self_attn.q_proj(x), block.self_attn.k_proj(x), heads)
            tokens = block(tokens, None)[0]
        last = self.pooler.cross_attention_layer
        query = last.cross_attn.q_proj(repeat(self.pooler.query_tokens, "1 1 c -> n 1 c", n=len(x)))
        key = last.cross_attn.k_proj(last.layer_norm1(tokens))
        yield attention_matrix(query, key, heads)

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n d"]]:
        """What the pooler makes of the last block's normalised tokens."""
        tokens = rearrange(features[5], "n t c h w -> n (t h w) c")
        return (self.pooler(self.vjepa2["encoder"].layernorm(tokens)),)
