"""TDN: what changes between frames, within each segment and from one segment to the next.

Wang, Tong, Ji and Wu, "TDN: Temporal Difference Networks for Efficient Action Recognition" (CVPR
2021). A clip is divided into segments of five frames. The third frame of each goes through the
ResNet; the differences of the five join it before res2 and behind it (short-term). From res3 on
every block weighs a segment by how it differs from its neighbours (long-term).

Convolutions before a BatchNorm have a bias, as in the authors' code: their weights then fit.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.config import ModelSpec
from maagn.nn.baselines import TSN
from maagn.nn.resnet import STAGES, Backbone, Bottleneck, convolution
from maagn.nn.taps import Stage

SEGMENT = 5
"""Frames of a segment."""

_REDUCTION = 16
_SHIFTED = 8  # a part of so many sees the next segment at the start, another the one before


class LongTerm(nn.Module):
    """Weighs a segment's channels, place by place, by how it differs from its neighbours.

    Both ways in time are looked at, each at three scales that add up. A segment without a neighbour
    on one side differs from it by nothing.

    Args:
        channels: of the feature.
        segments: T.
    """

    def __init__(self, channels: int, segments: int) -> None:
        super().__init__()
        self.segments = segments
        inner = channels // _REDUCTION
        self.narrow = nn.Sequential(convolution(channels, inner, size=1), nn.BatchNorm2d(inner))
        self.smooth = nn.Conv2d(inner, inner, 3, padding=1, groups=inner, bias=False)
        self.coarse = nn.Sequential(convolution(inner, inner, size=3), nn.BatchNorm2d(inner))
        self.fine = nn.Sequential(convolution(inner, inner, size=3), nn.BatchNorm2d(inner))
        self.widen = nn.Sequential(
            convolution(inner, channels, size=1), nn.BatchNorm2d(channels), nn.Sigmoid()
        )

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt c h w"]:
        """Segments folded into the batch, each weighed."""
        narrow = self.narrow(x)
        smooth = self.smooth(narrow)
        here, there = (
            rearrange(each, "(n t) c h w -> n t c h w", t=self.segments)
            for each in (narrow, smooth)
        )
        none = torch.zeros_like(here[:, :1])
        later = torch.cat([there[:, 1:] - here[:, :-1], none], dim=1)
        earlier = torch.cat([none, there[:, :-1] - here[:, 1:]], dim=1)
        weights = sum(
            self._weight(rearrange(change, "n t c h w -> (n t) c h w"))
            for change in (later, earlier)
        )
        return x + x * weights / 2

    def _weight(self, change: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt d h w"]:
        """From -1/2 to 1/2."""
        # A map of one place is its own half.
        small = functional.avg_pool2d(change, 2) if min(change.shape[-2:]) > 1 else change
        coarse = functional.interpolate(self.coarse(small), change.shape[-2:])
        return self.widen((change + coarse + self.fine(change)) / 3) - 0.5


class LearntShift(nn.Module):
    """A convolution of three segments for each channel by itself, at first TSM's shift.

    Args:
        channels: of the feature.
        segments: T.
    """

    def __init__(self, channels: int, segments: int) -> None:
        super().__init__()
        self.segments = segments
        self.conv = nn.Conv1d(channels, channels, 3, padding=1, groups=channels, bias=False)
        part = channels // _SHIFTED
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.weight[:part, 0, 2] = 1
            self.conv.weight[part : 2 * part, 0, 0] = 1
            self.conv.weight[2 * part :, 0, 1] = 1

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt c h w"]:
        """Segments folded into the batch, each mixed with its neighbours."""
        clip = rearrange(x, "(n t) c h w -> n t c h w", t=self.segments)
        padded = functional.pad(clip, (0, 0, 0, 0, 0, 0, 1, 1))
        before, at, after = rearrange(self.conv.weight, "c 1 k -> k c 1 1")
        mixed = before * padded[:, :-2] + at * clip + after * padded[:, 2:]
        return rearrange(mixed, "n t c h w -> (n t) c h w")


class Differences(Backbone):
    """The ResNet, and a stem and a first stage of its own for what moves within a segment.

    Args:
        spec: every number of the network.
    """

    def __init__(self, spec: ModelSpec) -> None:
        segments, width = spec.frames // SEGMENT, spec.width
        super().__init__(
            depth=spec.depth,
            width=width,
            frames=segments,
            shifted=False,
            stem_pool=spec.stem_pool,
            strides=spec.strides,
        )
        self.seen = spec.frames
        self.share = 0.5 if segments == 8 else 0.25  # of what moves; as in the authors' code
        self.motion_stem = nn.Sequential(
            convolution(3 * (SEGMENT - 1), width, size=7, stride=2),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        still = _blocks(self.layer1)
        self.motion_layer1 = nn.Sequential(
            *(Bottleneck(block.conv1.in_channels, width) for block in still)
        )
        _give_bias(self.conv1)
        for block in (*still, *_blocks(self.motion_layer1)):
            _give_bias(block)
        for layer in (self.layer2, self.layer3, self.layer4):
            for block in _blocks(layer):
                _give_bias(block)
                planes = block.conv1.out_channels
                block.temporal = nn.Sequential(
                    LongTerm(planes, segments), LearntShift(planes, segments)
                )

    def forward(self, clip: Float[Tensor, "n 3 f h w"]) -> dict[int, Float[Tensor, "n t c i j"]]:
        """Features of res2 to res5, by number, of each segment."""
        if clip.shape[2] != self.seen:
            raise ValueError(f"this network sees {self.seen} frames, got {clip.shape[2]}")
        segments = rearrange(clip, "n c (t s) h w -> (n t) s c h w", s=SEGMENT)
        changes = rearrange(segments.diff(dim=1), "n s c h w -> n (s c) h w")
        motion = self.maxpool(self.motion_stem(functional.avg_pool2d(changes, 2)))
        x = self._joined(self.stem(segments[:, SEGMENT // 2]), motion)
        x = self.through(_blocks(self.layer1), x)
        x = self._joined(x, self.through(_blocks(self.motion_layer1), motion))
        feature = self.tapped(2, x)
        return {2: feature} | self.after(2, feature)

    def _joined(
        self, x: Float[Tensor, "nt c h w"], motion: Float[Tensor, "nt c i j"]
    ) -> Float[Tensor, "nt c h w"]:
        larger = functional.interpolate(motion, x.shape[-2:])
        return (1 - self.share) * x + self.share * larger


class TDN(TSN):
    """TSN of temporal differences: each segment classified by itself, and the logits' mean.

    Args:
        spec: every number of the network; `frames` is five for every segment.

    Raises:
        ValueError: a depth without bottlenecks, a shift, or frames that are no segments.
    """

    def __init__(self, spec: ModelSpec) -> None:
        if spec.depth < 50 or spec.shift:
            raise ValueError(
                f"TDN stands on a ResNet-50 or 101 without shift, got ResNet-{spec.depth}"
                f"{' with it' if spec.shift else ''}"
            )
        if spec.frames % SEGMENT:
            raise ValueError(f"TDN sees segments of {SEGMENT} frames, got {spec.frames}")
        super().__init__(spec, Differences(spec))


def stages_of(spec: ModelSpec) -> tuple[Stage, ...]:
    """The stages res2 to res5: each has a frame a segment, at the middle one of its frames."""
    return tuple(
        Stage.at(
            f"backbone.res{stage}",
            f"Backbone res{stage}",
            of=spec.frames,
            rate=SEGMENT,
            offset=float(SEGMENT // 2),
        )
        for stage in STAGES
    )


def _blocks(layer: Tensor | nn.Module) -> tuple[Bottleneck, ...]:
    assert isinstance(layer, nn.Sequential)
    blocks = tuple(block for block in layer if isinstance(block, Bottleneck))
    assert len(blocks) == len(layer)
    return blocks


def _give_bias(module: nn.Module) -> None:
    """To every convolution in it, zeros at the start."""
    for conv in module.modules():
        if isinstance(conv, nn.Conv2d):
            conv.bias = nn.Parameter(torch.zeros(conv.out_channels, device=conv.weight.device))
