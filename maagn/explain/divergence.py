"""How far a network's prediction is from another: of a reversed clip, or with a mask replaced."""

import numpy as np
from jaxtyping import Float, Float64
from scipy.special import log_softmax


def divergences(
    live: Float[np.ndarray, "n k"], changed: Float[np.ndarray, "n k"]
) -> Float64[np.ndarray, " n"]:
    """Kullback-Leibler divergence of the changed prediction from the live one, in nats.

    sum_k p_k ln(p_k / q_k), p live and q changed; at least 0. With the same frames in reverse it is
    the temporal divergence score of Xue, Luo and Grauman, "Seeing the Arrow of Time in Large
    Multimodal Models" (AoTBench, arXiv 2506.03340), 0 for a network that ignores order.

    Args:
        live: logits of the clips.
        changed: logits of the same clips reversed, or with a part of the network replaced.
    """
    p, q = (log_softmax(logits.astype(np.float64), axis=1) for logits in (live, changed))
    found: Float64[np.ndarray, " n"] = np.maximum((np.exp(p) * (p - q)).sum(axis=1), 0.0)
    return found
