"""Tiny networks whose answers about any order can be worked out by hand."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest

from maagn.explain.arrow import (
    EXHAUSTIVE,
    SHUFFLES,
    arrow,
    leads,
    shuffled,
    shuffles,
    smallest_set,
    swap_costs,
    turned_around,
)
from maagn.explain.orders import Orders, ignores_order
from maagn.inference import predict, prepare
from maagn.labels import ClassPairs, ClassRelations, Opposites
from maagn.types import ClipTensor
from maagn.video.transform import from_frames
from tests.tiny import BASELINES, SPEC, spec, square_frames, tiny_clip, tiny_model


def inversions(order):
    return sum(one > other for one, other in combinations(order, 2))


def slope(values, *, ahead=0.0):
    """A network that sums place times value, plus a number: logits +s, -s, and of a third class."""
    values = np.asarray(values, np.float64)
    places = np.arange(len(values)) - (len(values) - 1) / 2

    def ask(orders):
        sums = values[np.asarray(orders)] @ places + ahead
        return np.stack([sums, -sums, np.full(len(sums), -1e3)], axis=1)

    return ask


LEAD = leads(0, 1)


def test_frames_are_turned_around_among_themselves_and_the_others_stay():
    assert turned_around(6, (1, 4)) == (0, 4, 2, 3, 1, 5)
    assert turned_around(6, (5, 0, 2, 3)) == (5, 1, 3, 2, 4, 0)
    assert turned_around(4, range(4)) == (3, 2, 1, 0)


def test_the_two_frames_that_carry_the_slope():
    # 0, 1, 0, 0, 5, 0: only frames 1 and 4 are ahead of each other by what is worth turning.
    values = [0, 1, 0, 0, 5, 0]
    found = smallest_set(slope(values), 6, LEAD)
    # Places are -2.5 ... 2.5. As filmed: 1 * -1.5 + 5 * 1.5 = 6. Frame 4 in place 0: -12.5 - 1.5.
    assert LEAD(slope(values)([tuple(range(6))])).tolist() == [12.0]
    assert found.frames == (0, 4)
    assert LEAD(slope(values)([found.order])).tolist() == [-28.0]
    assert found.exact
    assert found.tried == 15


def test_where_two_frames_are_not_enough_four_are_found_and_said_to_be_the_fewest():
    # The sum is 42 + 10. Exchanging frames i and j takes (j - i)^2 of it: 49 at most of two, and
    # 49 + 25 of four.
    found = smallest_set(slope(range(8), ahead=10), 8, LEAD)
    assert found.frames == (0, 1, 6, 7)
    assert found.exact
    assert found.tried == 28 + 70


def test_a_network_that_no_order_turns_has_no_set_and_every_one_was_tried():
    found = smallest_set(lambda orders: np.tile([2.0, 1.0], (len(orders), 1)), 8, LEAD)
    assert (found.frames, found.order) == ((), tuple(range(8)))
    assert found.exact
    assert found.tried == 28 + 70 + 28 + 1


def test_of_many_frames_some_sets_are_tried_and_that_is_said():
    def needs_six(orders):
        """Turned where at least six of sixteen frames stand elsewhere."""
        moved = (np.asarray(orders) != np.arange(16)).sum(axis=1)
        return np.stack([5.5 - moved, np.zeros(len(moved))], axis=1)

    found = smallest_set(needs_six, 16, LEAD)
    assert len(found.frames) == 6
    assert not found.exact
    assert found.tried == 120 + 91 + 66
    assert EXHAUSTIVE >= 120

    def needs_four(orders):
        return needs_six(orders) - [[2, 0]]

    assert smallest_set(needs_four, 16, LEAD).exact  # all of two were tried, and none turns it


def test_blocks_of_neighbours_stand_for_the_frames_of_a_long_clip():
    found = smallest_set(slope(range(64)), 64, LEAD)
    assert len(found.frames) % 8 == 0
    assert not found.exact
    assert LEAD(slope(range(64))([found.order])) < 0


def test_without_an_opposite_any_other_class_takes_the_lead():
    logits = np.array([[3.0, 1.0, 2.0], [0.0, 1.0, 2.0]])
    assert leads(0, None)(logits).tolist() == [1.0, -2.0]
    assert leads(0, 1)(logits).tolist() == [2.0, -1.0]


def test_what_each_exchange_of_neighbours_costs():
    # Exchanging neighbours moves each by one place: the sum falls by their difference, the lead by
    # twice that.
    costs = swap_costs(slope([0, 1, 0, 5]), 4, LEAD)
    assert costs.tolist() == [2.0, -2.0, 10.0]


def test_orders_of_one_strength_are_drawn_evenly():
    rng = np.random.default_rng(0)
    drawn = Counter(shuffled(4, 2, rng=rng) for _ in range(5000))
    wanted = [order for order in permutations(range(4)) if inversions(order) == 2]
    assert sorted(drawn) == wanted
    assert len(wanted) == 5
    assert all(900 < count < 1100 for count in drawn.values())
    assert shuffled(5, 0, rng=rng) == (0, 1, 2, 3, 4)
    assert shuffled(5, 10, rng=rng) == (4, 3, 2, 1, 0)
    assert {inversions(shuffled(64, 700, rng=rng)) for _ in range(3)} == {700}


NUMBERS = (0, 1, 2, 4, 7, 10, 14, 18, 21, 24, 28)  # of the 28 pairs of eight frames


def test_shuffles_grow_from_the_order_of_filming_to_its_reversal():
    asked = []

    def ask(orders):
        asked.extend(orders)
        return slope(range(8))(orders)

    found = shuffles(ask, 8, 0, 1)
    assert (found.strengths * 28).round(9).tolist() == list(NUMBERS)
    assert found.trials.tolist() == [1, *[SHUFFLES] * 9, 1]
    assert found.kept[0] == found.opposite[-1] == 1
    assert found.kept[-1] == 0
    # Sum and reversal are each other's negative: of 28 pairs 14 are the middle.
    assert found.breaks_at in (0.5, 18 / 28)
    by_number = Counter(map(inversions, asked))
    assert by_number == dict(zip(NUMBERS, found.trials.tolist(), strict=True))
    again = shuffles(slope(range(8)), 8, 0, 1)
    assert again.kept.tolist() == found.kept.tolist()


def test_the_breaking_point_is_the_first_strength_under_one_half():
    found = shuffles(slope(range(8)), 8, 0, 1)
    half = replace(
        found,
        trials=np.array([1, 4, 4]),
        kept=np.array([1, 2, 1]),
        opposite=np.zeros(3, int),
        strengths=np.array([0.0, 0.5, 1.0]),
    )
    assert half.breaks_at == 1.0
    assert replace(half, kept=np.array([1, 2, 2])).breaks_at is None


@pytest.fixture
def models(tmp_path):
    specs = {"maagn": SPEC, **BASELINES, "tpn": replace(SPEC, arch="tpn", rates=(1, 1, 1))}
    return {name: tiny_model(tmp_path, spec=one) for name, one in specs.items()}


def test_tsn_is_zero_to_the_last_bit(models):
    model = models["tsn"]
    assert ignores_order(model)
    assert not any(ignores_order(models[name]) for name in ("tsm", "tpn", "maagn"))
    inputs = prepare(model, tiny_clip())
    found = arrow(model, inputs)
    assert found.directions.divergence == 0.0
    assert found.directions.change == 0.0
    assert (found.swaps == 0.0).all()
    assert found.smallest.frames == ()
    assert found.smallest.exact
    assert found.turned is None
    assert (found.shuffles.kept == found.shuffles.trials).all()
    assert found.shuffles.breaks_at is None
    rng = np.random.default_rng(0)
    orders = [tuple(rng.permutation(8).tolist()) for _ in range(40)]
    assert len(np.unique(Orders(model, inputs)(orders), axis=0)) == 1
    np.testing.assert_allclose(
        found.directions.forward.logits, predict(model, tiny_clip()).logits, atol=1e-5
    )


@pytest.mark.parametrize("name", ["maagn", "tsm", "tsn", "tpn"])
def test_any_order_is_what_the_network_says_of_those_frames(models, name):
    model = models[name]
    inputs = prepare(model, tiny_clip())
    orders = [(0, 1, 2, 3, 4, 5, 6, 7), (7, 6, 5, 4, 3, 2, 1, 0), (3, 1, 2, 0, 4, 7, 6, 5)]
    found = Orders(model, inputs)(orders)
    for order, logits in zip(orders, found, strict=True):
        shown = replace(inputs, data=inputs.data[:, :, list(order)])
        np.testing.assert_allclose(logits, logits_of(model, shown), atol=2e-5)
    if name != "tsn":
        assert abs(found[0] - found[1]).max() > 1e-3


def logits_of(model, inputs: ClipTensor):
    return model.network(inputs.data).detach().numpy()[0]


@pytest.mark.parametrize("name", ["maagn", "tsm"])
def test_a_clip_that_is_the_same_backwards_has_no_arrow(models, name):
    there = square_frames(4)
    palindrome = from_frames(np.concatenate([there, there[::-1]]), seconds=np.arange(8) / 10)
    model = models[name]
    found = arrow(model, prepare(model, palindrome), with_shuffles=False)
    assert found.directions.divergence == 0.0
    assert not found.flips
    assert found.shuffles is None


def test_no_order_is_computed_twice_and_whoever_waits_can_stop_it(models):
    model, told = models["tsm"], []
    ask = Orders(model, prepare(model, tiny_clip()), step=told.append)
    own = tuple(range(8))
    ask([own, own[::-1], own])
    ask([own])
    assert told == [0]
    ask([turned_around(8, pair) for pair in combinations(range(8), 2)])
    assert told == [0, 2, 18]

    def stop(_computed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        arrow(model, prepare(model, tiny_clip()), step=stop)


def test_odds_and_flip_of_the_answer_and_its_opposite(models):
    model = models["maagn"]
    found = arrow(model, prepare(model, tiny_clip()), with_shuffles=False)
    forward, backward = found.directions.forward, found.directions.backward
    assert found.answer == forward.top(1)[0][0]
    assert found.opposite == model.relations.opposite_of(found.answer)
    if found.opposite is None:
        assert found.log_odds is None
        assert not found.flips
    other = next(label for label in model.labels if label != found.answer)
    pairs = ClassPairs((Opposites(other, found.answer, "time-reversal"),))
    relations = ClassRelations.of(model.labels, pairs)
    given = arrow(model, prepare(model, tiny_clip()), relations=relations, with_shuffles=False)
    one, two = model.labels.index(found.answer), model.labels.index(other)
    assert given.opposite == other
    assert given.log_odds == pytest.approx(
        [forward.logits[one] - forward.logits[two], backward.logits[one] - backward.logits[two]]
    )
    assert given.flips == (backward.best == two)


def test_sixteen_frames_are_searched(tmp_path):
    model = tiny_model(tmp_path, spec=spec("tsm", classes=6, frames=16, stem_pool=False))
    found = arrow(model, prepare(model, tiny_clip(20)), with_shuffles=False)
    assert len(found.swaps) == 15
