"""The temporal shift of TSM.

Lin, Gan and Han, "TSM: Temporal Shift Module for Efficient Video Understanding" (ICCV 2019).
"""

from typing import Any

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn


def shift(x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
    """1/8 of the channels sees the next frame, 1/8 the one before; zeros come in at the ends."""
    return _Shift.apply(x, x.shape[2] // 8, 1)  # type: ignore[no-untyped-call]


class _Shift(torch.autograd.Function):
    """Channels `:fold` from `step` frames later, the next `fold` from `step` frames earlier.

    Its gradient is the shift the other way. Left to autograd, every slice that is written would
    cost a copy of the whole gradient.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - autograd's own, without a public type
        x: Float[Tensor, "n t c h w"],
        fold: int,
        step: int,
    ) -> Float[Tensor, "n t c h w"]:
        ctx.fold, ctx.step = fold, step
        out = torch.empty_like(x)
        ahead, behind = (slice(0, fold), slice(fold, 2 * fold))[::step]
        out[:, :-1, ahead] = x[:, 1:, ahead]
        out[:, -1, ahead] = 0
        out[:, 1:, behind] = x[:, :-1, behind]
        out[:, 0, behind] = 0
        out[:, :, 2 * fold :] = x[:, :, 2 * fold :]
        return out

    @staticmethod
    def backward(
        ctx: Any,  # noqa: ANN401
        *gradients: Tensor,
    ) -> tuple[Tensor, None, None]:
        back = _Shift.apply(gradients[0], ctx.fold, -ctx.step)  # type: ignore[no-untyped-call]
        return back, None, None


class ShiftedConv2d(nn.Conv2d):
    """A convolution over frames folded into the batch, fed with the temporally shifted input.

    Same parameters and names as the convolution that it stands for, so that weights fit both.
    """

    frames: int

    @classmethod
    def like(cls, conv: nn.Conv2d, *, frames: int) -> "ShiftedConv2d":
        """The shifted twin of `conv`, with its weights, for clips of `frames` frames."""
        conv.__class__ = cls
        assert isinstance(conv, ShiftedConv2d)
        conv.frames = frames
        return conv

    def shifted(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt c h w"]:
        """The input, shifted along time."""
        clip = rearrange(x, "(n t) c h w -> n t c h w", t=self.frames)
        return rearrange(shift(clip), "n t c h w -> (n t) c h w")

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d i j"]:
        """Shift along time, then convolve each frame."""
        return super().forward(self.shifted(x))
