"""TANet: TSN whose blocks draw a convolution over time from the clip itself.

Liu, Wang, Wu, Qian and Lu, "TAM: Temporal Adaptive Module for Video Recognition" (ICCV 2021).
"""

from collections import OrderedDict
from itertools import chain

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from maagn.config import ModelSpec
from maagn.nn.baselines import TSN
from maagn.nn.resnet import STAGES, Bottleneck

_SIZE = 3  # frames that the drawn convolution sees
_NARROWER = 4  # times fewer channels between the local branch's convolutions


class TAM(nn.Module):
    """The temporal adaptive module: which frames matter, and then how neighbours are weighed.

    The local branch gives each channel of each frame a weight, from its neighbours; the global one
    gives each channel of the clip a kernel of three frames, from all of them.

    Args:
        channels: of the feature.
        frames: T; the global branch has weights for each.
    """

    def __init__(self, channels: int, frames: int) -> None:
        super().__init__()
        self.frames = frames
        self.global_branch = nn.Sequential(
            OrderedDict(
                widen=nn.Linear(frames, 2 * frames, bias=False),
                norm=nn.BatchNorm1d(2 * frames),
                relu=nn.ReLU(inplace=True),
                kernel=nn.Linear(2 * frames, _SIZE, bias=False),
                softmax=nn.Softmax(dim=-1),
            )
        )
        inner = channels // _NARROWER
        self.local_branch = nn.Sequential(
            OrderedDict(
                narrow=nn.Conv1d(channels, inner, _SIZE, padding=_SIZE // 2, bias=False),
                norm=nn.BatchNorm1d(inner),
                relu=nn.ReLU(inplace=True),
                widen=nn.Conv1d(inner, channels, 1, bias=False),
                sigmoid=nn.Sigmoid(),
            )
        )

    def forward(self, x: Float[Tensor, "nt c h w"]) -> Float[Tensor, "nt c h w"]:
        """Frames folded into the batch, each mixed with its neighbours."""
        clip = rearrange(x, "(n t) c h w -> n c t h w", t=self.frames)
        pooled = clip.mean(dim=(3, 4))
        kernel = self.global_branch(rearrange(pooled, "n c t -> (n c) t"))
        before, at, after = rearrange(kernel, "(n c) k -> k n c 1 1 1", n=len(clip))
        weighed = clip * self.local_branch(pooled)[..., None, None]
        padded = functional.pad(weighed, (0, 0, 0, 0, 1, 1))
        mixed = before * padded[:, :, :-2] + at * weighed + after * padded[:, :, 2:]
        return rearrange(mixed, "n c t h w -> (n t) c h w")


class TANet(TSN):
    """TSN on a ResNet of bottlenecks, each with a temporal adaptive module.

    Args:
        spec: every number of the network.

    Raises:
        ValueError: a depth without bottlenecks, or a shift.
    """

    def __init__(self, spec: ModelSpec) -> None:
        if spec.depth < 50 or spec.shift:
            raise ValueError(
                "TANet stands on a ResNet-50 or 101 without shift, got "
                f"ResNet-{spec.depth}{' with it' if spec.shift else ''}"
            )
        super().__init__(spec)
        layers = (getattr(self.backbone, f"layer{stage - 1}") for stage in STAGES)
        for block in chain.from_iterable(layers):
            assert isinstance(block, Bottleneck)
            block.temporal = TAM(block.conv1.out_channels, spec.frames)
