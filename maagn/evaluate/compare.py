"""Is one model better than another on the same clips, and at what?"""

from dataclasses import dataclass

import numpy as np
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


def _compare(first: Answers, second: Answers, classes: tuple[int, ...]) -> Comparison:
    same = len(first) == len(second) and bool(
        ((first.clip == second.clip) & (first.truth == second.truth)).all()
    )
    if not same or first.split != second.split:
        raise ResultsError(
            f"{first.model} and {second.model} were not asked about the same clips: "
            "evaluate them together."
        )
    rows = np.isin(first.truth, classes)
    one, other = ((a.answer == a.truth)[rows] for a in (first, second))
    return Comparison(
        labels=tuple(OPPOSITES_LABELS[number] for number in classes),
        first=share(one),
        second=share(other),
        gain=paired_difference(one, other),
        test=mcnemar(one, other),
    )
