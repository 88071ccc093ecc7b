from pathlib import Path

import numpy as np
import pytest

from maagn.train.data import CachedClips


class Counted:
    """A rendered set of which every drawing is counted."""

    labels = ("one", "two")
    split = "train"
    frames = 2
    rendered = 6

    def __init__(self) -> None:
        self.epoch = 0
        self.drawn = []

    def __len__(self) -> int:
        return 4

    def label(self, index):
        return index % 2

    def whole(self, index):
        self.drawn.append((self.epoch, index))
        rng = np.random.default_rng((self.epoch, index))
        return rng.integers(0, 256, (2, 6, 6, 3), np.uint8)

    def crop(self, frames, index):
        return frames[:, index:, :4]

    def get(self, index):
        return self.crop(self.whole(index), index), self.label(index)


@pytest.fixture
def cached(tmp_path):
    def make():
        clips = CachedClips.__new__(CachedClips)
        data = Counted()
        vars(clips).update(data=data, labels=data.labels, folder=tmp_path, epoch=0, _opened=None)
        return clips

    return make


def arrays(folder: Path, *, slots: bool):
    return [path for path in folder.glob("*.npy") if path.name.endswith(".slots.npy") == slots]


def test_kept_clips_are_what_the_set_gives(cached):
    plain, first, second = Counted(), cached(), cached()
    for epoch in (0, 1):
        plain.epoch = first.epoch = second.epoch = epoch
        for index in (3, 0, 3, 2):
            frames, label = plain.get(index)
            for clips in (first, second):
                np.testing.assert_array_equal(clips.get(index)[0], frames)
                assert clips.get(index)[1] == label


def test_what_one_has_rendered_no_other_renders(cached):
    first, second = cached(), cached()
    for index in range(4):
        first.get(index)
    first.data.drawn.clear()
    for index in range(4):
        first.get(index)
        second.get(index)
    assert first.data.drawn == []
    assert second.data.drawn == [(0, 0), (0, 1)]  # one of every class, for the file's name


def test_a_half_written_clip_is_rendered_again(cached, tmp_path):
    clips = cached()
    right, _ = clips.get(2)
    (kept,) = arrays(tmp_path, slots=False)
    np.lib.format.open_memmap(kept, mode="r+")[2, 1:] = 0
    again, _ = cached().get(2)
    np.testing.assert_array_equal(again, right)
    (slots,) = arrays(tmp_path, slots=True)
    assert (np.load(slots)["sum"] != 0).tolist() == [False, False, True, False]


def test_a_dead_process_claim_is_not_waited_for(cached, tmp_path):
    clips = cached()
    clips.get(0)
    (path,) = arrays(tmp_path, slots=True)
    np.lib.format.open_memmap(path, mode="r+")["claimed"][1] = 1.0  # in 1970
    clips.data.drawn.clear()
    clips.get(1)
    assert clips.data.drawn == [(0, 1)]


def test_outside_is_refused(cached):
    with pytest.raises(IndexError, match="got index 4"):
        cached().get(4)
