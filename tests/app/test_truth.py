"""A clip of the gallery has the truth of the scene that it shows, and no other file has any."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from app import cache
from app.gallery.catalogue import gallery
from app.gallery.truth import masks_of, scene_of
from app.selection import ClipChoice
from maagn.checkpoint import load_model
from maagn.inference import prepare
from maagn.opposites.dataset import middle_times
from maagn.video.read import read_clip

SIDE = 512  # of the gallery's frames


def test_clips_of_the_gallery_are_sharp():
    """Rendered at that side, through a lens with hardly any blur, whatever the test split's has."""
    for entry in gallery():
        with av.open(str(entry.path)) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (
                SIDE,
                SIDE,
            )
        assert entry.factors["blur"] <= 0.5  # thousandths of a frame's width
        assert entry.factors["compression"] > 90


@pytest.mark.parametrize("number", [0, 21, 57])
def test_the_scene_of_a_gallery_clip_is_what_its_file_shows(number):
    entry = gallery()[number]
    clip = read_clip(entry.choice().path)
    scene = scene_of(entry.choice())
    frames = scene.render(np.linspace(0, 1, 28), size=SIDE)
    # Compression alone; another index is another scene.
    assert np.abs(frames.astype(int) - clip.frames).mean() < 5
    other = replace(scene, camera=replace(scene.camera, yaw=scene.camera.yaw + 0.05))
    elsewhere = other.render(np.linspace(0, 1, 28), size=SIDE)
    assert np.abs(elsewhere.astype(int) - clip.frames).mean() > 10


def test_masks_are_of_the_frames_and_the_crop_that_the_network_sees():
    model = load_model("tsn-demo")
    choice = gallery()[4].choice()
    clip = read_clip(choice.path, samplings=[model.sampling])
    seen = masks_of(choice, model, clip)
    positions = prepare(model, clip).positions
    whole = scene_of(choice).masks(np.linspace(0, 1, 28)[positions], size=SIDE)
    # The middle 112 of 124 pixels.
    part = whole.both[:, 25:487, 25:487]
    assert seen.both.shape == (8, 112, 112)
    assert seen.both.mean() == pytest.approx(part.mean(), abs=0.005)


def test_a_rendered_clip_has_the_masks_of_its_own_times():
    model = load_model("tsn-demo")
    choice = ClipChoice.of_test(6, 2)
    clip = cache.render(choice, frames=8, side=124)
    expected = scene_of(choice).masks(middle_times(8), size=124).hand[:, 6:118, 6:118]
    assert np.array_equal(masks_of(choice, model, clip).hand, expected)


def test_a_visitor_s_file_has_no_truth():
    clip = cache.render(ClipChoice.of_test(6, 2), frames=8, side=124)
    assert masks_of(ClipChoice.of(Path("own.mp4")), load_model("tsn-demo"), clip) is None
