"""Is one model better than another on the same clips, and at what?"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool
from scipy import stats

from maagn.evaluate.answers import Answers
from maagn.evaluate.intervals import Estimate, Share, paired_difference, share
from maagn.evaluate.results import ResultsError
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS


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


def overall(first: Answers, second: Answers) -> Comparison:
    """All clips together.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    return _compare(first, second, tuple(range(len(OPPOSITES_LABELS))))


def by_pair(first: Answers, second: Answers) -> list[Comparison]:
    """One comparison a pair of opposites, in the benchmark's order.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    return [
        _compare(first, second, tuple(OPPOSITES_LABELS.index(label) for label in pair))
        for pair in OPPOSITES_PAIRS
    ]


def gains(first: Answers, second: Answers) -> list[Comparison]:
    """One comparison a class, greatest gain of the first model first (Fig. 8 shows ten).

    Raises:
        ResultsError: the two did not see the same clips.
    """
    found = [_compare(first, second, (number,)) for number in range(len(OPPOSITES_LABELS))]
    return sorted((one for one in found if one.first.trials), key=lambda one: -one.gain.value)


def check_same_clips(first: Answers, second: Answers) -> None:
    """Only answers about the same clips, in the same order, can be set side by side.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    same = len(first) == len(second) and bool(
        ((first.clip == second.clip) & (first.truth == second.truth)).all()
    )
    if not same or first.split != second.split:
        raise ResultsError(
            f"{first.model} and {second.model} were not asked about the same clips: "
            "evaluate them together."
        )


def table(found: Iterable[Comparison]) -> pd.DataFrame:
    """A row a comparison: `classes`, `clips`, each model's top-1 and the gain with 95 % intervals.

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
        for one in found
    )


def _compare(first: Answers, second: Answers, classes: tuple[int, ...]) -> Comparison:
    check_same_clips(first, second)
    rows = np.isin(first.truth, classes)
    one, other = ((a.answer == a.truth)[rows] for a in (first, second))
    return Comparison(
        labels=tuple(OPPOSITES_LABELS[number] for number in classes),
        first=share(one),
        second=share(other),
        gain=paired_difference(one, other),
        test=mcnemar(one, other),
    )
