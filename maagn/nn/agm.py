"""AGM, the adaptive gating module (Sec. 3.3, Fig. 5, Eqs. 14-16)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.nn.tap import Tap

_KERNEL = (1, 3, 3)
_PADDING = (0, 1, 1)


class Gate(nn.Module):
    """Eq. 14: the input, scaled by alpha, times a convolution of itself; then a convolution.

    alpha is zero at first and the last convolution has no bias, so a new gate is silent.

    Args:
        frames: number of frames T on this path.
    """

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1, frames, 1, 1, 1))
        self.inner = nn.Conv3d(frames, frames, _KERNEL, padding=_PADDING)
        self.outer = nn.Conv3d(frames, frames, _KERNEL, padding=_PADDING, bias=False)

    def forward(self, z: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """Eq. 14, with the one input z in the places of both X and x."""
        return self.outer((z * self.alpha) * self.inner(z))


class AdaptiveGating(nn.Module):
    """Fuse the spatial stream S and the temporal stream M of a path (Sec. 3.3).

    Time is the axis that the convolutions treat as channels. `conv2` and `conv3` start as the
    identity, so that a new module returns S + M exactly, as the paper says it does.

    Args:
        frames: number of frames T on this path.
    """

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(2 * frames, frames, _KERNEL, padding=_PADDING)
        self.gate = Gate(frames)
        self.conv2 = nn.Conv3d(frames, frames, _KERNEL, padding=_PADDING)
        self.conv3 = nn.Conv3d(frames, frames, _KERNEL, padding=_PADDING)
        for conv in (self.conv2, self.conv3):
            nn.init.dirac_(conv.weight)
            assert conv.bias is not None
            nn.init.zeros_(conv.bias)
        self.s_tap = Tap()
        self.m_tap = Tap()
        self.z_tap = Tap()
        self.gated_tap = Tap()

    def forward(
        self, s: Float[Tensor, "n t c h w"], m: Float[Tensor, "n t c h w"]
    ) -> Float[Tensor, "n t c h w"]:
        """Eqs. 15 and 16."""
        s, m = self.s_tap(s), self.m_tap(m)
        z = self.z_tap(torch.softmax(self.conv1(torch.cat([s, m], dim=1)), dim=1))
        gated = self.gated_tap(self.gate(z))
        return self.conv3(s + self.conv2(gated + m))

    def fused(
        self,
        x: Float[Tensor, "n t c h w"],
        *,
        spatial: Float[Tensor, "n t 1 1 1"],
        temporal: Float[Tensor, "n t 1 1 1"],
    ) -> Float[Tensor, "n t c h w"]:
        """`forward(x * spatial, x * temporal)` without storing either stream.

        A stream is X scaled by one number a frame, so a convolution of the streams is one of X with
        weights scaled clip by clip: half the arithmetic at Conv1. Equal up to rounding.
        """
        s, m = spatial[:, None], temporal[:, None]  # (n, 1, t, 1, 1, 1): over a weight's inputs
        first, second = self.conv1.weight.chunk(2, dim=1)
        joined = _clipwise(x, first * s + second * m)
        assert self.conv1.bias is not None
        z = torch.softmax(joined + self.conv1.bias.view(1, -1, 1, 1, 1), dim=1)
        itself = nn.init.dirac_(torch.empty_like(self.conv2.weight))
        streams = _clipwise(x, itself * s + self.conv2.weight * m)
        return self.conv3(streams + self.conv2(self.gate(z)))


def _clipwise(
    x: Float[Tensor, "n t c h w"], weight: Float[Tensor, "n t t 1 3 3"]
) -> Float[Tensor, "n t c h w"]:
    """Convolve every clip with weights of its own: a grouped convolution, a group a clip."""
    n, t, *place = x.shape
    y = functional.conv3d(
        x.reshape(1, n * t, *place), weight.reshape(n * t, t, *_KERNEL), padding=_PADDING, groups=n
    )
    return y.reshape(x.shape)
