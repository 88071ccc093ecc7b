import numpy as np
import pytest
import torch

from maagn.config import SamplingSpec, TransformSpec
from maagn.errors import PairsError
from maagn.labels import ClassPairs, ClassRelations
from maagn.video.transform import from_frames, to_tensor
from maagn.video.views import (
    ViewSpec,
    merge_views,
    ten_crop,
    three_crop,
    views_of,
)

LABELS = (
    "Pushing something from left to right",
    "Opening something",
    "Pushing something from right to left",
)


def ramp(height=8, width=12):
    frames = np.zeros((2, height, width, 3), np.uint8)
    frames[..., 0] = np.arange(height)[:, None]
    frames[..., 1] = np.arange(width)
    return frames


def corners(views):
    """Row and column of each view's first pixel."""
    return [tuple(map(int, view[0, 0, 0, :2])) for view in views]


def test_three_crops_lie_along_the_long_side():
    assert corners(three_crop(ramp(), 8)) == [(0, 0), (0, 2), (0, 4)]
    assert corners(three_crop(ramp(12, 8), 8)) == [(0, 0), (2, 0), (4, 0)]
    assert three_crop(ramp(), 6).shape == (3, 2, 6, 6, 3)


def test_ten_crops_are_five_and_their_mirror_images():
    views = ten_crop(ramp(), 6)
    assert views.shape == (10, 2, 6, 6, 3)
    assert corners(views[:5]) == [(0, 0), (0, 6), (2, 0), (2, 6), (1, 3)]
    np.testing.assert_array_equal(views[5:], views[:5, :, :, ::-1])


@pytest.mark.parametrize("cut", [three_crop, ten_crop])
def test_a_crop_larger_than_the_frames_is_refused(cut):
    with pytest.raises(ValueError, match="cannot cut 9 pixels out of 12 x 8"):
        cut(ramp(), 9)


def test_a_mirrored_view_votes_for_the_other_side():
    logits = torch.tensor([[4.0, 1.0, 0.0], [0.0, 3.0, 6.0]])
    merged = merge_views(logits, np.array([False, True]), LABELS)
    assert merged.tolist() == [5.0, 2.0, 0.0]
    plain = merge_views(logits, np.array([False, False]), LABELS)
    assert plain.tolist() == [2.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "labels",
    [
        ("Swiping Left", "Drinking", "Swiping Right"),
        ("SwipeRight", "Drink", "SwipeLeft"),
        tuple(label.replace("something", "[something]").upper() for label in LABELS),
        ("turning_hand_clockwise", "drinking", "turning hand counter-clockwise"),
    ],
)
def test_other_names_of_sides_give_what_the_plain_names_give(labels):
    logits, back = torch.randn(10, 3), np.arange(10) >= 5
    assert torch.equal(merge_views(logits, back, labels), merge_views(logits, back, LABELS))


def test_a_class_without_its_mirror_image_cannot_be_merged_from_mirrored_views():
    logits = torch.tensor([[4.0, 1.0]])
    for labels in (LABELS[:2], ("things left on table", "Drinking")):
        with pytest.raises(PairsError, match="is not known: give --mirrored FILE"):
            merge_views(logits, np.array([True]), labels)
        assert merge_views(logits, np.array([False]), labels).tolist() == [4.0, 1.0]
    given = ClassPairs(mirrored=(("things left on table", "Drinking"),))
    relations = ClassRelations.of(labels, given)
    assert merge_views(logits, np.array([True]), labels, relations).tolist() == [1.0, 4.0]


@pytest.fixture
def wide():
    """Twenty frames of noise, wider than high."""
    frames = np.random.default_rng(0).integers(0, 256, (20, 90, 120, 3), np.uint8)
    return from_frames(frames, seconds=np.arange(20) / 10)


def seen(clip, crops, clips=1):
    return views_of(
        clip,
        sampling=SamplingSpec(4),
        transform=TransformSpec(resize=64, crop=48),
        views=ViewSpec(crops, clips),
    )


def test_the_centre_is_what_the_network_sees_anyway(wide):
    pictures, flipped = seen(wide, "centre")
    usual = to_tensor(
        wide, sampling=SamplingSpec(4), transform=TransformSpec(resize=64, crop=48)
    ).pictures
    assert np.array_equal(pictures, usual[None])
    assert flipped.tolist() == [False]


def test_three_crops_are_of_the_whole_short_side_and_ten_of_the_crop(wide):
    pictures, flipped = seen(wide, "three-crop")
    assert pictures.shape == (3, 4, 64, 64, 3)
    assert not flipped.any()
    pictures, flipped = seen(wide, "ten-crop")
    assert pictures.shape == (10, 4, 48, 48, 3)
    assert flipped.tolist() == [False] * 5 + [True] * 5
    assert np.array_equal(pictures[4], seen(wide, "centre")[0][0])
    assert np.array_equal(pictures[5:], pictures[:5, :, :, ::-1])


def test_several_clips_are_other_moments_each_with_all_crops(wide):
    pictures, flipped = seen(wide, "ten-crop", clips=2)
    assert pictures.shape[0] == ViewSpec("ten-crop", 2).count == len(flipped) == 20
    assert flipped.tolist() == ([False] * 5 + [True] * 5) * 2
    for number in range(2):
        alone = to_tensor(
            wide,
            sampling=SamplingSpec(4, clip=number, clips=2),
            transform=TransformSpec(resize=64, crop=48),
        )
        assert np.array_equal(pictures[10 * number + 4], alone.pictures)
