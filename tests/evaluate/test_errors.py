"""Pairs, cells and slices, on small numbers and on many."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from maagn.errors import SliceError
from maagn.evaluate.metrics import confused_pairs, confusion
from maagn.evaluate.predictions import rows_of
from maagn.evaluate.results import read_results
from maagn.evaluate.slices import Condition, Slice, rate, worst_slices


@pytest.fixture(scope="module")
def tsm():
    return read_results().of("tsm-demo")


def test_pairs_count_what_the_matrix_counts(tsm):
    matrix = confusion(tsm)
    pair_confusions = confused_pairs(tsm)
    assert len(pair_confusions) == 17
    assert [pair.opposite.value for pair in pair_confusions] == sorted(
        (pair.opposite.value for pair in pair_confusions), reverse=True
    )
    assert sum(pair.clips for pair in pair_confusions) == len(tsm)
    for pair in pair_confusions:
        one, other = pair.classes
        (a, b, c), (d, e, f) = pair.counts
        assert (a, b, d, e) == (
            matrix[one, one], matrix[one, other], matrix[other, one], matrix[other, other],
        )  # fmt: skip
        assert (a + b + c, d + e + f) == (60, 60)
        assert pair.opposite.hits == b + d


def test_a_cell_holds_its_clips_surest_first(tsm):
    matrix = confusion(tsm)
    for true, answered in ((6, 20), (26, 27), (3, 3)):
        rows = rows_of(tsm, true, answered)
        assert len(rows) == matrix[true, answered]
        assert (tsm.truth[rows] == true).all()
        assert (tsm.answer[rows] == answered).all()
    assert len(rows_of(tsm, 6)) == 60 - matrix[6, 6]


def test_the_worst_slice_is_the_one_that_was_hidden():
    noise = np.random.default_rng(0)
    n = 1200
    factors = pd.DataFrame(
        {
            "hands": noise.integers(0, 3, n),
            "speed": noise.random(n),
            "wall": noise.choice(["a", "b"], n),
        }
    )
    hidden = (factors["hands"] == 2) & (factors["wall"] == "b")
    errors = noise.random(n) < np.where(hidden, 0.7, 0.1)
    first = worst_slices(errors, factors)[0]
    assert set(first.slice.conditions) == {Condition("hands", (2,)), Condition("wall", ("b",))}
    rows = first.slice.rows(factors)
    assert first.inside.hits == errors[rows].sum()
    table = [
        [errors[rows].sum(), (~errors[rows]).sum()],
        [errors[~rows].sum(), (~errors[~rows]).sum()],
    ]
    assert first.p == pytest.approx(stats.fisher_exact(table, alternative="greater").pvalue)
    assert first.p <= first.q < 1e-6
    asked = rate(errors, factors, first.slice)
    assert (asked.inside, asked.p) == (first.inside, pytest.approx(first.p))


def test_chance_is_not_taken_for_a_slice():
    noise = np.random.default_rng(1)
    factors = pd.DataFrame({f"f{i}": noise.integers(0, 4, 900) for i in range(6)})
    slice_rates = worst_slices(noise.random(900) < 0.2, factors)
    assert min(one.q for one in slice_rates) > 0.05


def test_slices_are_written_read_and_refused():
    query = Slice((Condition("wall", ("a",)), Condition("speed", low=0.2, high=0.5)))
    assert Slice.from_json(query.as_json()) == query
    for wrong in ("", "{}", "[1]", '[{"factor": 3, "values": ["a"]}]'):
        with pytest.raises(SliceError):
            Slice.from_json(wrong)
    with pytest.raises(SliceError, match="no factor"):
        query.rows(pd.DataFrame({"speed": [0.1]}))
    with pytest.raises(SliceError, match="empty"):
        Condition("speed", low=1.0, high=0.5)
