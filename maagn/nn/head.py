"""Classifiers: from features to logits."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn


class Head(nn.Sequential):
    """Dropout and one linear layer, on a pooled feature (..., C) -> (..., K)."""

    def __init__(self, channels: int, classes: int, *, dropout: float) -> None:
        super().__init__(nn.Dropout(dropout), nn.Linear(channels, classes))

    @property
    def linear(self) -> nn.Linear:
        """The layer without the dropout."""
        layer = self[1]
        assert isinstance(layer, nn.Linear)
        return layer


class AuxiliaryHead(nn.Module):
    """A second classifier on the next-to-last level, used in training alone (TPN, loss weight 0.5).

    Args:
        channels: channels of that level.
        classes: number of classes K.
        dropout: probability before the linear layer.
    """

    def __init__(self, channels: int, classes: int, *, dropout: float) -> None:
        super().__init__()
        self.convolve = nn.Sequential(
            nn.Conv3d(channels, 2 * channels, (1, 3, 3), (1, 2, 2), (0, 1, 1), bias=False),
            nn.BatchNorm3d(2 * channels),
            nn.ReLU(inplace=True),
        )
        self.classify = Head(2 * channels, classes, dropout=dropout)

    def forward(self, level: Float[Tensor, "n c t h w"]) -> Float[Tensor, "n k"]:
        """Logits from the level's mean over time and place."""
        return self.classify(self.convolve(level).mean(dim=(2, 3, 4)))


class Classifier(nn.Module, ABC):
    """A network whose head makes logits of the features of its stages, 2 to 5."""

    @abstractmethod
    def forward_features(
        self, clip: Float[Tensor, "n 3 t h w"]
    ) -> dict[int, Float[Tensor, "n _t _c _h _w"]]:
        """The stages' features, by number."""

    @abstractmethod
    def head_inputs(
        self, features: dict[int, Float[Tensor, "n _t _c _h _w"]]
    ) -> tuple[Float[Tensor, "n _d"], ...]:
        """What each of `classifiers` reads, from the features of all stages."""

    @property
    @abstractmethod
    def classifiers(self) -> tuple[nn.Linear, ...]:
        """The linear classifiers whose logits' plain mean is the prediction."""

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
        """The prediction's logits; there is no auxiliary head, unless a network says so."""
        return self(clip), None
