from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maagn.video.decoder.frame_times import repair


@pytest.mark.parametrize(
    ("times", "gap", "mended", "any_mended"),
    [
        # good times are only counted from the first
        ([5.0, 5.5, 6.0], None, [0.0, 0.5, 1.0], False),
        # uneven gaps are the file's own business
        ([0.0, 0.1, 0.9, 1.0], None, [0.0, 0.1, 0.9, 1.0], False),
        # missing: spread between neighbours; at the end by the median gap
        ([0.0, None, 2.0, 3.0, None], None, [0.0, 1.0, 2.0, 3.0, 4.0], True),
        # missing at the start: counted back
        ([None, 2.0, 3.0], None, [0.0, 1.0, 2.0], True),
        # tied: the later one is believed, the earlier spread
        ([0.0, 1.0, 1.0, 3.0], None, [0.0, 0.5, 1.0, 3.0], True),
        # one wild time, back and forth
        ([0.0, 1.0, -900.0, 3.0], None, [0.0, 1.0, 2.0, 3.0], True),
        ([0.0, 900.0, 2.0, 3.0], None, [0.0, 1.0, 2.0, 3.0], True),
        # neighbours swapped, as AVI does with B-frames: sorted, nothing invented
        ([1.0, 3.0, 2.0, 5.0, 4.0], None, [0.0, 1.0, 2.0, 3.0, 4.0], False),
        # a second recording that starts anew: goes on after the first
        ([0.0, 1.0, 2.0, 0.0, 1.0], None, [0.0, 1.0, 2.0, 3.0, 4.0], True),
        # nothing known: the declared gap, else 25 a second
        ([None, None, None], 0.5, [0.0, 0.5, 1.0], True),
        ([None, None], None, [0.0, 0.04], True),
        ([7.0], None, [0.0], False),
    ],
)
def test_repairs_worked_by_hand(times, gap, mended, any_mended):
    seconds, repaired = repair(times, gap=gap)
    assert seconds == pytest.approx(mended)
    assert repaired == any_mended


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60))
def test_any_times_come_out_strictly_increasing_from_zero(ticks):
    seconds, _ = repair([None if tick is None else tick / 8 for tick in ticks], gap=0.125)
    assert seconds[0] == 0
    assert len(seconds) == len(ticks)
    assert all(after > before for before, after in pairwise(seconds))
