"""Where shots begin, in passing, is where it is in the whole."""

import cv2
import numpy as np
import pytest

from maagn.data.measure import cuts
from maagn.explain.shots import ShotFinder


def frames(lengths, *, seed=0):
    rng = np.random.default_rng(seed)
    for length in lengths:
        blots = rng.integers(0, 255, (3, 4, 3)).astype(np.uint8)
        ground = cv2.resize(blots, (40, 30), interpolation=cv2.INTER_CUBIC)
        for place in range(length):
            yield np.roll(ground, place // 8, axis=1)


LENGTHS = [100, 151, 3, 40, 212, 7, 30, 260, 90]


def test_shots_are_those_of_all_frames_together():
    all_frames = list(frames(LENGTHS))
    expected = [place / 10 for place in cuts(np.stack(all_frames))]
    assert len(expected) >= len(LENGTHS) - 3
    finder = ShotFinder()
    for place, frame in enumerate(all_frames):
        finder.see(place / 10, frame)
    assert finder.cuts() == pytest.approx(expected)
    assert finder.cuts() == pytest.approx(expected)  # asking changes nothing


def test_a_film_without_cuts_has_none():
    finder = ShotFinder()
    assert finder.cuts() == ()
    for place, frame in enumerate(frames([600])):
        finder.see(place / 30, frame)
    assert finder.cuts() == ()
