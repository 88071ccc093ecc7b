"""Whether the runs bear the paper's statement out."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Literal

from maagn.evaluate.intervals import Estimate, over_seeds
from maagn.reproduce.outcome import Outcome
from maagn.reproduce.study import Claim

Finding = Literal["confirmed", "not confirmed", "not told apart"]


def difference(better: Sequence[Outcome], worse: Sequence[Outcome]) -> Estimate:
    """Top-1 of one row less that of another, seed by seed.

    Raises:
        ValueError: no seed is common to both.
    """
    other = {outcome.seed: outcome.top1 for outcome in worse}
    pairs = [outcome.top1 - other[outcome.seed] for outcome in better if outcome.seed in other]
    if not pairs:
        raise ValueError("the two rows have no seed in common")
    return over_seeds(pairs)


def judge(claim: Claim, runs: Mapping[str, Sequence[Outcome]]) -> tuple[Finding, list[Estimate]]:
    """The finding, and every difference it rests on.

    Confirmed: the interval of every difference is above zero. Not confirmed: that of one is below.
    """
    found = [difference(runs[a], runs[b]) for a, b in product(claim.better, claim.worse)]
    if all(mean.low > 0 for mean in found):
        return "confirmed", found
    if any(mean.high < 0 for mean in found):
        return "not confirmed", found
    return "not told apart", found
