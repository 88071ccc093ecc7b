"""Multiply-accumulates of a network."""

from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from maagn.config import ModelSpec
from maagn.nn.build import build


@cache
def macs_of(spec: ModelSpec, *, side: int) -> int:
    """Those of one forward of one clip, in convolutions and matrix products.

    Counted on torch's meta device, where nothing is computed; of a network that looks at values on
    its way, which has none there, in one forward on the processor.

    Args:
        spec: of the network.
        side: of the square frames in pixels.
    """
    try:
        return _counted(spec, side, "meta")
    except RuntimeError:
        return _counted(spec, side, "cpu")


def _counted(spec: ModelSpec, side: int, device: str) -> int:
    with torch.device(device):
        network = build(spec).eval()
        clip = torch.zeros(1, 3, spec.frames, side, side)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(clip)
    # The counter counts a multiplication and its addition as two.
    return counter.get_total_flops() // 2
