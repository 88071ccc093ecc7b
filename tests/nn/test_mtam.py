import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from maagn.nn.mtam import TemporalAttention
from maagn.nn.taps import record
from tests.tiny import generator, randomise

# One channel, one row, two columns: frames [1, 3] and [0, 8]; maxima 3 and 8, means 2 and 4.
X = torch.tensor([[1.0, 3.0], [0.0, 8.0]]).reshape(1, 2, 1, 1, 2)
LN3 = math.log(3)


def by_hand(masks: str) -> TemporalAttention:
    """Two frames and one hidden unit: a quarter of the second frame's value, times (ln 3, 0).

    So the MLP gives (2 ln 3, 0) of the maxima and (ln 3, 0) of the means. The third mask takes
    ln 3 from the average of frame 0, and -1/2 * 2 ln 3 from the maximum of frame 0.
    """
    mtam = TemporalAttention(2, min_hidden=1, masks=masks)
    with torch.no_grad():
        for parameter in mtam.parameters():
            parameter.zero_()
        mtam.mlp[0].weight.copy_(torch.tensor([0, 0.25]).reshape(1, 2, 1, 1, 1))
        mtam.mlp[2].weight.copy_(torch.tensor([LN3, 0]).reshape(2, 1, 1, 1, 1))
        if masks == "all":
            mtam.joint.weight.fill_(100)  # a length of one never meets the kernel's two sides
            centre = torch.tensor([[1, 0, 0, 0], [0, 0, -0.5, 0]])
            mtam.joint.weight[:, :, 1] = centre
    return mtam


def test_masks_of_two_frames_worked_out_by_hand():
    masks = by_hand("all").masks(X)
    torch.testing.assert_close(masks["max"].flatten(), torch.tensor([0.9, 0.5]))
    torch.testing.assert_close(masks["avg"].flatten(), torch.tensor([0.75, 0.5]))
    torch.testing.assert_close(masks["both"].flatten(), torch.tensor([0.75, 0.25]))
    assert all(mask.shape == (1, 2, 1, 1, 1) for mask in masks.values())


@pytest.mark.parametrize(
    ("masks", "sums"),
    [
        ("max", (0.9, 0.5)),
        ("avg", (0.75, 0.5)),
        ("max+avg", (1.65, 1.0)),
        ("all", (2.4, 1.25)),
    ],
)
def test_each_row_of_table_5_worked_out_by_hand(masks, sums):
    mtam = by_hand(masks)
    with record(mtam) as taps:
        got = mtam(X)
    torch.testing.assert_close(taps["sum"].flatten(), torch.tensor(sums))
    torch.testing.assert_close(got, X * (1 + torch.tensor(sums)).reshape(1, 2, 1, 1, 1))


def test_the_average_is_over_channels_too_so_that_equation_8_has_its_printed_shape():
    mtam = TemporalAttention(2, masks="avg")
    randomise(mtam, seed=1)
    x = torch.randn(1, 2, 4, 3, 5, generator=generator(2))
    shuffled = x.flatten(2)[..., torch.randperm(60, generator=generator(3))].reshape(x.shape)
    torch.testing.assert_close(mtam.masks(x)["avg"], mtam.masks(shuffled)["avg"])


@pytest.mark.parametrize(("frames", "hidden"), [(2, 4), (8, 4), (64, 4), (128, 8)], ids=str)
def test_hidden_width_is_the_frames_over_r_but_at_least_four(frames, hidden):
    mtam = TemporalAttention(frames)
    assert mtam.mlp[0].weight.shape[:2] == (hidden, frames)
    assert mtam.mlp[2].weight.shape[:2] == (frames, hidden)


@given(
    seed=st.integers(0, 10_000),
    frames=st.sampled_from([1, 2, 4, 8, 16]),
    scale=st.floats(-5, 5),
    sides=st.tuples(*[st.integers(1, 4)] * 3),
)
def test_masks_lie_between_zero_and_one_and_their_sum_between_zero_and_three(
    seed, frames, scale, sides
):
    torch.manual_seed(seed)
    mtam = TemporalAttention(frames).double()  # float32 rounds a sigmoid over 17 to one
    with record(mtam) as taps:
        mtam(scale * torch.randn(1, frames, *sides, dtype=torch.float64))
    masks = [taps[f"mask_{angle}"] for angle in ("max", "avg", "both")]
    assert min(mask.min() for mask in masks) > 0
    assert max(mask.max() for mask in masks) < 1
    assert 0 < taps["sum"].min() <= taps["sum"].max() < 3
    torch.testing.assert_close(sum(masks), taps["sum"])


@pytest.mark.usefixtures("unchecked")
def test_unknown_masks_are_refused():
    with pytest.raises(ValueError, match=r"max, avg, max\+avg, all, got min"):
        TemporalAttention(8, masks="min")
