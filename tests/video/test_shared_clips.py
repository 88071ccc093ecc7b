"""Real and odd clips of other projects, where the checkout has them beside it."""

from pathlib import Path

import numpy as np
import pytest

from maagn.config import SamplingSpec
from maagn.errors import TooFewFrames
from maagn.video.read import read_clip

CLIPS = Path(__file__).parents[3] / "shared" / "clips"
EIGHT = [SamplingSpec(frames=8)]

pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason="../shared/clips is absent")


@pytest.mark.parametrize("path", sorted(CLIPS.glob("real/*")), ids=lambda path: path.name)
def test_real_clips_are_read_without_a_notice(path):
    clip = read_clip(path, samplings=EIGHT)
    assert len(clip.frames) == 8
    assert clip.reader == "pyav"
    assert clip.notices == ()


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("av1_video.mkv", 125),
        ("discard_first_keyframe.mp4", 25),
        ("h264_10bits.mp4", 30),
        ("h265_video.mp4", 10),
        ("nasa_13013.mp4", 390),
        ("no_duration.webm", 74),
        ("testsrc2_vp9.webm", 30),
        ("transparent.webm", 150),
    ],
)
def test_odd_clips_give_eight_frames(name, count):
    clip = read_clip(CLIPS / "odd" / name, samplings=EIGHT)
    assert len(clip.frames) == 8
    assert len(clip.source_seconds) == count
    assert (np.diff(clip.source_seconds) > 0).all()
    assert clip.reader == "pyav"


def test_the_picture_of_a_turned_clip_is_upright():
    upright = read_clip(CLIPS / "odd" / "video_0.mov")
    turned = read_clip(CLIPS / "odd" / "video_90.mov")
    height, width = upright.frames.shape[1:3]
    assert turned.frames.shape[1:3] == (width, height)


def test_a_corrupted_clip_says_what_is_missing():
    clip = read_clip(CLIPS / "odd" / "corrupted.mp4", samplings=EIGHT)
    assert len(clip.frames) == 8
    assert "49 of 50 frames could be read." in clip.notices


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("-video-with-dash-.mp4", "5 frames"),
        ("animated.gif", "4 frames"),
        ("bitmap.mp4", "5 frames"),
        ("testsrc2_mpeg4.mp4", "1 frame"),
        ("unordered.mov", "4 frames"),
    ],
)
def test_short_clips_are_named(name, count):
    with pytest.raises(TooFewFrames, match=f"has {count}; this network needs 8"):
        read_clip(CLIPS / "odd" / name, samplings=EIGHT)
