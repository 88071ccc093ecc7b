"""What a network is to the rest of the project."""

from abc import ABC, abstractmethod
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec


class VideoNetwork(nn.Module, ABC):
    """What every network offers beside what `torch.nn.Module` does.

    Features are (N, T', C, H, W), by the number of their stage, 2 to 5: each stage has a number of
    frames T' of its own. Each is seen by a tap `backbone.res2` to `backbone.res5`, the names by
    which reports, addresses and stored explanations call a layer. A network with paths has taps
    `paths.0.output` on, and those of its masks and gates below `paths.0.`.

    `maagn.check_network` runs a network and says where it is otherwise.

    Attributes:
        spec: every number of the network.
        resumes: whether the stages behind one follow from its feature alone. Not where a token of
            the class goes beside the grid: then `forward_after` is never called.
    """

    spec: ModelSpec
    resumes: ClassVar[bool] = True

    @abstractmethod
    def forward_features(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> dict[int, Float[Tensor, "n _t _c _h _w"]]:
        """The stages' features.

        Raises:
            ValueError: another number of frames than the spec's.
        """

    def forward_after(
        self, stage: int, feature: Float[Tensor, "n t c h w"]
    ) -> dict[int, Float[Tensor, "n _u _d _i _j"]]:
        """The features of the stages behind one, from that one's own.

        Raises:
            TypeError: the network does not resume.
        """
        raise TypeError(
            f"{type(self).__name__} does not go on from {tuple(feature.shape)} at stage {stage}"
        )

    @abstractmethod
    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n _d"], ...]:
        """What each of `classifiers` reads, from the features of all stages."""

    @property
    @abstractmethod
    def classifiers(self) -> tuple[nn.Linear, ...]:
        """The linear classifiers whose logits' plain mean is the prediction; one in most.

        None where the head is anything else: such a network cannot be taught.
        """

    @abstractmethod
    def forward_head(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> Float[Tensor, "n k"]:
        """Logits from the features of all stages."""

    def forward(self, clip: Float[Tensor, "n 3 t h w"]) -> Float[Tensor, "n k"]:
        """Logits."""
        return self.forward_head(self.forward_features(clip))

    def training_logits(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> tuple[Float[Tensor, "n k"], Float[Tensor, "n k"] | None]:
        """Logits, and an auxiliary head's where there is one: what training minimises."""
        return self(clip), None
