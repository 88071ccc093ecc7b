import numpy as np
import pandas as pd
import pytest
from scipy import stats

from maagn.errors import SliceError
from maagn.evaluate.slices import Condition, Slice, least_clips, rate, worst_slices


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
        (
            Condition("wall", ("a", "b")),
            Condition("hands", (1,)),
            Condition("rate", (12.5,)),
            Condition("x", low=2.0),
        )
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


def small_set(seed: int, clips: int = 60) -> pd.DataFrame:
    """Factors as files have them: numbers, words, true and false, ids, and values that lack."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "duration": np.where(rng.random(clips) < 0.2, np.nan, rng.gamma(3, 1, clips)),
            "motion": rng.random(clips) / 10,
            "frame rate": rng.choice([12.5, 25.0, 30.0], clips),
            "folder": rng.choice(["in", "out", "garden"], clips),
            "id": [f"clip {number}" for number in range(clips)],
            "indoors": pd.array(rng.choice([True, False, None], clips), dtype="boolean"),
            "place": pd.array(rng.choice(["hall", "kitchen", None], clips), dtype="string"),
            "people": pd.array(rng.choice([1, 2, None], clips), dtype="Int64"),
            "nothing": pd.array([None] * clips, dtype="string"),
        }
    )


def test_a_planted_slice_of_a_small_set_is_found_first():
    factors = small_set(0)
    planted = (factors.indoors == True).fillna(False).to_numpy(bool)  # noqa: E712
    errors = np.random.default_rng(1).random(60) < np.where(planted, 0.9, 0.1)
    first = worst_slices(errors, factors)[0]
    assert first.slice.conditions[0] == Condition("indoors", (True,))
    assert len(first.slice.conditions) == 1
    assert (first.inside.trials, first.q < 0.01) == (planted.sum(), True)


def test_a_planted_range_of_a_small_set_is_found_first_in_words():
    factors = small_set(0)
    planted = (factors.motion < factors.motion.quantile(0.25)).to_numpy()
    errors = np.random.default_rng(1).random(60) < np.where(planted, 0.95, 0.05)
    first = worst_slices(errors, factors)[0]
    high = factors.motion.quantile(0.25)
    assert str(first.slice) == f"motion < {high:.3g} of the diagonal a second"
    assert first.q < 0.01


def test_shuffled_errors_give_no_slice_under_five_percent():
    errors = np.arange(60) < 15
    found = [
        min(one.q for one in worst_slices(np.random.default_rng(seed).permutation(errors),
                                          small_set(seed)))
        for seed in range(100)
    ]  # fmt: skip
    assert sum(q < 0.05 for q in found) <= 5


def test_a_clip_without_a_value_is_in_no_slice_of_the_factor():
    factors = small_set(0)
    errors = np.arange(60) % 3 == 0
    for one in worst_slices(errors, factors):
        rows = one.slice.rows(factors)
        names = [condition.factor for condition in one.slice.conditions]
        assert not factors[rows][names].isna().any(axis=None)
        assert (one.inside.trials, one.inside.hits) == (rows.sum(), errors[rows].sum())
        assert (one.outside.trials, one.outside.hits) == ((~rows).sum(), errors[~rows].sum())
        again = rate(errors, factors, one.slice)
        assert (again.inside, again.p) == (one.inside, pytest.approx(one.p))


def test_a_value_a_clip_and_no_value_at_all_say_nothing():
    looked = {
        condition.factor
        for one in worst_slices(np.arange(60) % 3 == 0, small_set(0))
        for condition in one.slice.conditions
    }
    assert looked.isdisjoint({"id", "nothing"})
    assert {"duration", "folder", "indoors"} <= looked
    assert worst_slices(np.arange(60) < 9, small_set(0)[["id", "nothing"]]) == []


def test_a_column_of_fifty_thousand_names_costs_nothing():
    factors = pd.DataFrame({name: [f"{name} {i}" for i in range(50_000)] for name in "abcd"})
    assert worst_slices(np.arange(50_000) % 3 == 0, factors) == []


@pytest.mark.parametrize(("clips", "least"), [(12, 5), (60, 5), (200, 10), (600, 30), (9000, 30)])
def test_slices_of_small_sets_may_be_smaller(clips, least):
    assert least_clips(clips) == least


def test_slices_in_words():
    assert str(Condition("duration", low=3.2)) == "duration ≥ 3.2 s"
    assert str(Condition("frame rate", (12.5, 30.0))) == "frame rate = 12.5 or 30 frames a second"
    assert str(Condition("skin", low=48.112, high=48.134)) == "48.11 ≤ skin < 48.13"
    assert str(Condition("cuts", low=0.0, high=2.0)) == "0 ≤ cuts < 2"
