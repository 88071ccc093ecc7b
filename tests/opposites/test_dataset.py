import numpy as np
import pytest

from maagn.opposites.dataset import OppositesDataset, middle_times


def test_middles_of_segments():
    assert middle_times(4).tolist() == [0.125, 0.375, 0.625, 0.875]


def test_classes_are_balanced():
    data = OppositesDataset("val", length=102)
    assert len(data) == 102
    classes = [data.clip(i).label for i in range(102)]
    assert {classes.count(label) for label in data.labels} == {3}
    assert classes[:34] == list(data.labels)


def test_item_is_deterministic_and_cropped():
    frames, label = OppositesDataset("val", length=68).get(35)
    again, _ = OppositesDataset("val", length=68).get(35)
    assert frames.shape == (8, 112, 112, 3)
    assert label == 1
    np.testing.assert_array_equal(frames, again)


def test_evaluation_takes_the_centre_of_the_middle_frames():
    data = OppositesDataset("test", length=16)
    frames, _ = data.get(4)
    whole = data.clip(4).render(middle_times(8), size=124)
    np.testing.assert_array_equal(frames, whole[:, 6:118, 6:118])


def test_training_jitters():
    still = OppositesDataset("train", length=16, rendered=32, cropped=32)
    moved = OppositesDataset("train", length=16, rendered=32, cropped=32, train=True)
    assert still.clip(2) == moved.clip(2)
    assert not np.array_equal(still.get(2)[0], moved.get(2)[0])


def test_no_scene_comes_twice_in_an_epoch_or_in_the_next():
    data = OppositesDataset("train", length=32, train=True)
    first = [data.clip(i) for i in range(32)]
    data.epoch = 1
    second = [data.clip(i) for i in range(32)]
    assert [c.label for c in first] == [c.label for c in second]
    assert len({clip.index for clip in first + second}) == 64


def test_every_item_is_reached_by_plain_iteration():
    assert [label for _, label in OppositesDataset("val", length=3, frames=1)] == [0, 1, 2]


@pytest.mark.parametrize("index", [-1, 16])
def test_outside_is_refused(index):
    with pytest.raises(IndexError, match=f"got index {index}"):
        OppositesDataset("val", length=16).get(index)


def test_crop_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="cannot keep 112 pixels of 32"):
        OppositesDataset("val", length=16, rendered=32)
