"""Numbers with the range in which the truth lies, 95 % of the time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

Z = 1.96  # 95 % of a normal distribution, both sides
_DRAWS = 2000  # of the bootstrap


@dataclass(frozen=True)
class Share:
    """A part of a whole.

    Attributes:
        value: in [0, 1]; NaN of nothing.
        low: lower end of the 95 % interval (Wilson 1927).
        high: upper end.
        hits: how many.
        trials: of how many.
    """

    value: float
    low: float
    high: float
    hits: int
    trials: int

    def __str__(self) -> str:
        """In percent with its interval: `50.0 % (25.4 to 74.6)`; `no clips` of nothing."""
        if not self.trials:
            return "no clips"
        return f"{100 * self.value:.1f} % ({100 * self.low:.1f} to {100 * self.high:.1f})"


@dataclass(frozen=True)
class Estimate:
    """A number that can be negative, with its 95 % interval; the ends are NaN where unknown."""

    value: float
    low: float
    high: float


def share(hits: Bool[np.ndarray, " n"]) -> Share:
    """What part of them is true; of nothing, NaN between 0 and 1."""
    count, trials = int(hits.sum()), len(hits)
    low, high = wilson(count, trials)
    return Share(count / trials if trials else float("nan"), low, high, count, trials)


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Ends of the score interval of a proportion; holds at 0 and 1 too, where others collapse."""
    if not trials:
        return 0.0, 1.0
    centre = (hits + Z * Z / 2) / (trials + Z * Z)
    spread = hits * (trials - hits) / trials + Z * Z / 4
    half = Z * spread**0.5 / (trials + Z * Z)
    return max(0.0, centre - half), min(1.0, centre + half)


def paired_difference(first: Bool[np.ndarray, " n"], second: Bool[np.ndarray, " n"]) -> Estimate:
    """How much more often `first` is true than `second`, of the same clips.

    Newcombe, "Improved confidence intervals for the difference between binomial proportions based
    on paired data" (Statistics in Medicine 17, 1998), method 10: Wilson's limits, with the
    correlation of the two corrected for continuity.
    """
    n = len(first)
    if not n:
        return Estimate(float("nan"), -1.0, 1.0)
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    one, other = int((first & ~second).sum()), int((~first & second).sum())
    p, q = (both + one) / n, (both + other) / n
    (p_low, p_high), (q_low, q_high) = wilson(both + one, n), wilson(both + other, n)
    margins = (both + one) * (other + neither) * (both + other) * (one + neither)
    product: float = both * neither - one * other
    if product > 0:
        product = max(product - n / 2, 0)
    phi = product / margins**0.5 if margins else 0.0

    def reach(a: float, b: float) -> float:
        return max(0.0, a * a - 2 * phi * a * b + b * b) ** 0.5

    return Estimate(
        p - q, p - q - reach(p - p_low, q_high - q), p - q + reach(p_high - p, q - q_low)
    )


def over_clips(values: Float[np.ndarray, " n"]) -> Estimate:
    """Mean of what was measured on each clip, and its percentile bootstrap interval over clips.

    The same values give the same interval: draws start from a fixed seed. Of one value the ends are
    NaN, of none all is.
    """
    if len(values) < 2:
        return Estimate(float(values[0]) if len(values) else np.nan, np.nan, np.nan)
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=_DRAWS, method="percentile", batch=_DRAWS // 10, rng=0
    ).confidence_interval
    return Estimate(float(np.mean(values)), float(found.low), float(found.high))


def paired_bootstrap(
    first: Bool[np.ndarray, " n"],
    second: Bool[np.ndarray, " n"],
    *,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """How much more often `first` is true than `second`: percentiles over resampled clips.

    Clips are drawn with replacement, each with both of its truths. Of a resample only the numbers
    of clips at which the one or the other alone is true matter, and those are multinomial.

    Args:
        first: of the clips.
        second: of the same clips.
        draws: resamples.
        seed: of the resamples.
    """
    n = len(first)
    if not n:
        return Estimate(float("nan"), -1.0, 1.0)
    one, other = int((first & ~second).sum()), int((~first & second).sum())
    shares = np.array([one, other, n - one - other]) / n
    drawn = np.random.default_rng(seed).multinomial(n, shares, size=draws)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / n, [0.025, 0.975])
    return Estimate((one - other) / n, float(low), float(high))


def over_seeds(values: Sequence[float]) -> Estimate:
    """Mean of independent trainings and Student's t interval; NaN ends of fewer than two.

    Raises:
        ValueError: no values.
    """
    if not values:
        raise ValueError("a mean over seeds needs at least one value, got none")
    mean = float(np.mean(values))
    if len(values) < 2:
        return Estimate(mean, float("nan"), float("nan"))
    half = float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))
    return Estimate(mean, mean - half, mean + half)
