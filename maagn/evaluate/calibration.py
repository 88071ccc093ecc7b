"""Whether a model is right as often as it says it is."""

import numpy as np
from jaxtyping import Float, Int
from scipy.special import softmax

BINS = 15


def calibration_error(
    logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], *, bins: int = BINS
) -> float:
    """Expected calibration error, in [0, 1]; NaN of no clips.

    Naeini, Cooper and Hauskrecht (AAAI 2015), as in Guo et al. (ICML 2017): the distance between
    mean confidence and accuracy in equal bins of confidence, weighed by the clips in each.
    """
    if not len(truth):
        return float("nan")
    probabilities = softmax(logits.astype(np.float64), axis=1)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(truth))
