import numpy as np
import pytest

from maagn.evaluate.metrics import calibration_error, confusion, count
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS, opposite_numbers
from tests.evaluate.made import answered


def test_counts_worked_out_by_hand():
    # right, opposite instead, right, right, another pair
    predictions = answered([0, 1, 2, 3, 0], [0, 0, 2, 3, 2], turned=[1, 1, 2, 2, 3])
    counted = count(predictions)
    assert counted.top1.value == pytest.approx(3 / 5)
    assert counted.opposite_confusion.value == pytest.approx(1 / 5)
    assert counted.within_pair.value == pytest.approx(3 / 5)  # a tie is not a win
    assert counted.reversal_flips.value == pytest.approx(2 / 3)  # of the three right
    assert counted.top5.value == 1  # ties go to the first classes
    assert counted.top1.low < 3 / 5 < counted.top1.high


def test_no_right_answer_leaves_flips_unknown():
    flips = count(answered([0], [1])).reversal_flips
    assert np.isnan(flips.value)
    assert (flips.low, flips.high, flips.trials) == (0, 1, 0)


def test_opposites_are_the_benchmarks_own():
    opposite = opposite_numbers()
    for forward, backward in OPPOSITES_PAIRS:
        assert OPPOSITES_LABELS[opposite[OPPOSITES_LABELS.index(forward)]] == backward
    assert (opposite[opposite] == np.arange(len(opposite))).all()


def test_confusion_has_a_row_a_true_class():
    counts = confusion(answered([0, 0, 1], [1, 1, 1]))
    assert (counts[0, 1], counts[1, 1], counts.sum()) == (2, 1, 3)


def test_calibration_by_hand():
    sure = np.array([[50.0, 0.0], [50.0, 0.0]])
    assert calibration_error(sure, np.array([0, 1])) == pytest.approx(0.5)
    torn = np.log([[0.75, 0.25]] * 4)  # right three times of four at 75 %
    assert calibration_error(torn, np.array([0, 0, 0, 1])) == pytest.approx(0, abs=1e-9)
