import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from maagn.nn.sdm import SpatialDifference
from maagn.nn.taps import record
from tests.tiny import generator, randomise

# One channel, one row, two columns: frames [1, 2] and [4, 3].
X = torch.tensor([[1.0, 2.0], [4.0, 3.0]]).reshape(1, 2, 1, 1, 2)


def by_hand(combine: str) -> SpatialDifference:
    """Two frames and one hidden unit, so that X's masks are 0.5 and 0.75.

    F_m = [3, 1], its maximum 3, hidden 0.5 * 3 - 0.5 = 1; sigmoid(0) = 1/2, sigmoid(ln 3) = 3/4.
    """
    sdm = SpatialDifference(2, min_hidden=1, combine=combine)
    with torch.no_grad():
        sdm.squeeze.weight.fill_(0.5)
        sdm.squeeze.bias.fill_(-0.5)
        sdm.expand.weight.copy_(torch.tensor([0, math.log(3)]).reshape(2, 1, 1, 1, 1))
        sdm.expand.bias.zero_()
    return sdm


def test_mask_of_two_frames_worked_out_by_hand():
    mask = by_hand("residual").mask(X)
    assert mask.shape == (1, 2, 1, 1, 1)
    torch.testing.assert_close(mask.flatten(), torch.tensor([0.5, 0.75]))


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("multiply", [[0.5, 1], [3, 2.25]]),
        ("add", [[1.5, 2.5], [4.75, 3.75]]),
        ("residual", [[1.5, 3], [7, 5.25]]),
        ("subtract", [[-0.5, -1.5], [-3.25, -2.25]]),
    ],
)
def test_each_row_of_table_4_worked_out_by_hand(combine, expected):
    got = by_hand(combine)(X)[0, :, 0, 0]
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float32))


def test_the_difference_has_a_direction():
    sdm = by_hand("residual")
    # Backwards F_m = [-3, -1], its maximum -1, hidden relu(-1) = 0: both masks 1/2.
    torch.testing.assert_close(sdm.mask(X.flip(1)).flatten(), torch.tensor([0.5, 0.5]))


@pytest.mark.parametrize(
    ("frames", "hidden"), [(2, 4), (8, 4), (64, 4), (160, 5), (256, 8)], ids=str
)
def test_hidden_width_is_half_the_frames_over_r_but_at_least_four(frames, hidden):
    sdm = SpatialDifference(frames)
    assert sdm.squeeze.weight.shape[:2] == (hidden, frames // 2)
    assert sdm.expand.weight.shape[:2] == (frames, hidden)


def still(*, seed: int) -> Tensor:
    """A clip whose eight frames are all the same picture."""
    return torch.randn(1, 1, 3, 4, 5, generator=generator(seed)).expand(-1, 8, -1, -1, -1)


def test_a_still_clip_has_no_difference_and_a_mask_that_knows_nothing_of_its_content():
    sdm = SpatialDifference(8)
    randomise(sdm, seed=1)
    masks = []
    for seed in (2, 3, 4):
        with record(sdm) as taps:
            masks.append(sdm.mask(still(seed=seed)))
        assert torch.equal(taps["change"], torch.zeros(1, 4, 1, 1, 1))
    assert torch.equal(masks[0], masks[1])
    assert torch.equal(masks[0], masks[2])


@given(
    seed=st.integers(0, 10_000),
    frames=st.sampled_from([2, 4, 8, 16]),
    scale=st.floats(-5, 5),
    sides=st.tuples(*[st.integers(1, 4)] * 3),
)
def test_masks_lie_between_zero_and_one(seed, frames, scale, sides):
    torch.manual_seed(seed)
    sdm = SpatialDifference(frames).double()  # float32 rounds a sigmoid over 17 to one
    mask = sdm.mask(scale * torch.randn(1, frames, *sides, dtype=torch.float64))
    assert mask.min() > 0
    assert mask.max() < 1


@given(scale=st.floats(-1e30, 1e30))
def test_masks_of_absurd_features_stay_numbers(scale):
    mask = SpatialDifference(4).mask(scale * torch.randn(1, 4, 2, 2, 2, generator=generator(5)))
    assert 0 <= mask.min() <= mask.max() <= 1


def test_an_odd_number_of_frames_is_refused():
    with pytest.raises(ValueError, match="SDM needs an even number of frames, got 7"):
        SpatialDifference(7)


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_combination_is_refused():
    with pytest.raises(ValueError, match="multiply, add, residual or subtract, got divide"):
        SpatialDifference(8, combine="divide")
