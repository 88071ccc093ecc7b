import numpy as np
import pytest
import torch

from maagn.video.views import flipped_classes, merge_views, ten_crop, three_crop

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


def test_a_class_without_its_mirror_image_keeps_its_logit():
    assert flipped_classes(LABELS[:2]) == (None, 1)
    logits = torch.tensor([[4.0, 1.0]])
    assert merge_views(logits, np.array([True]), LABELS[:2]).tolist() == [4.0, 1.0]
