import pytest
import torch
from torch import Tensor, nn

from maagn.nn.pyramid import LevelFusion, Pyramid, SpatialModulation, TemporalModulation
from tests.tiny import generator, randomise


def level(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=generator(seed))


@pytest.mark.parametrize(
    ("channels", "side", "strides"),
    [(4, 8, (2, 2)), (4, 4, (2, 1)), (8, 4, (2,)), (16, 2, ())],
    ids=str,
)
def test_spatial_modulation_brings_a_level_to_the_deepest_ones_shape(channels, side, strides):
    modulated = SpatialModulation(channels, strides)(level(2, channels, 3, side, side))
    assert modulated.shape == (2, 16, 3, 2, 2)


def test_the_deepest_level_is_not_modulated():
    x = level(1, 16, 2, 3, 3)
    assert SpatialModulation(16, ())(x) is x


def test_temporal_modulation_worked_out_by_hand():
    # The convolution is the frame before minus the frame after; of (1, 5, 2) that makes
    # (0 - 5, 1 - 2, 5 - 0) and the maximum 5.
    modulation = TemporalModulation(1, 1, frames=3, groups=1)
    modulation[0].weight.data.copy_(torch.tensor([1.0, 0, -1]).reshape(1, 1, 3, 1, 1))
    got = modulation(torch.tensor([1.0, 5, 2]).reshape(1, 1, 3, 1, 1))
    assert got.shape == (1, 1, 1, 1, 1)
    assert got.item() == 5


def test_the_two_flows_are_a_cascade_worked_out_by_hand():
    pyramid = Pyramid((1, 1, 1), frames=(1, 1, 1), width=1, groups=1, strides=((), (), ()))
    for modulation in pyramid.temporal:
        nn.init.dirac_(modulation[0].weight)
    for factor, down in zip((10, 100), pyramid.down, strict=True):
        nn.init.dirac_(down.weight)
        down.weight.data.mul_(factor)
    levels = [torch.full((1, 1, 1, 1, 1), value) for value in (1.0, 2.0, 4.0)]
    top_down, bottom_up = pyramid(levels)
    # Down from the deepest: 4, 2 + 4, 1 + 6.
    assert [x.item() for x in top_down] == [7, 6, 4]
    # Up again from there: 7, 6 + 10 * 7, 4 + 100 * 76.
    assert [x.item() for x in bottom_up] == [7, 76, 7604]


def test_levels_of_any_rate_and_size_leave_with_one_shape():
    pyramid = Pyramid(
        (4, 8, 16), frames=(8, 4, 2), width=6, groups=2, strides=((2, 2), (2,), ())
    ).eval()
    levels = [level(2, 4, 8, 12, 8), level(2, 8, 4, 6, 4), level(2, 16, 2, 3, 2)]
    for flow in pyramid(levels):
        assert [tuple(x.shape) for x in flow] == [(2, 6, 1, 3, 2)] * 3


def test_the_inputs_are_left_as_they_were():
    pyramid = Pyramid((4, 8), frames=(2, 2), width=4, groups=2, strides=((2,), ())).eval()
    levels = [level(1, 4, 2, 4, 4), level(1, 8, 2, 2, 2)]
    before = [x.clone() for x in levels]
    pyramid(levels)
    assert all(torch.equal(x, y) for x, y in zip(levels, before, strict=True))


def test_level_fusion_sees_every_level():
    fusion = LevelFusion(3, 4, 6, groups=2).eval()
    randomise(fusion, seed=1)
    levels = [level(1, 4, 1, 2, 2, seed=seed).abs() for seed in (2, 3, 4)]
    whole = fusion(levels)
    assert whole.shape == (1, 6, 1, 2, 2)
    for i in range(3):
        without = [0 * x if i == j else x for j, x in enumerate(levels)]
        assert not torch.allclose(fusion(without), whole)
