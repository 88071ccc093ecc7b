"""SDM, the spatial difference module (Sec. 3.1, Figs. 2 and 3, Eqs. 1-6)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import Pooling, SdmCombine
from maagn.nn.taps import Tap


def pooled_axes(pooling: Pooling) -> tuple[int, ...]:
    """The axes of (n, t, c, h, w) that a mask has one number for.

    Raises:
        ValueError: an unknown `pooling`.
    """
    if pooling not in ("frame", "channel"):
        raise ValueError(f"masks are pooled for a frame or a channel, got {pooling}")
    return (2, 3, 4) if pooling == "frame" else (3, 4)


class SpatialDifference(nn.Module):
    """Weigh frames by how much the clip's second half differs from its first (Sec. 3.1).

    Args:
        frames: number of frames T on this path; even.
        reduction: r of Eq. 4.
        min_hidden: floor of the hidden width, which r = 16 would otherwise put under one
            (decision 0002).
        combine: how the mask m meets the feature X (Table 4): `multiply` X*m, `add` X+m,
            `residual` X*m + X (the paper's choice), `subtract` m - X.
        pooling: whether a mask has one number a `frame` or one a `channel` of a frame (decision
            0021).

    Raises:
        ValueError: an odd number of frames, or an unknown `combine` or `pooling`.
    """

    def __init__(
        self,
        frames: int,
        *,
        reduction: int = 16,
        min_hidden: int = 4,
        combine: SdmCombine = "residual",
        pooling: Pooling = "frame",
    ) -> None:
        super().__init__()
        if frames % 2:
            raise ValueError(f"SDM needs an even number of frames, got {frames}")
        if combine not in ("multiply", "add", "residual", "subtract"):
            raise ValueError(f"SDM combines by multiply, add, residual or subtract, got {combine}")
        self.pooled = pooled_axes(pooling)
        half = frames // 2
        hidden = max(min_hidden, half // reduction)
        self.combine = combine
        self.squeeze = nn.Conv3d(half, hidden, kernel_size=1)
        self.expand = nn.Conv3d(hidden, frames, kernel_size=1)
        self.change_tap = Tap()
        self.mask_tap = Tap()

    def change(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n u _c 1 1"]:
        """Eqs. 1 and 2: how much the second half exceeds the first, at most."""
        front, back = x.chunk(2, dim=1)
        return (back - front).amax(dim=self.pooled, keepdim=True)

    def mask(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t _c 1 1"]:
        """Eqs. 1-5: one weight per frame, or per channel of a frame, in (0, 1)."""
        change = self.change(x)
        return torch.sigmoid(self.expand(self.squeeze(self.change_tap(change)).relu()))

    def forward(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """Eq. 6, or another row of Table 4."""
        mask = self.mask_tap(self.mask(x))
        match self.combine:
            case "multiply":
                return x * mask
            case "add":
                return x + mask
            case "subtract":
                return mask - x
            case _:
                return x + x * mask
