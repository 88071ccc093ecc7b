"""A clip without motion, or without anything in it, is told from one with something small."""

import numpy as np
import pytest

from app.gallery.catalogue import FOLDER
from maagn.config import DEMO_TRANSFORM, SamplingSpec
from maagn.video.content import content_notices
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip
from maagn.video.transform import to_tensor

SIDE = 96


def picture(seed=0):
    """Shapes and shading, as a photograph has."""
    down, right = np.mgrid[:SIDE, :SIDE]
    shade = np.stack([down + right, 2 * down, 255 - 2 * right], axis=-1).clip(0, 255)
    shade[20:50, 30:70] = (200, 40, 40)
    noise = np.random.default_rng(seed).normal(0, 2, shade.shape)
    return (shade + noise).clip(0, 255).astype(np.uint8)


def told(frames):
    return " ".join(content_notices(np.asarray(frames)))


def test_one_picture_throughout_has_no_motion():
    assert "All 8 sampled frames are the same picture: no motion" in told([picture()] * 8)
    assert "no motion" in told([picture(seed) for seed in range(8)])  # a sensor's noise


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (20, 90, 160)])
def test_a_single_colour_is_said_to_be_one(colour):
    frames = np.full((8, SIDE, SIDE, 3), colour, np.uint8)
    noise = np.random.default_rng(0).integers(-3, 4, frames.shape)
    for clip in (frames, (frames + noise).clip(0, 255).astype(np.uint8)):
        assert "the same picture, of a single colour: there is nothing" in told(clip)


def test_colours_that_change_are_no_still_picture_but_nothing_to_recognise():
    frames = np.stack([np.full((SIDE, SIDE, 3), 30 * i, np.uint8) for i in range(8)])
    assert "Each of the 8 sampled frames is of a single colour" in told(frames)


def test_something_small_that_moves_is_motion():
    frames = np.stack([picture()] * 8)
    for i, frame in enumerate(frames):
        frame[70:74, 10 + i : 14 + i] = 255
    assert told(frames) == ""


def test_one_frame_that_differs_is_motion():
    frames = np.stack([picture()] * 8)
    frames[5] = frames[5, :, ::-1]
    assert told(frames) == ""


def test_a_fine_pattern_that_moves_is_motion_and_no_single_colour():
    board = (np.indices((SIDE, SIDE)).sum(axis=0) // 2 % 2 * 255).astype(np.uint8)
    frames = np.stack([np.roll(board, i, axis=1) for i in range(8)])[..., None].repeat(3, axis=-1)
    assert told(frames) == ""
    assert "single colour" not in told(frames[:1].repeat(8, axis=0))


def seen(path):
    clip = read_clip(path, samplings=[SamplingSpec(8)])
    return to_tensor(clip, sampling=SamplingSpec(8), transform=DEMO_TRANSFORM).pictures


def test_coding_a_still_picture_does_not_make_it_move(tmp_path):
    write_mp4(tmp_path / "a.mp4", np.stack([picture()] * 40), seconds=np.arange(40) / 10)
    assert "no motion" in told(seen(tmp_path / "a.mp4"))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.mp4"))[::12], ids=lambda path: path.stem)
def test_the_gallerys_clips_move(path):
    assert told(seen(path)) == ""
