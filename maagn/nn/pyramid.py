"""The temporal pyramid neck: modulations and information flow between levels.

Yang, Xu, Shi, Dai and Zhou, "Temporal Pyramid Network for Action Recognition" (CVPR 2020). The two
flows are a cascade, as in the published code: the bottom-up flow starts from what the top-down
flow made, and parallel flows would change the logits of its released weights.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from maagn.nn.taps import Tap

Level = Float[Tensor, "n _c _t _h _w"]  # no two levels need agree in more than n


def _conv_bn_relu(
    inputs: int,
    outputs: int,
    *,
    kernel: tuple[int, int, int] = (1, 1, 1),
    stride: tuple[int, int, int] = (1, 1, 1),
    groups: int = 1,
) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm3d(outputs),
        nn.ReLU(inplace=True),
    )


class SpatialModulation(nn.Sequential):
    """Convolutions that bring one level to the deepest level's channels and size.

    Args:
        channels: of the level; every convolution doubles them.
        strides: of each convolution, those of the backbone's stages behind the level.
    """

    def __init__(self, channels: int, strides: tuple[int, ...]) -> None:
        super().__init__(
            *(
                _conv_bn_relu(
                    channels * 2**i,
                    channels * 2 ** (i + 1),
                    kernel=(1, 3, 3),
                    stride=(1, stride, stride),
                )
                for i, stride in enumerate(strides)
            )
        )


class TemporalModulation(nn.Sequential):
    """A temporal convolution, then the maximum over all of the level's frames."""

    def __init__(self, channels: int, width: int, *, frames: int, groups: int) -> None:
        super().__init__(
            nn.Conv3d(channels, width, (3, 1, 1), padding=(1, 0, 0), groups=groups, bias=False),
            nn.MaxPool3d((frames, 1, 1)),
        )


class LevelFusion(nn.Module):
    """One fused feature of all levels: a grouped convolution each, concatenation, a convolution."""

    def __init__(self, levels: int, width: int, outputs: int, *, groups: int) -> None:
        super().__init__()
        self.each = nn.ModuleList(_conv_bn_relu(width, width, groups=groups) for _ in range(levels))
        self.fuse = _conv_bn_relu(levels * width, outputs)

    def forward(self, levels: list[Level]) -> Level:
        """(N, width, 1, H, W) a level -> (N, outputs, 1, H, W)."""
        parts = [one(level) for one, level in zip(self.each, levels, strict=True)]
        return self.fuse(torch.cat(parts, dim=1))


def level_fusions(
    levels: int, width: int, *, groups: int
) -> tuple[LevelFusion, LevelFusion, nn.Sequential]:
    """The fusion of the top-down flow, that of the bottom-up flow, and the convolution of both."""
    return (
        LevelFusion(levels, width, 2 * width, groups=groups),
        LevelFusion(levels, width, 2 * width, groups=groups),
        _conv_bn_relu(4 * width, 2 * width),
    )


class Pyramid(nn.Module):
    """Levels of a backbone, modulated to one shape, then exchanged top-down and bottom-up.

    Args:
        channels: channels of each level, shallow to deep.
        frames: number of frames of each level.
        width: channels after temporal modulation.
        groups: groups of the temporal modulation's convolution.
        strides: of the backbone's stages behind each level, shallow to deep; none for the deepest.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        *,
        frames: tuple[int, ...],
        width: int,
        groups: int,
        strides: tuple[tuple[int, ...], ...],
    ) -> None:
        super().__init__()
        deepest = channels[-1]
        self.spatial = nn.ModuleList(
            SpatialModulation(c, behind) for c, behind in zip(channels, strides, strict=True)
        )
        self.temporal = nn.ModuleList(
            TemporalModulation(deepest, width, frames=t, groups=groups) for t in frames
        )
        self.down = nn.ModuleList(
            nn.Conv3d(width, width, (3, 1, 1), padding=(1, 0, 0), bias=False) for _ in channels[1:]
        )
        for index in range(len(channels)):
            self.add_module(f"level{index}_tap", Tap())

    def modulate(self, index: int, level: Level) -> Level:
        """One level at the common shape, (N, width, 1, H, W); no other level has a part in it."""
        modulated = self.temporal[index](self.spatial[index](level))
        return getattr(self, f"level{index}_tap")(modulated)

    def exchange(self, modulated: list[Level]) -> tuple[list[Level], list[Level]]:
        """The levels after the top-down flow, and after the bottom-up flow; (N, width, 1, H, W)."""
        flow = list(modulated)
        for i in range(len(flow) - 1, 0, -1):
            flow[i - 1] = flow[i - 1] + flow[i]
        top_down = list(flow)
        for i, down in enumerate(self.down):
            flow[i + 1] = flow[i + 1] + down(flow[i])
        return top_down, flow

    def forward(self, levels: list[Level]) -> tuple[list[Level], list[Level]]:
        """Both flows from the backbone's levels, or the paths'."""
        return self.exchange([self.modulate(i, level) for i, level in enumerate(levels)])
