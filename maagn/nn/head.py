"""Classifiers: from features to logits."""

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
