"""Temporal divergence: how much a network's prediction changes when a clip is reversed."""

import numpy as np
from jaxtyping import Float, Float64
from scipy.special import log_softmax


def divergences(
    forward: Float[np.ndarray, "n k"], backward: Float[np.ndarray, "n k"]
) -> Float64[np.ndarray, " n"]:
    """Kullback-Leibler divergence of the reversed clip's prediction from the clip's, in nats.

    sum_k p_k ln(p_k / q_k), p of the clip and q of the same frames in reverse: the temporal
    divergence score of Xue, Luo and Grauman, "Seeing the Arrow of Time in Large Multimodal Models"
    (AoTBench, arXiv 2506.03340). At least 0; 0 for a network that ignores order.

    Args:
        forward: logits of the clips.
        backward: logits of the reversed clips.
    """
    p, q = (log_softmax(logits.astype(np.float64), axis=1) for logits in (forward, backward))
    found: Float64[np.ndarray, " n"] = np.maximum((np.exp(p) * (p - q)).sum(axis=1), 0.0)
    return found
