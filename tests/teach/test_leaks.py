"""A planted leak is found, and where there is none nothing is said."""

import numpy as np
import pytest

from maagn.teach.leaks import leaks
from maagn.teach.left_out import HeadInputs

LABELS, GROUPS = np.arange(20) % 2, np.arange(20)


def pictures(*, background=False, first=False, seed=0):
    noise = np.random.default_rng(seed)
    clips = noise.integers(0, 200, (20, 8, 16, 16, 3)).astype(np.uint8)
    if background:
        clips[LABELS == 1, :, :4] = 250
    if first:
        clips[LABELS == 1, 0] = 250
        clips[LABELS == 0, -1] = 250  # on average the same
    return clips


def told(clips, tsn=None):
    found = leaks(clips, tsn, labels=LABELS, groups=GROUPS)
    return {leak.reader: leak.tells for leak in found}


def test_one_background_a_class_is_a_leak():
    assert told(pictures(background=True)) == {"first frame": True, "mean frame": True}


def test_a_first_picture_of_its_own_is_one_of_the_first_frame_alone():
    assert told(pictures(first=True)) == {"first frame": True, "mean frame": False}


@pytest.mark.parametrize("seed", range(3))
def test_noise_tells_nothing(seed):
    assert told(pictures(seed=seed)) == {"first frame": False, "mean frame": False}


def test_tsn_reads_the_clips_as_they_were_filmed():
    values = np.random.default_rng(0).normal(size=(20, 2, 6)).astype(np.float32)
    values[:, 0, 0] += 8 * LABELS
    tsn = HeadInputs(values, LABELS, GROUPS, np.array([1, 0]))
    assert told(pictures(), tsn)["TSN"]
    still = HeadInputs(values * 0, LABELS, GROUPS, np.array([1, 0]))
    assert not told(pictures(), still)["TSN"]


def test_chance_is_the_share_of_the_largest_class():
    labels = np.array([0] * 15 + [1] * 5)
    (first, _) = leaks(pictures(), None, labels=labels, groups=GROUPS)
    assert first.chance == 0.75
