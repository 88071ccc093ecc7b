from dataclasses import replace

import numpy as np
import pytest

from maagn.config import SamplingSpec, TransformSpec
from maagn.data.training import _cut
from maagn.errors import PairsError
from maagn.labels import ClassPairs, ClassRelations
from maagn.train.augment import (
    Augmentation,
    centre_crop,
    corner_crop,
    idle,
    jitter_colour,
    spoil,
)
from maagn.video.transform import from_frames, to_tensor
from maagn.video.views import flipped_classes
from tests.train.made import LABELS, SPEC, MadeClips


def ramp(height=40, width=60):
    """Every pixel its own colour: row and column."""
    frames = np.zeros((3, height, width, 3), np.uint8)
    frames[..., 0] = np.arange(height)[:, None]
    frames[..., 1] = np.arange(width)
    return frames


def test_a_mirrored_push_goes_the_other_way():
    assert flipped_classes(LABELS) == (1, 0, 2, 3)
    spec = replace(SPEC, flip=True, colour=0.0, short_side=(32, 32))
    augmentation = Augmentation.of(spec, LABELS)
    frames = ramp(32, 32)
    seen = set()
    for seed in range(20):
        for label in range(4):
            made, new = augmentation.apply(frames, label, np.random.default_rng(seed))
            mirrored = bool(made[0, 0, 0, 1] > made[0, 0, -1, 1])
            np.testing.assert_array_equal(made, frames[:, :, ::-1] if mirrored else frames)
            assert new == ((1, 0, 2, 3)[label] if mirrored else label)
            seen.add(mirrored)
    assert seen == {True, False}


@pytest.mark.parametrize(
    "labels",
    [
        ("Swiping Left", "Swiping Right", "Opening it", "Closing it"),
        tuple(label.replace("something", "[something]") for label in LABELS),
    ],
)
def test_mirrored_clips_of_other_names_get_the_other_side(labels):
    augmentation = Augmentation.of(replace(SPEC, flip=True), labels)
    assert augmentation.mirrors == (1, 0, 2, 3)


def test_clips_are_not_flipped_where_a_mirror_image_has_no_class():
    labels = ("Pushing something from left to right", "Opening something")
    with pytest.raises(PairsError, match="give --mirrored FILE"):
        Augmentation.of(replace(SPEC, flip=True), labels)
    assert Augmentation.of(replace(SPEC, flip=False), labels).mirrors == (0, 1)
    given = ClassPairs(mirrored=((labels[0], labels[0]),))
    relations = ClassRelations.of(labels, given)
    assert Augmentation.of(replace(SPEC, flip=True), labels, relations).mirrors == (0, 1)


def test_a_corner_crop_is_a_corner_or_the_centre():
    found = set()
    for seed in range(60):
        made = corner_crop(ramp(), np.random.default_rng(seed), short_side=(40, 40), crop=32)
        assert made.shape == (3, 32, 32, 3)
        found.add((int(made[0, 0, 0, 0]), int(made[0, 0, 0, 1])))
    assert found == {(0, 0), (0, 28), (8, 0), (8, 28), (4, 14)}


def test_the_scale_is_drawn_from_the_whole_interval():
    """At short side 80 a step of one pixel is half a step of the ramp."""
    steps = set()
    for seed in range(40):
        made = corner_crop(ramp(), np.random.default_rng(seed), short_side=(40, 80), crop=40)
        steps.add(int(made[0, -1, 0, 0]) - int(made[0, 0, 0, 0]))
    assert min(steps) <= 20
    assert max(steps) >= 35


def test_the_centre_is_the_centre():
    made = centre_crop(ramp(), transform=TransformSpec(resize=40, crop=32))
    np.testing.assert_array_equal(made, ramp()[:, 4:36, 14:46])


@pytest.mark.parametrize(("height", "width"), [(50, 75), (75, 50), (33, 90), (40, 61), (64, 64)])
def test_what_is_trained_on_is_what_is_tested_on(height, width):
    frames = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), np.uint8)
    transform = TransformSpec(resize=40, crop=32)
    clip = from_frames(frames, seconds=np.arange(3.0))
    tested = to_tensor(clip, sampling=SamplingSpec(3), transform=transform).pictures
    np.testing.assert_array_equal(centre_crop(frames, transform=transform), tested)
    np.testing.assert_array_equal(_cut(frames, 40, 32, (0.5, 0.5)), tested)


def test_colour_changes_all_frames_alike_and_nothing_at_strength_zero():
    frames = np.random.default_rng(0).integers(60, 190, (4, 8, 8, 3), np.uint8)
    rng = np.random.default_rng
    np.testing.assert_array_equal(jitter_colour(frames, rng(1), strength=0.0), frames)
    made = jitter_colour(frames, rng(1), strength=0.3)
    assert np.abs(made.astype(int) - frames).mean() > 5
    backwards = jitter_colour(frames[::-1], rng(1), strength=0.3)
    np.testing.assert_array_equal(backwards, made[::-1])


def test_brightness_stays_within_its_bounds():
    grey = np.full((2, 8, 8, 3), 100, np.uint8)
    made = [jitter_colour(grey, np.random.default_rng(i), strength=0.3)[0, 0, 0] for i in range(99)]
    assert np.min(made) >= 100 * 0.7 * 0.9 - 1
    assert np.max(made) <= 100 * 1.3 * 1.1 + 1
    assert np.ptp(made) > 30


@pytest.mark.parametrize("epoch", [0, 1])
def test_a_clip_is_augmented_alike_whenever_it_is_asked_for(epoch):
    data = MadeClips(4)
    data.epoch = epoch
    augmentation = Augmentation.of(replace(SPEC, flip=True), data.labels)
    first, other = augmentation.get(data, 1), augmentation.get(data, 2)
    again = augmentation.get(data, 1)
    np.testing.assert_array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])


def numbered(count: int) -> np.ndarray:
    """A clip whose frames are their numbers."""
    return np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 4, 4, 3)
    ).copy()


def test_an_idle_clip_has_its_whole_action_in_a_quarter_to_a_half_of_its_frames():
    lengths, starts = set(), set()
    for seed in range(200):
        shown = idle(numbered(16), np.random.default_rng(seed))[:, 0, 0, 0].astype(int)
        assert shown[0] == 0
        assert shown[-1] == 15
        steps = np.diff(shown)
        assert (steps >= 0).all()
        moving = np.flatnonzero(steps)
        lengths.add(int(moving[-1] - moving[0]) + 2)
        starts.add(int(moving[0]))
        assert (steps[moving[0] : moving[-1] + 1] > 0).all()  # without a pause
    assert lengths == set(range(4, 9))
    assert {0, 5, 10} <= starts


def test_spoilt_frames_are_at_most_so_many_and_the_others_are_the_clips():
    counts = set()
    for seed in range(200):
        clip, other = numbered(8) + 1, numbered(8) + 101
        shown = spoil(clip, other, np.random.default_rng(seed), most=3)
        spoilt = (shown != clip).any(axis=(1, 2, 3))
        counts.add(int(spoilt.sum()))
        assert (clip == numbered(8) + 1).all()  # the clip itself is left alone
    assert counts == {0, 1, 2, 3}
