"""Networks that are a stem, four stages one after the other, and a head."""

from abc import abstractmethod
from collections.abc import Iterable

from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.network import VideoNetwork
from maagn.nn.resnet import STAGES, drawn
from maagn.nn.taps import Tap


class Staged(VideoNetwork):
    """A network that is a stem, four stages and a head.

    Its modules keep the names that their authors give them, so that their files load as they are; a
    tap has no tensors, so those of the stages add none.

    Args:
        spec: every number of the network.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.backbone = nn.ModuleDict({f"res{stage}_tap": Tap() for stage in STAGES})

    @abstractmethod
    def begin(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n _t _c _h _w"]:
        """What the first stage sees."""

    @abstractmethod
    def stage(
        self, number: int, feature: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n _u _d _i _j"]:
        """The feature of a stage, from that of the one before it."""

    def forward_features(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> dict[int, Float[Tensor, "n _t _c _h _w"]]:
        """Features of res2 to res5, by number, in the layout (N, T, C, H, W)."""
        refuse_other_frames(self.spec, clip)
        return self._stages(self.begin(clip), STAGES)

    def forward_after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n _u _d _i _j"]]:
        """Features of the stages behind one, from that one's own."""
        return self._stages(feature, range(stage + 1, 6))

    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n _d"], ...]:
        """The last stage's mean over time and place."""
        return (features[5].mean(dim=(1, 3, 4)),)

    def _stages(
        self, feature: Float[Tensor, "n t c h w"], numbers: Iterable[int]
    ) -> dict[int, Tensor]:
        features = {}
        for number in numbers:
            feature = self.backbone[f"res{number}_tap"](self.stage(number, feature))
            features[number] = feature
        return features


def refuse_other_frames(spec: ModelSpec, clip: Float[Tensor, "n 3 t h w"]) -> None:
    """Refuse a clip of another number of frames than a network's own.

    Raises:
        ValueError: it has another.
    """
    if clip.shape[2] != spec.frames:
        raise ValueError(f"this network sees {spec.frames} frames, got {clip.shape[2]}")


def title_of(blocks: range) -> str:
    """Of a stage of several blocks, which people count from 1."""
    first, last = blocks[0] + 1, blocks[-1] + 1
    return f"Block {first}" if first == last else f"Blocks {first} to {last}"


def convolution(
    inputs: int,
    outputs: int,
    kernel: tuple[int, int, int],
    stride: tuple[int, int, int] = (1, 1, 1),
) -> nn.Conv3d:
    """A convolution without bias, padded to keep the size but for its stride."""
    padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    return drawn(nn.Conv3d(inputs, outputs, kernel, stride, padding, bias=False))
