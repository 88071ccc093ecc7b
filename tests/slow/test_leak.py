import numpy as np
import pytest

from maagn.evaluate.leak import leaks, view

FORWARD = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize("seen", ["mean frame", "sorted frames"])
def test_sets_of_frames_know_no_order(seen):
    np.testing.assert_array_equal(view(FORWARD, seen), view(FORWARD[:, ::-1], seen))


def test_a_leak_would_be_found(monkeypatch):
    import maagn.evaluate.leak as leak

    def brighter(pair, split, *, scenes, frames, side, looped):
        del pair, split, looped
        rng = np.random.default_rng(scenes)
        clips = rng.integers(0, 200, (2 * scenes, frames, side, side, 3))
        clips[1::2] += 50
        return clips.astype(np.uint8), np.arange(2 * scenes) % 2

    monkeypatch.setattr(leak, "_clips", brighter)
    assert {leak.within_pair.low > 0.5 for leak in leaks(pairs=[0], side=4)} == {True}


@pytest.fixture(scope="module")
def loops():
    found = leaks(train_scenes=20, test_scenes=12, frames=4, looped=True)
    return {leak.seen: leak.within_pair for leak in found}


@pytest.mark.parametrize("seen", ["mean frame", "sorted frames"])
def test_no_set_of_frames_tells_opposites_apart(loops, seen):
    part = loops[seen]
    assert part.hits * 2 == part.trials  # each scene is right once and wrong once


def test_the_first_frame_of_a_loop_does_not_tell_opposites_apart(loops):
    part = loops["first frame"]
    assert part.low <= 0.5 <= part.high


def test_what_is_about_to_be_opened_is_closed():
    first = leaks(train_scenes=30, test_scenes=20, frames=4, pairs=[3, 8, 15, 16], looped=False)[0]
    assert first.seen == "first frame"
    assert first.within_pair.low > 0.5
