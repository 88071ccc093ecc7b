import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maagn.config import SamplingSpec
from maagn.errors import TooFewFrames
from maagn.video.sample import sample_positions
from maagn.video.segments import union


@pytest.mark.parametrize(
    ("count", "frames", "positions"),
    [
        (10, 4, [1, 3, 6, 8]),  # middles 1.25, 3.75, 6.25, 8.75
        (8, 8, [0, 1, 2, 3, 4, 5, 6, 7]),  # every frame once
        (9, 8, [0, 1, 2, 3, 5, 6, 7, 8]),  # middles 0.56, 1.69, ... 8.44
        (80, 8, [5, 15, 25, 35, 45, 55, 65, 75]),
        (1, 1, [0]),
        (5, 1, [2]),
    ],
)
def test_middles_worked_by_hand(count, frames, positions):
    assert sample_positions(count, SamplingSpec(frames=frames)).tolist() == positions


@given(frames=st.integers(1, 64), more=st.integers(0, 10**9))
def test_positions_strictly_increase_inside_the_clip(frames, more):
    positions = sample_positions(frames + more, SamplingSpec(frames=frames))
    assert (np.diff(positions) > 0).all()
    assert positions[0] >= 0
    assert positions[-1] < frames + more


def test_too_few_frames_says_how_many():
    with pytest.raises(TooFewFrames, match="has 1 frame; this network needs 8"):
        sample_positions(1, SamplingSpec(frames=8))


def test_union_of_samplings_has_each_frame_once_and_none_means_all():
    # 2 segments of 10: 2, 7; 4 segments: 1, 3, 6, 8; 1 segment: 5
    assert union(10, segments=[2, 4, 1, 2]) == [1, 2, 3, 5, 6, 7, 8]
    assert union(3, segments=None) == [0, 1, 2]
