"""MTAM, the multi-angle temporal attention module (Sec. 3.2, Fig. 4, Eqs. 7-13)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import MtamMasks, Pooling
from maagn.nn.sdm import pooled_axes
from maagn.nn.taps import Tap

_ANGLES: dict[str, tuple[str, ...]] = {
    "max": ("max",),
    "avg": ("avg",),
    "max+avg": ("max", "avg"),
    "all": ("max", "avg", "both"),
}


class TemporalAttention(nn.Module):
    """Weigh frames by their own content, seen from three angles (Sec. 3.2).

    Eq. 8 prints the mean over H and W alone; its shape (N, T, 1, 1, 1) needs the mean over C too.
    `pooling` builds either (decision 0021): with `channel` the MLP is shared by the channels, and
    the kernel of Eq. 12 slides over them.

    Args:
        frames: number of frames T on this path.
        reduction: r; the shared MLP is T -> max(min_hidden, T // r) -> T.
        min_hidden: floor of the hidden width (decision 0002).
        masks: which masks are summed (Table 5): `max`, `avg`, `max+avg` or `all`.
        pooling: whether a mask has one number a `frame` or one a `channel` of a frame.

    Raises:
        ValueError: an unknown `masks` or `pooling`.
    """

    def __init__(
        self,
        frames: int,
        *,
        reduction: int = 16,
        min_hidden: int = 4,
        masks: MtamMasks = "all",
        pooling: Pooling = "frame",
    ) -> None:
        super().__init__()
        if masks not in _ANGLES:
            raise ValueError(f"MTAM has masks {', '.join(_ANGLES)}, got {masks}")
        hidden = max(min_hidden, frames // reduction)
        self.pooled = pooled_axes(pooling)
        self.angles = _ANGLES[masks]
        self.mlp = nn.Sequential(
            nn.Conv3d(frames, hidden, kernel_size=1),
            nn.ReLU(),
            nn.Conv3d(hidden, frames, kernel_size=1),
        )
        if "both" in self.angles:
            # On the length of one that `frame` leaves only the kernel's centre sees data.
            self.joint = nn.Conv1d(2 * frames, frames, kernel_size=3, padding=1)
        for angle in self.angles:
            self.add_module(f"mask_{angle}_tap", Tap())
        self.sum_tap = Tap()

    def angles_of(
        self, x: Float[Tensor, "n t c h w"]
    ) -> tuple[Float[Tensor, "n t _c 1 1"], Float[Tensor, "n t _c 1 1"]]:
        """Eqs. 7 and 8: the maximum and the mean, of which the masks are made."""
        return x.amax(dim=self.pooled, keepdim=True), x.mean(dim=self.pooled, keepdim=True)

    def masks(self, x: Float[Tensor, "n t c h w"]) -> dict[str, Float[Tensor, "n t _c 1 1"]]:
        """Eqs. 7-12: one weight in (0, 1) from each angle, per frame or channel of a frame."""
        out: dict[str, Tensor] = {}
        largest, average = self.angles_of(x)
        top = self.mlp(largest) if self.angles != ("avg",) else None
        mean = self.mlp(average) if self.angles != ("max",) else None
        if top is not None:
            out["max"] = torch.sigmoid(top)
        if mean is not None:
            out["avg"] = torch.sigmoid(mean)
        if "both" in self.angles and top is not None and mean is not None:
            squeezed = torch.cat([mean, top], dim=1).flatten(2)  # (n, 2t, _c), Eq. 12's order
            out["both"] = torch.sigmoid(self.joint(squeezed))[..., None, None]
        return out

    def total(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t _c 1 1"]:
        """The sum of the masks, in (0, 3)."""
        masks = self.masks(x)
        seen = [getattr(self, f"mask_{angle}_tap")(mask) for angle, mask in masks.items()]
        return self.sum_tap(torch.stack(seen).sum(dim=0))

    def forward(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """Eq. 13."""
        return x + x * self.total(x)
