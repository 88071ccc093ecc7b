"""MTAM, the multi-angle temporal attention module (Sec. 3.2, Fig. 4, Eqs. 7-13)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import MtamMasks
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

    Args:
        frames: number of frames T on this path.
        reduction: r; the shared MLP is T -> max(min_hidden, T // r) -> T.
        min_hidden: floor of the hidden width (decision 0002).
        masks: which masks are summed (Table 5): `max`, `avg`, `max+avg` or `all`.

    Raises:
        ValueError: an unknown `masks`.
    """

    def __init__(
        self,
        frames: int,
        *,
        reduction: int = 16,
        min_hidden: int = 4,
        masks: MtamMasks = "all",
    ) -> None:
        super().__init__()
        if masks not in _ANGLES:
            raise ValueError(f"MTAM has masks {', '.join(_ANGLES)}, got {masks}")
        hidden = max(min_hidden, frames // reduction)
        self.angles = _ANGLES[masks]
        self.mlp = nn.Sequential(
            nn.Conv3d(frames, hidden, kernel_size=1),
            nn.ReLU(),
            nn.Conv3d(hidden, frames, kernel_size=1),
        )
        if "both" in self.angles:
            # On a squeezed length of one only the kernel's centre sees data; kept as printed.
            self.joint = nn.Conv1d(2 * frames, frames, kernel_size=3, padding=1)
        for angle in self.angles:
            self.add_module(f"mask_{angle}_tap", Tap())
        self.sum_tap = Tap()

    def masks(self, x: Float[Tensor, "n t c h w"]) -> dict[str, Float[Tensor, "n t 1 1 1"]]:
        """Eqs. 7-12: one weight per frame in (0, 1) from each angle."""
        out: dict[str, Tensor] = {}
        top = self.mlp(x.amax(dim=(2, 3, 4), keepdim=True)) if self.angles != ("avg",) else None
        mean = self.mlp(x.mean(dim=(2, 3, 4), keepdim=True)) if self.angles != ("max",) else None
        if top is not None:
            out["max"] = torch.sigmoid(top)
        if mean is not None:
            out["avg"] = torch.sigmoid(mean)
        if "both" in self.angles and top is not None and mean is not None:
            squeezed = torch.cat([mean, top], dim=1).flatten(2)  # (n, 2t, 1), Eq. 12's order
            out["both"] = torch.sigmoid(self.joint(squeezed))[..., None, None]
        return out

    def total(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t 1 1 1"]:
        """The sum of the masks, in (0, 3)."""
        masks = self.masks(x)
        seen = [getattr(self, f"mask_{angle}_tap")(mask) for angle, mask in masks.items()]
        return self.sum_tap(torch.stack(seen).sum(dim=0))

    def forward(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """Eq. 13."""
        return x + x * self.total(x)
