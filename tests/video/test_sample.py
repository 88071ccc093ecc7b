import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maagn.config import SamplingSpec
from maagn.errors import TooFewFrames
from maagn.video.sampling import union
from maagn.video.transform import sample_positions


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
    whole = [(frames, 0, 0, 1) for frames in (2, 4, 1, 2)]
    assert union(10, samplings=whole) == [1, 2, 3, 5, 6, 7, 8]
    assert union(3, samplings=None) == [0, 1, 2]


@pytest.mark.parametrize(
    ("count", "spec", "positions"),
    [
        (100, SamplingSpec(8, window=64), [22, 30, 38, 46, 54, 62, 70, 78]),  # 18 + 4, then tau 8
        (64, SamplingSpec(4, window=64), [8, 24, 40, 56]),
        (40, SamplingSpec(8, window=64), [2, 7, 12, 17, 22, 27, 32, 37]),  # divided whole
        (104, SamplingSpec(2, window=64, clip=0, clips=2), [26, 58]),  # 10 of the other 40 before
        (104, SamplingSpec(2, window=64, clip=1, clips=2), [46, 78]),  # 30 of them before
        (40, SamplingSpec(2, clip=0, clips=2), [5, 25]),  # a quarter into each half
        (40, SamplingSpec(2, clip=1, clips=2), [15, 35]),
    ],
)
def test_windows_and_several_clips_worked_by_hand(count, spec, positions):
    assert sample_positions(count, spec).tolist() == positions


@given(
    frames=st.integers(1, 32),
    more=st.integers(0, 400),
    room=st.integers(0, 100),
    clips=st.integers(1, 10),
    windowed=st.booleans(),
)
def test_every_clip_lies_inside_the_video_and_they_follow_each_other(
    frames, more, room, clips, windowed
):
    count, window = frames + more, (frames + room) * windowed
    found = [
        sample_positions(count, SamplingSpec(frames, window=window, clip=i, clips=clips))
        for i in range(clips)
    ]
    for positions in found:
        assert (np.diff(positions) > 0).all()
        assert positions[0] >= 0
        assert positions[-1] < count
    assert (np.diff(np.stack(found), axis=0) >= 0).all()
    if 0 < window < count:
        assert all(positions[-1] - positions[0] < window for positions in found)
