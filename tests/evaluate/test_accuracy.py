import numpy as np
import pytest

from maagn.evaluate.accuracy import count, wilson

OPPOSITE = np.array([1, 0, 3, 2])


def one_hot(*answers: int) -> np.ndarray:
    return np.eye(4)[list(answers)]


def test_counts_worked_out_by_hand():
    truth = np.array([0, 1, 2, 3, 0])
    forward = one_hot(0, 0, 2, 3, 2)  # right, opposite, right, right, another pair
    backward = one_hot(1, 1, 2, 2, 3)  # of the three right: flipped, not, flipped
    counted = count("m", "test", forward, backward, truth, OPPOSITE)
    assert counted.top1 == pytest.approx(3 / 5)
    assert counted.opposite_confusion == pytest.approx(1 / 5)
    assert counted.within_pair == pytest.approx(3 / 5)  # a tie is not a win
    assert counted.reversal_flips == pytest.approx(2 / 3)
    assert counted.low < 3 / 5 < counted.high


def test_no_right_answer_leaves_flips_unknown():
    counted = count("m", "test", one_hot(1), one_hot(0), np.array([0]), OPPOSITE)
    assert np.isnan(counted.reversal_flips)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0)],  # Newcombe 1998, by hand
)
def test_wilson_interval(hits, trials, low, high):
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-4)
