"""Vision transformers of which every block keeps all tokens, each with its place on one grid."""

from abc import abstractmethod
from collections.abc import Iterator
from math import sqrt
from typing import Any

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.resnet import STAGES
from maagn.nn.staged import Staged, title_of
from maagn.nn.taps import Stage

_DEEPEST = 64  # blocks; V-JEPA 2's largest has 40
_MOST = 2**16  # tokens of a clip, or channels


class Tokens(Staged):
    """A transformer without a token of the class, in four stages of as many blocks.

    Args:
        spec: every number of the network.

    Raises:
        ValueError: frames that are not whole tubelets, a side that is not whole patches, a width
            that is no multiple of the heads, or numbers too small or too large for a network.
    """

    classifier: nn.Linear
    dropout: nn.Dropout

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        for what, number, unit in (
            ("frames", spec.frames, spec.option("tubelet")),
            ("pixels a side", spec.option("side"), spec.option("patch")),
            ("channels", spec.width, spec.option("heads")),
        ):
            if number % unit:
                raise ValueError(f"{spec.arch} needs a multiple of {unit} {what}, got {number}")
        if not len(STAGES) <= spec.depth <= _DEEPEST:
            raise ValueError(f"{spec.arch} has 4 to {_DEEPEST} blocks, got {spec.depth}")
        tokens = spec.frames * spec.option("side") ** 2
        tokens //= spec.option("tubelet") * spec.option("patch") ** 2
        if max(tokens, spec.width, spec.option("hidden")) > _MOST:
            raise ValueError(f"{spec.arch} has at most {_MOST} tokens and channels")

    @abstractmethod
    def embed(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _tokens _c"]:
        """The tokens that the first block sees, through time, rows, columns."""

    @property
    @abstractmethod
    def blocks(self) -> list[Any]:
        """All blocks of the four stages."""

    @abstractmethod
    def run(self, block: nn.Module, tokens: Float[Tensor, "n k c"]) -> Float[Tensor, "n k c"]:
        """The tokens behind a block."""

    @abstractmethod
    def attention_matrices(self, clip: Float[Tensor, "1 3 t h w"]) -> Iterator[Tensor]:
        """What each token takes from each, block by block, first to last, the heads' mean.

        One after the other: together they would be as large as the network.

        Yields:
            (n, queries, tokens); rows have a sum of 1.
        """

    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _t _c _h _w"]:
        """The tokens on their grid.

        Raises:
            ValueError: frames of another side than the spec's.
        """
        side = self.spec.option("side")
        if clip.shape[3:] != (side, side):
            raise ValueError(
                f"this network sees frames of {side} x {side}, got {clip.shape[3]} x "
                f"{clip.shape[4]}"
            )
        return self._on_grid(self.embed(clip))

    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """A quarter of the blocks."""
        tokens = rearrange(feature, "n t c h w -> n (t h w) c")
        for index in _blocks(self.spec.depth)[number]:
            tokens = self.run(self.blocks[index], tokens)
        return self._on_grid(tokens)

    def _on_grid(self, tokens: Float[Tensor, "n _tokens c"]) -> Float[Tensor, "n _t c _h _w"]:
        side = self.spec.option("side") // self.spec.option("patch")
        return rearrange(tokens, "n (t h w) c -> n t c h w", h=side, w=side)

    @property
    def classifiers(self) -> tuple[nn.Linear]:
        """The one linear layer."""
        return (self.classifier,)

    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the last stage."""
        return self.classifier(self.dropout(*self.head_inputs(features)))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5; a tubelet is centred in the middle of its frames."""
    tubelet = spec.option("tubelet")
    return tuple(
        Stage.at(
            f"backbone.res{number}",
            title_of(blocks),
            of=spec.frames,
            rate=tubelet,
            offset=(tubelet - 1) / 2,
        )
        for number, blocks in _blocks(spec.depth).items()
    )


def attention_matrix(
    query: Float[Tensor, "n q c"], key: Float[Tensor, "n k c"], heads: int
) -> Float[Tensor, "n q k"]:
    """Softmax of the scaled products of queries and keys, the mean of the heads."""
    q, k = (rearrange(x, "n k (a c) -> n a k c", a=heads) for x in (query, key))
    return (q @ k.transpose(-1, -2) / sqrt(q.shape[-1])).softmax(dim=-1).mean(dim=1)


def _blocks(depth: int) -> dict[int, range]:
    """Of each stage, from 0: as many in each, as far as they can be divided."""
    ends = [round(depth * part / len(STAGES)) for part in range(len(STAGES) + 1)]
    return {n: range(a, b) for n, a, b in zip(STAGES, ends, ends[1:], strict=False)}
