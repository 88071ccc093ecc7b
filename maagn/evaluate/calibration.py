"""Whether a model is right as often as it says it is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.special import softmax

from maagn.evaluate.intervals import share

BINS = 15


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Each clip's confidence, whether its answer is right, and its bin of confidence."""

    confidence: Float[np.ndarray, " n"]
    right: np.ndarray
    place: Int[np.ndarray, " n"]


def calibration_error(
    logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], *, bins: int = BINS
) -> float:
    """Expected calibration error, in [0, 1]; NaN of no clips.

    Naeini, Cooper and Hauskrecht (AAAI 2015), as in Guo et al. (ICML 2017): the distance between
    mean confidence and accuracy in equal bins of confidence, weighed by the clips in each.
    """
    if not len(truth):
        return float("nan")
    found = _sort(logits, truth, bins)
    gaps = np.bincount(found.place, weights=found.right - found.confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(truth))


def reliability(
    logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], *, bins: int = BINS
) -> pd.DataFrame:
    """The bins behind `calibration_error` that hold clips, a row each, least confident first.

    Returns:
        `from` and `to`, the bin's bounds of confidence; `confidence`, its mean in the bin;
        `right`, the share of right answers, and `low` and `high`, its 95 % interval (Wilson);
        `clips`, how many. All but the last in [0, 1].
    """
    found = _sort(logits, truth, bins)
    rows = []
    for place in np.unique(found.place):
        inside = found.place == place
        right = share(found.right[inside])
        rows.append(
            {
                "from": place / bins,
                "to": (place + 1) / bins,
                "confidence": float(found.confidence[inside].mean()),
                "right": right.value,
                "low": right.low,
                "high": right.high,
                "clips": right.trials,
            }
        )
    return pd.DataFrame(rows)


def _sort(logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], bins: int) -> _Sorted:
    probabilities = softmax(logits.astype(np.float64), axis=1)
    confidence = probabilities.max(axis=1)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return _Sorted(confidence, probabilities.argmax(axis=1) == truth, place)
