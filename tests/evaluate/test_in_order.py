"""Pairs told by order, counted by hand on a handful of clips."""

import numpy as np
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.in_order import by_order_alone, in_order, sees_no_order
from maagn.evaluate.predictions import Predictions, best
from maagn.evaluate.results import read_results

TRUTH = np.repeat([0, 1, 2], 8)  # 0 and 1 are opposites, 2 has none


def predicted(answer, backwards, *, preferred=None):
    answer = np.asarray(answer)
    logits = np.eye(3, dtype=np.float32)[answer]
    right = answer == TRUTH
    return Predictions(
        model="m",
        split="test",
        labels=("open", "close", "wait"),
        opposites=np.array([1, 0, -1]),
        clip=np.arange(24),
        truth=TRUTH,
        answer=answer,
        top5=best(logits),
        logits=logits,
        preferred=right if preferred is None else np.asarray(preferred),
        reversed_answer=None if backwards is None else np.asarray(backwards),
    )


TURNED = np.array([1, 0, 2])[TRUTH]
BY_ORDER = predicted(TRUTH, TURNED)
WITHOUT = predicted(np.full(24, 0), np.full(24, 0))  # always "open": right on half of the pair


def test_right_both_ways_is_counted_of_the_pairs_clips_alone():
    answer, backwards = TRUTH.copy(), TURNED.copy()
    answer[:3] = 2  # wrong as filmed
    backwards[8:10] = 1  # and here the same backwards
    (pair,) = in_order(predicted(answer, backwards))
    assert pair.classes == (0, 1)
    assert (pair.both_ways.hits, pair.both_ways.trials) == (11, 16)
    assert (pair.within.hits, pair.within.trials) == (13, 16)
    assert not pair.by_order  # 11 of 16: the interval, 44 to 86 %, holds one half
    (sure,) = in_order(BY_ORDER)
    assert sure.both_ways.hits == 16
    assert sure.by_order
    assert not sure.at_chance


def test_who_predicts_all_clips_alike_backwards_sees_no_order():
    assert sees_no_order(WITHOUT)
    assert not sees_no_order(BY_ORDER)
    (pair,) = in_order(WITHOUT)
    assert pair.at_chance
    assert pair.both_ways.hits == 0
    assert not pair.by_order


def test_a_pair_that_frames_give_away_is_not_told_by_order_alone():
    assert by_order_alone([BY_ORDER], without_order=[WITHOUT]) == [(0, 1)]
    assert by_order_alone([BY_ORDER], without_order=[]) == [(0, 1)]
    assert by_order_alone([WITHOUT], without_order=[]) == []
    given_away = predicted(TRUTH, TRUTH)  # right without order
    assert sees_no_order(given_away)
    assert by_order_alone([BY_ORDER], without_order=[given_away]) == []


def test_a_run_in_one_direction_says_what_to_run():
    for ask in (in_order, sees_no_order):
        with pytest.raises(ResultsError, match="--reversed"):
            ask(predicted(TRUTH, None))


def test_of_the_demonstration_networks_tsn_alone_sees_no_order():
    results = read_results()
    assert [one.model for one in results if sees_no_order(one)] == ["tsn-demo"]
    tsn = in_order(results.of("tsn-demo"))
    assert {pair.both_ways.hits for pair in tsn} == {0}
    assert all(pair.at_chance for pair in tsn)
    assert sum(pair.by_order for pair in in_order(results.of("maagn-demo"))) > 12
