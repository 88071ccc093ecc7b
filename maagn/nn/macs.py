"""Multiply-accumulates of a network."""

from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from maagn.config import ModelSpec
from maagn.nn.build import build


@cache
def macs_of(spec: ModelSpec, *, side: int) -> int:
    """Those of one forward of one clip, in convolutions and matrix products.

    Counted on torch's meta device: nothing is computed.

    Args:
        spec: of the network.
        side: of the square frames in pixels.
    """
    with torch.device("meta"):
        network = build(spec).eval()
    clip = torch.empty(1, 3, spec.frames, side, side, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        network(clip)
    # The counter counts a multiplication and its addition as two.
    return counter.get_total_flops() // 2
