import numpy as np
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.compare import won
from tests.evaluate.made import CLASSES, answered

TRUTH = [0, 0, 0, 0, 1]
FIRST = answered(TRUTH, [0, 1, 0, 3, 1])
SECOND = answered(TRUTH, [2, 0, 0, 2, 0], model="other")


def test_every_clip_of_the_class_is_in_one_list():
    found = won(FIRST, SECOND, label=0)
    keys = [
        [(one.label, one.index) for one in part]
        for part in (found.won, found.lost, found.both_right, found.both_wrong)
    ]
    assert keys == [[(0, 0)], [(0, 1)], [(0, 2)], [(0, 3)]]
    assert (found.won[0].first, found.won[0].second) == (0, 2)
    assert (found.both_wrong[0].first, found.both_wrong[0].second) == (3, 2)


def test_probabilities_are_those_of_the_answers():
    one = won(FIRST, SECOND, label=1).won[0]
    expected = np.e / (np.e + CLASSES - 1)  # a logit of one, the others zero
    assert one.first_probability == pytest.approx(expected)
    assert one.second_probability == pytest.approx(expected)


def test_lists_follow_the_clips_own_order():
    turned = np.arange(len(TRUTH))[::-1]
    found = won(FIRST.only(turned), FIRST.only(turned), label=0)
    assert [one.index for one in found.both_right] == [0, 2]


def test_other_clips_are_refused():
    with pytest.raises(ResultsError, match="not asked about the same clips"):
        won(FIRST, SECOND.only(slice(1, None)), label=0)
