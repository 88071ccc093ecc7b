"""Is one model better than another on the same clips, at what, and on which clips?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool
from scipy import stats
from scipy.special import softmax

from maagn.errors import ResultsError
from maagn.evaluate.intervals import Estimate, Share, paired_difference, share
from maagn.evaluate.predictions import Predictions, pairs_of


@dataclass(frozen=True)
class McNemar:
    """The exact test of McNemar (1947): do two models err equally often on the same clips?

    Attributes:
        first: clips that only the first model has right.
        second: clips that only the second has right.
        p: probability of a split at least as uneven, were they equally good; both sides.
    """

    first: int
    second: int
    p: float


@dataclass(frozen=True)
class Comparison:
    """Two models on the same clips of some classes.

    Attributes:
        labels: the classes.
        first: top-1 of the first model.
        second: top-1 of the second.
        gain: first minus second.
        test: exact McNemar.
    """

    labels: tuple[str, ...]
    first: Share
    second: Share
    gain: Estimate
    test: McNemar


def mcnemar(first: Bool[np.ndarray, " n"], second: Bool[np.ndarray, " n"]) -> McNemar:
    """Binomial test of the clips that one model alone has right."""
    one, other = int((first & ~second).sum()), int((~first & second).sum())
    p = float(stats.binomtest(one, one + other).pvalue) if one + other else 1.0
    return McNemar(one, other, p)


def overall(first: Predictions, second: Predictions) -> Comparison:
    """All clips together.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    return _compare(first, second, tuple(range(len(first.labels))))


def by_pair(first: Predictions, second: Predictions) -> list[Comparison]:
    """One comparison per pair of opposites, in the order of the classes.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    return [_compare(first, second, pair) for pair in pairs_of(first.opposites)]


def gains(first: Predictions, second: Predictions) -> list[Comparison]:
    """One comparison per class, greatest gain of the first model first (Fig. 8 shows ten).

    Raises:
        ResultsError: the two did not see the same clips.
    """
    found = [_compare(first, second, (number,)) for number in range(len(first.labels))]
    return sorted((one for one in found if one.first.trials), key=lambda one: -one.gain.value)


def check_same_clips(first: Predictions, second: Predictions) -> None:
    """Only answers about the same clips, in the same order, can be set side by side.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    same = len(first) == len(second) and bool(
        ((first.clip == second.clip) & (first.truth == second.truth)).all()
    )
    if not same or (first.split, first.labels) != (second.split, second.labels):
        raise ResultsError(
            f"{first.model} and {second.model} were not asked about the same clips: "
            "evaluate them together."
        )


def table(comparisons: Iterable[Comparison]) -> pd.DataFrame:
    """One row per comparison: `classes`, `clips`, both top-1 and the gain with 95 % intervals.

    Shares are in [0, 1], gains in [-1, 1]; `first_alone` and `second_alone` count the clips that
    one model alone has right, and `p` is McNemar's. Two classes of a pair are joined by an arrow.
    """
    return pd.DataFrame(
        {
            "classes": " ↔ ".join(one.labels),
            "clips": one.first.trials,
            "first": one.first.value,
            "first_low": one.first.low,
            "first_high": one.first.high,
            "second": one.second.value,
            "second_low": one.second.low,
            "second_high": one.second.high,
            "gain": one.gain.value,
            "gain_low": one.gain.low,
            "gain_high": one.gain.high,
            "first_alone": one.test.first,
            "second_alone": one.test.second,
            "p": one.test.p,
        }
        for one in comparisons
    )


def _compare(first: Predictions, second: Predictions, classes: tuple[int, ...]) -> Comparison:
    check_same_clips(first, second)
    rows = np.isin(first.truth, classes)
    one, other = ((a.answer == a.truth)[rows] for a in (first, second))
    return Comparison(
        labels=tuple(first.labels[number] for number in classes),
        first=share(one),
        second=share(other),
        gain=paired_difference(one, other),
        test=mcnemar(one, other),
    )


@dataclass(frozen=True)
class Answered:
    """One clip and what two models answer. Classes are numbers in the order of the labels.

    Attributes:
        label: the true class; with `index` it names the clip within its split.
        index: of the clip.
        first: the first model's answer.
        second: the second model's.
        first_probability: that the first model gives its answer, in [0, 1].
        second_probability: that the second gives its own.
    """

    label: int
    index: int
    first: int
    second: int
    first_probability: float
    second_probability: float


@dataclass(frozen=True)
class Won:
    """All clips of a class, by which model has them right.

    Attributes:
        won: only the first model is right.
        lost: only the second is.
        both_right: both are.
        both_wrong: neither is; their answers may differ.
    """

    won: tuple[Answered, ...]
    lost: tuple[Answered, ...]
    both_right: tuple[Answered, ...]
    both_wrong: tuple[Answered, ...]


def won(first: Predictions, second: Predictions, *, label: int) -> Won:
    """Sort the clips of one class, in the order of their indices.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    check_same_clips(first, second)
    rows = np.flatnonzero(first.truth == label)
    one, other = first.only(rows), second.only(rows)
    sure = [softmax(a.logits.astype(np.float64), axis=1).max(axis=1) for a in (one, other)]
    lists: dict[tuple[bool, bool], list[Answered]] = {}
    for row in np.argsort(one.clip, kind="stable"):
        said = Answered(
            label,
            int(one.clip[row]),
            int(one.answer[row]),
            int(other.answer[row]),
            float(sure[0][row]),
            float(sure[1][row]),
        )
        lists.setdefault((said.first == label, said.second == label), []).append(said)
    cases = ((True, False), (False, True), (True, True), (False, False))
    return Won(*(tuple(lists.get(case, ())) for case in cases))
