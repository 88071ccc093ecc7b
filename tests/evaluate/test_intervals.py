import numpy as np
import pytest

from maagn.evaluate.intervals import over_seeds, paired_difference, wilson


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (0, 0, 0.0, 1.0)],
)  # Newcombe 1998, by hand
def test_wilson_interval(hits, trials, low, high):
    assert wilson(hits, trials) == pytest.approx((low, high), abs=5e-4)


def clips(both: int, first: int, second: int, neither: int):
    rows = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return np.array(rows, bool).T


def test_paired_difference_turns_with_its_arguments():
    first, second = clips(36, 12, 2, 0)
    one, other = paired_difference(first, second), paired_difference(second, first)
    assert one.value == pytest.approx(0.2)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert 0 < one.low < 0.2 < one.high < 0.4


def test_paired_difference_covers_the_truth():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):  # right together 50 %, the first alone 15 %, the second alone 5 %
        kind = rng.choice(4, size=60, p=[0.5, 0.15, 0.05, 0.3])
        estimate = paired_difference((kind == 0) | (kind == 1), (kind == 0) | (kind == 2))
        hits += estimate.low <= 0.1 <= estimate.high
    assert 0.92 <= hits / 400 <= 0.99


def test_mean_over_three_seeds_by_hand():
    estimate = over_seeds([0.6, 0.7, 0.8])  # deviation 0.1, t of two degrees of freedom 4.303
    assert estimate.value == pytest.approx(0.7)
    assert estimate.high - estimate.value == pytest.approx(4.303 * 0.1 / 3**0.5, abs=1e-4)
    assert np.isnan(over_seeds([0.6]).low)
