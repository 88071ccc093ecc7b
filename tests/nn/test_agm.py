import math

import pytest
import torch
from torch import nn

from maagn.nn.agm import AdaptiveGating, Gate
from maagn.nn.taps import record
from tests.tiny import generator, randomise


def centre(conv: nn.Conv3d, rows: list[list[float]], *, bias: list[float] | None = None) -> None:
    """On a 1 x 1 picture a 3 x 3 kernel's centre alone sees data; the rest is filled with noise."""
    with torch.no_grad():
        conv.weight.fill_(99)
        conv.weight[:, :, 0, 1, 1] = torch.tensor(rows)
        if conv.bias is not None:
            conv.bias.copy_(torch.tensor(bias or [0.0] * len(rows)))


def test_two_frames_of_one_pixel_worked_out_by_hand():
    s, m = (torch.tensor(pair).reshape(1, 2, 1, 1, 1) for pair in ([1.0, 2.0], [3.0, 4.0]))
    agm = AdaptiveGating(2)
    # Conv1 gives (S_0 ln 3, 0) and the softmax Z = (3/4, 1/4).
    centre(agm.conv1, [[math.log(3), 0, 0, 0], [0, 0, 0, 0]])
    # (Z * alpha) * Z = (2 * 9/16, 4 * 1/16); the outer convolution swaps them: Y0 = (1/4, 9/8).
    agm.gate.alpha.data[0, :, 0, 0, 0] = torch.tensor([2.0, 4.0])
    centre(agm.gate.inner, [[1, 0], [0, 1]])
    centre(agm.gate.outer, [[0, 1], [1, 0]])
    # Conv2 doubles Y0 + M = (13/4, 41/8) and adds one; plus S it is (17/2, 53/4).
    centre(agm.conv2, [[2, 0], [0, 2]], bias=[1, 1])
    # Conv3 is the sum and the difference.
    centre(agm.conv3, [[1, 1], [1, -1]])
    with record(agm) as taps:
        got = agm(s, m)
    torch.testing.assert_close(taps["z"].flatten(), torch.tensor([0.75, 0.25]))
    torch.testing.assert_close(taps["gated"].flatten(), torch.tensor([0.25, 1.125]))
    torch.testing.assert_close(got.flatten(), torch.tensor([21.75, -4.75]))


@pytest.mark.parametrize("frames", [2, 4, 8, 16])
def test_a_new_module_returns_the_sum_of_its_inputs_to_the_bit(frames):
    torch.manual_seed(frames)
    agm = AdaptiveGating(frames)
    assert not agm.gate.alpha.any()
    s, m = (100 * torch.randn(2, frames, 5, 7, 3, generator=generator(seed)) for seed in (1, 2))
    assert torch.equal(agm(s, m), s + m)


def test_a_gate_whose_alpha_is_zero_is_silent_whatever_its_weights():
    gate = Gate(4)
    randomise(gate, seed=3)
    gate.alpha.data.zero_()
    x = torch.randn(1, 4, 3, 5, 2, generator=generator(4))
    assert torch.equal(gate(x), torch.zeros_like(x))


def test_the_softmax_is_over_frames():
    agm = AdaptiveGating(4)
    s, m = (torch.randn(2, 4, 3, 5, 2, generator=generator(seed)) for seed in (5, 6))
    with record(agm) as taps:
        agm(s, m)
    torch.testing.assert_close(taps["z"].sum(dim=1), torch.ones(2, 3, 5, 2))


def test_time_is_the_axis_that_convolutions_take_for_channels():
    # Table 6's "not too large number of parameters": with C = 1024 there, Conv1 would have 19 M.
    assert AdaptiveGating(8).conv1.weight.shape == (8, 16, 1, 3, 3)
    assert sum(p.numel() for p in AdaptiveGating(8).parameters()) == 3496
