"""Which frame of a map belongs to which moment of the clip."""

import numpy as np
from jaxtyping import Float64, Int


def nearest(
    seconds: Float64[np.ndarray, " n"], *, to: Float64[np.ndarray, " t"]
) -> Int[np.ndarray, " t"]:
    """For each moment in `to`, which of `seconds` is nearest; the earlier of two as near."""
    return np.abs(seconds[None, :] - to[:, None]).argmin(axis=1)
