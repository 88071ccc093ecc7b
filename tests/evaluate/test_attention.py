"""What is said of masks: sums of squares, costs, verdicts, all worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from maagn.evaluate.attention import Effect as EffectOf
from maagn.evaluate.attention import MaskAudit
from maagn.evaluate.intervals import paired_bootstrap
from maagn.evaluate.mask_statistics import (
    Alive,
    at_bound,
    band,
    cost,
    dead_reason,
    together,
    variance,
)
from maagn.explain.divergence import divergences

LABELS = np.array([0, 0, 1, 1])


def hits(text):
    return np.array([letter == "1" for letter in text])


@pytest.mark.parametrize(
    ("values", "place", "label", "clip"),
    [
        # two places, the same for every clip: 4 clips times (0.2^2 + 0.2^2)
        ([[0.3, 0.7]] * 4, 0.32, 0.0, 0.0),
        # the class alone: each of 8 values is 0.2 from the mean
        ([[0.3, 0.3]] * 2 + [[0.7, 0.7]] * 2, 0.0, 0.32, 0.0),
        # the clip alone: in each class one clip is above and one below
        ([[0.3, 0.3], [0.7, 0.7]] * 2, 0.0, 0.0, 0.32),
        # the clip, and the other way round at the second place
        ([[0.3, 0.7], [0.7, 0.3]] * 2, 0.0, 0.0, 0.32),
    ],
)
def test_variance_is_the_places_the_classes_or_the_clips(values, place, label, clip):
    found = variance(np.array(values, np.float32), LABELS)
    assert (found.place, found.label, found.clip) == pytest.approx((place, label, clip), abs=1e-6)
    assert found.total == pytest.approx(0.32, abs=1e-6)
    assert found.deviation == pytest.approx(0.0 if place else 0.2, abs=1e-6)
    assert sum(found.shares) == pytest.approx(1)


def test_sums_of_squares_add_up_to_the_total_of_anything():
    rng = np.random.default_rng(0)
    values = (
        rng.random((50, 6))
        + rng.random(6)
        + rng.random(7)[labels := rng.integers(7, size=50)][:, None]
    )
    found = variance(values, labels)
    assert found.place + found.label + found.clip == pytest.approx(found.total)
    assert found.total == pytest.approx(values.var() * values.size)
    # class given place is what a one-way analysis of variance has between classes, place by place
    f = stats.f_oneway(*(values[labels == one] for one in range(7))).statistic
    between = [np.square(values[:, i] - values[:, i].mean()).sum() for i in range(6)]
    expected = sum(total * 6 * x / (6 * x + 43) for total, x in zip(between, f, strict=True))
    assert found.label == pytest.approx(expected)


def test_of_one_number_everywhere_all_is_the_places():
    assert variance(np.full((4, 2), 0.5), LABELS).shares == (1, 0, 0)


def test_the_band_is_of_the_mean_over_channels():
    values = np.arange(21)[:, None] / 20 * np.array([[2, 0, 4, 4]])  # two frames, two channels
    found = band(values, frames=2)
    assert found.mean == pytest.approx((0.5, 2.0))
    assert found.low == pytest.approx((0.05, 0.2))
    assert found.high == pytest.approx((0.95, 3.8))


def test_beside_the_band_is_the_average_of_each_channel_of_a_frame():
    clips = np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.3, 0.2, 0.7, 0.4, 0.9, 0.60003]])
    found = band(clips, frames=2)  # of three channels
    assert found.by_channel == ((0.2, 0.2, 0.5), (0.4, 0.7, 0.6))  # to four decimals
    assert found.mean == pytest.approx((0.3, 1.7 / 3), abs=1e-4)
    assert band(clips, frames=6).by_channel == ()  # one number a frame: its mean is all there is


def test_a_place_is_at_a_bound_only_if_every_clip_is_at_the_same():
    values = np.array([[0.005, 0.005, 0.5, 0.995], [0.0, 0.999, 0.995, 1.0]])
    assert at_bound(values, (0.0, 1.0)) == 0.5


def test_several_masks_have_their_sums_of_squares_together_but_masks_and_gates_have_no_scale():
    one = variance(np.array([[0.3, 0.7]] * 4), LABELS)
    other = variance(np.array([[0.3, 0.3], [0.7, 0.7]] * 2), LABELS)
    both = together({"sdm": [one], "sum": [other]})
    assert both.shares == pytest.approx((0.5, 0, 0.5))
    assert both.deviation == pytest.approx(0.2 / 2**0.5)
    assert together({"sdm": [one], "agm": [other]}) is None


def test_a_cost_is_paired():
    live, replaced = hits("1111110000"), hits("0000111000")
    found = cost(live, replaced)
    assert (found.before, found.after) == (0.6, 0.3)
    assert found.points.value == pytest.approx(30)
    assert (found.test.first, found.test.second) == (4, 1)
    # of five clips that differ, four or five, or none or one, on one side: 2 * (1 + 5) / 32
    assert found.test.p == pytest.approx(0.375)
    assert found.points.low < 0 < found.points.high


def test_the_bootstrap_draws_clips_with_both_of_their_answers():
    rng = np.random.default_rng(1)
    live, replaced = rng.random(400) < 0.8, rng.random(400) < 0.7
    drawn = rng.integers(400, size=(20_000, 400))
    gains = (live.astype(int) - replaced)[drawn].mean(axis=1)
    found = paired_bootstrap(live, replaced)
    assert found.value == pytest.approx(live.mean() - replaced.mean())
    assert (found.low, found.high) == pytest.approx(np.quantile(gains, [0.025, 0.975]), abs=0.005)
    assert found == paired_bootstrap(live, replaced)


def test_few_clips_that_do_not_change_have_a_wide_interval_all_the_same():
    few, many = (cost(np.ones(n, bool), np.ones(n, bool)).points for n in (20, 2000))
    assert few.high > 1 > many.high > 0


def test_divergence_is_kullback_and_leiblers():
    live = np.log([[0.5, 0.5], [0.9, 0.1]])
    replaced = np.log([[0.5, 0.5], [0.5, 0.5]])
    expected = [0, 0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5)]
    assert divergences(live, replaced) == pytest.approx(expected)


def audited(live, replaced, *, values=None, alive=None, path=0, channels=1):
    changed = float((live != replaced).mean())
    effect = EffectOf(len(live), cost(live, replaced), None, 0.0, changed)
    values = np.random.default_rng(0).random((len(live), 2)) if values is None else values
    return MaskAudit(
        path=path,
        key="sdm",
        title="res3 SDM",
        channels=channels,
        variance=variance(values, np.zeros(len(live), int)),
        band=None,
        alive=alive,
        dead=dead_reason(alive or Alive()),
        effects={"average": effect},
    )


RIGHT = np.ones(1000, bool)
PLACES = np.tile([0.2, 0.8], (1000, 1)) + np.arange(1000)[:, None] % 2 * 0.06  # 0.09 / 0.0909


def test_that_which_costs_attends():
    found = audited(RIGHT, np.arange(1000) >= 50, alive=Alive(hidden=4, dead_units=(2,)))
    assert found.verdict == "attends"
    points = found.effects["average"].top1.points
    assert found.sentence == (
        "Attends: with its average in place 5.0 % of predictions change, and top-1 falls by 5.0 "
        f"points (cost {points.low:.1f} to {points.high:.1f}); the frame's place alone explains 0 "
        "% of the variance; 1 of 4 hidden units is dead."
    )


def test_the_summary_is_the_verdict_with_what_the_clip_explains_and_what_the_average_costs():
    attends = audited(RIGHT, np.arange(1000) >= 50)
    points = attends.effects["average"].top1.points
    assert attends.clip_share == pytest.approx(1, abs=0.01)
    assert attends.summary == (
        f"attends (clip explains 100 %; its average costs 5.0 points, {points.low:.1f} to "
        f"{points.high:.1f})"
    )
    constant = audited(RIGHT, np.arange(1000) >= 3, values=PLACES, path=None)
    assert constant.summary.startswith(
        "constant (clip explains 1 %; their averages cost 0.3 points, "
    )
    assert replace(constant, variance=None).summary.startswith("constant (their averages cost 0.3")


def test_a_cost_that_rounds_to_nothing_has_no_sign():
    found = audited(np.arange(10_000) >= 1, np.arange(10_000) >= 0)
    assert -0.05 < found.effects["average"].top1.points.value < 0
    assert "its average costs 0.0 points, -0.1 to 0.0)" in found.summary


def test_that_which_surely_costs_less_than_a_point_is_a_constant():
    found = audited(RIGHT, np.arange(1000) >= 3, values=PLACES)
    assert found.verdict == "constant"
    assert found.sentence == (
        "The same for every clip: the frame's place alone explains 99 %; with its average in place "
        "0.3 % of predictions change."
    )
    assert found.effects["average"].top1.points.high < 1


def test_that_which_varies_to_no_effect_is_told_so():
    found = audited(RIGHT, RIGHT, channels=4)
    assert found.verdict == "constant"
    assert found.sentence.startswith(
        "Varies, to no effect: frame and channel alone explain 0 %; with its average in place 0.0 "
        "% of predictions change, and top-1 stays"
    )


@pytest.mark.parametrize(
    ("found", "varies"),
    [
        (audited(RIGHT, RIGHT), True),  # to no effect
        (audited(RIGHT, RIGHT, values=PLACES), False),
        (audited(RIGHT, np.arange(1000) >= 50, values=PLACES), True),  # little, and it attends
        (audited(RIGHT[:40], RIGHT[:40]), True),  # whether that matters is not decided
        (audited(RIGHT[:40], RIGHT[:40], values=PLACES[:40]), False),
        (audited(RIGHT[:40], RIGHT[:40], alive=Alive(hidden=2, dead_units=(0, 1))), False),
    ],
    ids=lambda of: of.verdict if isinstance(of, MaskAudit) else None,
)
def test_a_mask_may_vary_and_yet_not_matter(found, varies):
    assert found.varies == varies


def test_of_few_clips_nothing_is_decided_unless_no_clip_changes_it():
    few = audited(RIGHT[:40], RIGHT[:40])
    assert few.verdict == "not decided at this sample"
    assert few.sentence.startswith("Not decided at this sample of 40 clips: with its average")
    assert audited(RIGHT[:40], RIGHT[:40], values=np.full((40, 2), 0.5)).verdict == "constant"


@pytest.mark.parametrize(
    ("alive", "said"),
    [
        (Alive(hidden=2, dead_units=(0, 1)), "all 2 hidden units of its MLP are zero"),
        (Alive(hidden=2, at_bound=1.0), "within 0.01 of a bound"),
        (Alive(alpha=0.0, one_hot=0.0), "alpha is zero"),
    ],
)
def test_the_dead_are_told_as_dead(alive, said):
    found = audited(RIGHT[:40], RIGHT[:40], alive=alive)
    assert found.verdict == "dead"
    assert found.sentence.startswith("Dead: ")
    assert said in found.sentence


def test_units_that_hardly_ever_wake_are_told_too():
    alive = Alive(hidden=2, awake=(0.0, 0.002), dead_units=(0,))
    found = audited(RIGHT, RIGHT, alive=alive)
    assert found.verdict == "constant"
    assert found.sentence.endswith("; no hidden unit is above zero for more than 0.2 % of clips.")


def test_the_half_dead_are_not_dead():
    assert not dead_reason(Alive(hidden=2, dead_units=(1,), at_bound=0.5))
    assert not dead_reason(Alive(alpha=0.1, one_hot=1.0))
