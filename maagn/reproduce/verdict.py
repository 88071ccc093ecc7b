"""Whether the runs bear the paper's statement out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from scipy import stats

from maagn.reproduce.outcome import Outcome
from maagn.reproduce.study import Claim

Finding = Literal["confirmed", "not confirmed", "not told apart"]


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and its 95 % interval (Student's t).

    Attributes:
        value: the mean.
        low: lower end; minus infinity for a single seed.
        high: upper end.
        seeds: how many.
    """

    value: float
    low: float
    high: float
    seeds: int


def mean_of(values: Sequence[float]) -> Mean:
    """The mean of the seeds' values; at least one."""
    n = len(values)
    centre = float(np.mean(values))
    if n < 2:
        return Mean(centre, -np.inf, np.inf, n)
    half = float(stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return Mean(centre, centre - half, centre + half, n)


def difference(better: Sequence[Outcome], worse: Sequence[Outcome]) -> Mean:
    """Top-1 of one row less that of another, seed by seed.

    Raises:
        ValueError: no seed is common to both.
    """
    other = {outcome.seed: outcome.top1 for outcome in worse}
    pairs = [outcome.top1 - other[outcome.seed] for outcome in better if outcome.seed in other]
    if not pairs:
        raise ValueError("the two rows have no seed in common")
    return mean_of(pairs)


def judge(claim: Claim, runs: Mapping[str, Sequence[Outcome]]) -> tuple[Finding, list[Mean]]:
    """The finding, and every difference it rests on.

    Confirmed: the interval of every difference is above zero. Not confirmed: that of one is below.
    """
    found = [difference(runs[a], runs[b]) for a, b in product(claim.better, claim.worse)]
    if all(mean.low > 0 for mean in found):
        return "confirmed", found
    if any(mean.high < 0 for mean in found):
        return "not confirmed", found
    return "not told apart", found
