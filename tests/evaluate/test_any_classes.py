"""What is counted of classes that are not the benchmark's, and of classes without an opposite."""

import numpy as np
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.compare import by_pair, gains, overall
from maagn.evaluate.metrics import confused_pairs, confusion, count
from maagn.evaluate.predictions import best, pairs_of, prefers
from maagn.evaluate.results import read_results
from tests.evaluate.made import answered

TWO = {"labels": ("walking in", "walking out"), "opposites": [1, 0]}
THREE = {"labels": ("opening", "closing", "waiting"), "opposites": [1, 0, -1]}
# waiting, which has no opposite: right, then taken for closing; reversed as before
TRUTH, ANSWER, TURNED = [0, 1, 2, 2], [0, 0, 2, 1], [1, 0, 2, 1]


def test_two_classes_by_hand():
    # right, opposite, right, right, opposite; of the three right, two flip
    counted = count(answered([0, 0, 0, 1, 1], [0, 1, 0, 1, 0], [1, 1, 0, 0, 0], **TWO))
    assert (counted.top1.hits, counted.top1.trials) == (3, 5)
    assert (counted.top5.hits, counted.top5.trials) == (5, 5)
    assert (counted.within_pair.hits, counted.within_pair.trials) == (3, 5)
    assert (counted.opposite_confusion.hits, counted.opposite_confusion.trials) == (2, 5)
    assert (counted.reversal_flips.hits, counted.reversal_flips.trials) == (2, 3)


def test_clips_without_an_opposite_count_outside_of_pairs_alone():
    predictions = answered(TRUTH, ANSWER, TURNED, **THREE)
    assert predictions.preferred.tolist() == [True, False, False, False]
    counted = count(predictions)
    assert (counted.top1.hits, counted.top1.trials) == (2, 4)
    assert (counted.within_pair.hits, counted.within_pair.trials) == (1, 2)
    assert (counted.opposite_confusion.hits, counted.opposite_confusion.trials) == (1, 2)
    assert (counted.reversal_flips.hits, counted.reversal_flips.trials) == (1, 1)
    assert confusion(predictions).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    (pair,) = confused_pairs(predictions)
    assert (pair.classes, pair.counts) == ((0, 1), ((1, 0, 0), (1, 0, 0)))
    assert (pair.opposite.hits, pair.preferred.hits, pair.clips) == (1, 1, 2)


def test_two_networks_of_three_classes_by_hand():
    first = answered(TRUTH, TRUTH, **THREE)
    second = answered(TRUTH, ANSWER, model="other", **THREE)
    whole = overall(first, second)
    assert (whole.labels, whole.first.trials) == (THREE["labels"], 4)
    assert (whole.test.first, whole.test.second) == (2, 0)
    by_class = [one.labels for one in gains(first, second)]
    assert by_class == [("closing",), ("waiting",), ("opening",)]
    (pair,) = by_pair(first, second)
    assert (pair.labels, pair.first.trials) == (("opening", "closing"), 2)
    assert pair.gain.value == 0.5


def test_other_classes_are_no_comparison():
    with pytest.raises(ResultsError, match="not asked about the same clips"):
        overall(answered([0], [0], **TWO), answered([0], [0], **TWO | {"labels": ("up", "down")}))


def test_without_any_opposite_there_are_no_pairs():
    predictions = answered([0, 1], [0, 1], labels=("one", "another"), opposites=[-1, -1])
    assert confused_pairs(predictions) == by_pair(predictions, predictions) == []
    counted = count(predictions)
    assert counted.top1.value == 1
    for share in (counted.within_pair, counted.opposite_confusion, counted.reversal_flips):
        assert np.isnan(share.value)
        assert share.trials == 0


@pytest.mark.parametrize(
    ("opposites", "pairs"),
    [([], ()), ([-1], ()), ([1, 0], ((0, 1),)), ([3, -1, 4, 0, 2], ((0, 3), (2, 4)))],
)
def test_a_pair_is_named_once(opposites, pairs):
    assert pairs_of(np.array(opposites, np.int64)) == pairs


def test_nothing_is_preferred_to_no_opposite():
    logits = np.array([[0, 2, 1], [0, 1, 2]], np.float32)
    assert prefers(logits, np.array([1, 1]), np.array([-1, -1, -1])).tolist() == [False, False]
    assert prefers(logits, np.array([1, 1]), np.array([-1, 2, 1])).tolist() == [True, False]


@pytest.mark.parametrize(("classes", "kept"), [(1, 1), (2, 2), (5, 5), (6, 5)])
def test_all_of_few_classes_are_kept_best_first(classes, kept):
    top = best(np.arange(2 * classes, dtype=np.float32).reshape(2, -1))
    assert top.tolist() == [list(range(classes))[::-1][:kept]] * 2


# network: right, among five, within pair, opposite, flips of the right; calibration error
SHIPPED = {
    "maagn-demo": ((1787, 2034, 1981, 51, 1699), 0.06643182088136543),
    "tpn-demo": ((1823, 2037, 1984, 49, 1762), 0.05555802367318722),
    "tsm-demo": ((1846, 2039, 1993, 40, 1781), 0.09883322433618849),
    "tsn-demo": ((624, 1762, 983, 674, 0), 0.0362302245474094),
}


def test_the_shipped_file_of_the_earlier_format_gives_the_figures_it_gave():
    found = {}
    for predictions in read_results():
        one = count(predictions)
        shares = (one.top1, one.top5, one.within_pair, one.opposite_confusion, one.reversal_flips)
        found[one.model] = (tuple(share.hits for share in shares), one.calibration_error)
        assert [share.trials for share in shares] == [2040] * 4 + [one.top1.hits]
    assert found == {
        name: (hits, pytest.approx(error, abs=1e-9)) for name, (hits, error) in SHIPPED.items()
    }
