import numpy as np
import pandas as pd
import pytest
from scipy import stats

from maagn.errors import SliceError
from maagn.evaluate.slices import Condition, Slice, rate, worst_slices


@pytest.fixture
def factors() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "clip": range(400),
            "wall": np.tile(["plain", "tiles"], 200),
            "hands": np.repeat([0, 1], 200),
            "speed": rng.permutation(400) / 100.0,
            "looped": np.tile([True, True, False, False], 100),
        }
    )


def test_a_slice_filters_by_value_and_range(factors):
    query = Slice((Condition("wall", ("tiles",)), Condition("speed", low=1.0, high=2.0)))
    rows = query.rows(factors)
    expected = (factors.wall == "tiles") & (factors.speed >= 1) & (factors.speed < 2)
    assert (rows == expected).all()
    assert str(query) == "wall = tiles and 1 ≤ speed < 2"
    assert Slice().rows(factors).all()


def test_a_slice_survives_json_and_is_hashable():
    query = Slice(
        (Condition("wall", ("a", "b")), Condition("hands", (1,)), Condition("x", low=2.0))
    )
    again = Slice.from_json(query.as_json())
    assert again == query
    assert len({query, again}) == 1


@pytest.mark.parametrize(
    "text", ["", "{}x", "[1]", '[{"factor": 3, "values": [1]}]', '[{"values": [1]}]', "null"]
)
def test_text_that_is_no_slice_is_named(text):
    with pytest.raises(SliceError, match="holds no slice"):
        Slice.from_json(text)


def test_conditions_that_do_not_fit_are_named(factors):
    with pytest.raises(SliceError, match="no factor 'colour'"):
        Condition("colour", ("red",)).rows(factors)
    with pytest.raises(SliceError, match="no number"):
        Condition("wall", low=1.0).rows(factors)
    with pytest.raises(SliceError, match="empty"):
        Condition("speed", low=2.0, high=1.0)
    with pytest.raises(SliceError, match="not both"):
        Condition("speed")


def test_the_rate_of_a_slice_equals_fishers_test(factors):
    errors = np.zeros(400, bool)
    errors[:30] = True  # the first 30 of the 200 clips without hands
    errors[200:210] = True
    found = rate(errors, factors, Slice((Condition("hands", (0,)),)))
    assert (found.inside.hits, found.inside.trials) == (30, 200)
    assert (found.outside.hits, found.outside.trials) == (10, 200)
    expected = stats.fisher_exact([[30, 170], [10, 190]], alternative="greater").pvalue
    assert found.p == pytest.approx(expected, rel=1e-9)


def test_a_planted_pair_of_factors_is_found_first(factors):
    rng = np.random.default_rng(1)
    planted = (factors.wall == "tiles") & (factors.speed >= 3)
    errors = rng.random(400) < np.where(planted, 0.9, 0.05)
    first = worst_slices(errors, factors)[0]
    assert {condition.factor for condition in first.slice.conditions} == {"wall", "speed"}
    assert first.q < 1e-6
    assert first.q >= first.p
    rows = first.slice.rows(factors)
    assert (first.inside.hits, first.inside.trials) == (errors[rows].sum(), rows.sum())


def test_chance_alone_gives_no_slice_under_five_percent(factors):
    errors = np.random.default_rng(2).random(400) < 0.2
    assert min(one.q for one in worst_slices(errors, factors)) > 0.05


def test_a_second_factor_that_says_nothing_new_is_left_out(factors):
    factors["surface"] = factors.wall.map({"tiles": "kitchen", "plain": "room"})
    errors = (factors.wall == "tiles").to_numpy()
    found = [str(one.slice) for one in worst_slices(errors, factors, columns=["wall", "surface"])]
    assert sorted(found) == ["surface = kitchen", "surface = room", "wall = plain", "wall = tiles"]


def test_small_slices_are_not_looked_at(factors):
    errors = np.arange(400) < 40
    assert all(one.inside.trials >= 60 for one in worst_slices(errors, factors, minimum=60))
    assert worst_slices(errors, factors, minimum=300) == []


def test_noise_in_fifty_thousand_clips_makes_no_slice_significant():
    rng = np.random.default_rng(3)
    factors = pd.DataFrame({f"f{i}": rng.random(50_000) for i in range(12)})
    for i in range(8):
        factors[f"c{i}"] = rng.integers(0, 5, 50_000)
    slices = worst_slices(rng.random(50_000) < 0.3, factors)
    assert min(slice_rate.q for slice_rate in slices) > 0.05
