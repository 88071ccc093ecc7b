"""Convolutions over time kept in float32 where bfloat16 gives wrong gradients."""

import torch
from torch import Tensor, nn


class Float32Conv3d(nn.Conv3d):
    """A convolution that autocast leaves alone; same parameters and names as the one it was."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolve in float32, whatever comes in."""
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float())


def keep_time_in_float32(network: nn.Module) -> None:
    """Turn every convolution over time into one in float32, in place.

    On CPUs, torch 2.13's bfloat16 weight gradient of a kernel of 3 over 2 frames is memory that
    nobody wrote: seen as NaN, infinity or 1e14. These layers are few and small.
    """
    for module in network.modules():
        if type(module) is nn.Conv3d and module.kernel_size[0] > 1:
            module.__class__ = Float32Conv3d
