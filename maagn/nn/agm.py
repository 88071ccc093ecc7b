"""AGM, the adaptive gating module (Sec. 3.3, Fig. 5, Eqs. 14-16)."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.nn.taps import Tap, recording

_KERNEL = (1, 3, 3)
_PADDING = (0, 1, 1)
_PART = 2**20
"""Numbers of a feature that are worked through at a time: 4 MB, which caches hold."""


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
        return self.output(s, m, self.gated_tap(self.gate(z)))

    def output(
        self,
        s: Float[Tensor, "n t c h w"],
        m: Float[Tensor, "n t c h w"],
        gated: Float[Tensor, "n t c h w"],
    ) -> Float[Tensor, "n t c h w"]:
        """Eq. 16, from the two streams and any Y0."""
        return self.conv3(s + self.conv2(gated + m))

    def forward_fast(
        self,
        x: Float[Tensor, "n t c h w"],
        *,
        spatial: Float[Tensor, "n t _c 1 1"],
        temporal: Float[Tensor, "n t _c 1 1"],
        factor: Float[Tensor, "1 t 1 1 1"] | None = None,
    ) -> Float[Tensor, "n t c h w"]:
        """`forward(x * spatial, x * temporal)`, equal up to rounding, from the streams' one source.

        Where a stream is X scaled by one number per frame, a convolution of the streams is one of X
        with weights scaled per clip: half the arithmetic at Conv1. Neither stream is stored, also
        where it is X scaled by one number per channel.

        Args:
            x: the path's feature X.
            spatial: S / X, one plus SDM's mask.
            temporal: M / X, one plus the sum of MTAM's masks.
            factor: what each frame's gate output Y0 is multiplied by.
        """
        kept = recording()
        if kept:
            self.s_tap(x * spatial)
            self.m_tap(x * temporal)
        clips = [
            self._clip(*one, factor=factor, kept=kept)
            for one in zip(x, spatial, temporal, strict=True)
        ]
        y, *inner = (torch.stack(parts).transpose(1, 2) for parts in zip(*clips, strict=True))
        if kept:
            self.z_tap(inner[0])
            self.gated_tap(inner[1])
        return y

    def _clip(
        self,
        x: Float[Tensor, "t c h w"],
        spatial: Float[Tensor, "t _c 1 1"],
        temporal: Float[Tensor, "t _c 1 1"],
        *,
        factor: Float[Tensor, "1 t 1 1 1"] | None,
        kept: bool,
    ) -> tuple[Float[Tensor, "c t h w"], ...]:
        """Y of one clip, channels first; and Z and Y0 where they are `kept`.

        The convolutions mix frames and leave channels apart, so channels are a batch, and are
        worked through in parts whose intermediates stay in a processor's cache.
        """
        streams = self._of_frames if spatial.shape[1] == 1 else self._of_channels
        alpha = self.gate.alpha[:, :, 0]
        if factor is not None:
            factor = factor[:, :, 0]
        found = []
        for mixed, linear in streams(x, spatial, temporal):
            z = torch.softmax(mixed, dim=1)
            gate = (z * alpha) * _convolved(z, _flat(self.gate.inner.weight), self.gate.inner.bias)
            gated = _convolved(gate, _flat(self.gate.outer.weight))
            if factor is not None:
                gated = gated * factor
            y = linear + _convolved(gated, _flat(self.conv2.weight))
            y = _convolved(y, _flat(self.conv3.weight), self.conv3.bias)
            found.append((y, z, gated) if kept else (y,))
        return tuple(torch.cat(parts) for parts in zip(*found, strict=True))

    def _of_frames(
        self,
        x: Float[Tensor, "t c h w"],
        spatial: Float[Tensor, "t 1 1 1"],
        temporal: Float[Tensor, "t 1 1 1"],
    ) -> Iterator[tuple[Float[Tensor, "c t h w"], Float[Tensor, "c t h w"]]]:
        """Conv1(concat(S, M)) and S + Conv2(M), a part after the other, from scaled weights."""
        s, m = spatial[None, :, 0], temporal[None, :, 0]  # (1, t, 1, 1): over a weight's inputs
        first, second = _flat(self.conv1.weight).chunk(2, dim=1)
        itself = nn.init.dirac_(torch.empty_like(first))
        conv1 = first * s + second * m
        both = itself * s + _flat(self.conv2.weight) * m
        for here in in_parts(x):
            yield (
                _convolved(here, conv1, self.conv1.bias),
                _convolved(here, both, self.conv2.bias),
            )

    def _of_channels(
        self,
        x: Float[Tensor, "t c h w"],
        spatial: Float[Tensor, "t c 1 1"],
        temporal: Float[Tensor, "t c 1 1"],
    ) -> Iterator[tuple[Float[Tensor, "c t h w"], Float[Tensor, "c t h w"]]]:
        """The same two, from the streams of each part."""
        first = 0
        for here in in_parts(x):
            channels = slice(first, first + len(here))
            s, m = (here * mask[:, channels].transpose(0, 1) for mask in (spatial, temporal))
            first = channels.stop
            yield (
                _convolved(torch.cat([s, m], dim=1), _flat(self.conv1.weight), self.conv1.bias),
                s + _convolved(m, _flat(self.conv2.weight), self.conv2.bias),
            )

    def terms(
        self,
        s: Float[Tensor, "c t h w"],
        m: Float[Tensor, "c t h w"],
        gated: Float[Tensor, "c t h w"],
    ) -> tuple[Float[Tensor, "c t h w"], ...]:
        """What S, M and Y0 add to Eq. 16, channels first; their sum and a bias are Y."""
        second, third = _flat(self.conv2.weight), _flat(self.conv3.weight)
        parts = (s, _convolved(m, second), _convolved(gated, second))
        return tuple(_convolved(part, third) for part in parts)


def in_parts(x: Float[Tensor, "t c h w"]) -> Iterator[Float[Tensor, "c t h w"]]:
    """A clip's feature, some channels at a time, laid out for convolutions that mix its frames."""
    channels = max(1, _PART // x[:, 0].numel())
    for part in torch.split(x.transpose(0, 1), channels):
        yield part.contiguous(memory_format=torch.channels_last)


def _flat(weight: Float[Tensor, "o i 1 3 3"]) -> Float[Tensor, "o i 3 3"]:
    return weight[:, :, 0]


def _convolved(
    x: Float[Tensor, "c i h w"],
    weight: Float[Tensor, "o i 3 3"],
    bias: Float[Tensor, " o"] | None = None,
) -> Float[Tensor, "c o h w"]:
    return functional.conv2d(x, weight, bias, padding=1)
