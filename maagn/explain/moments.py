"""Which frame of a map belongs to which moment of the clip, and what lies between two of them."""

import numpy as np
from jaxtyping import Float, Float64, Int


def nearest(
    seconds: Float64[np.ndarray, " n"], *, to: Float64[np.ndarray, " t"]
) -> Int[np.ndarray, " t"]:
    """For each moment in `to`, which of `seconds` is nearest; the earlier of two as near."""
    return np.abs(seconds[None, :] - to[:, None]).argmin(axis=1)


def between(
    values: Float[np.ndarray, "n rows columns"], seconds: Float64[np.ndarray, " n"], *, at: float
) -> Float[np.ndarray, "rows columns"]:
    """A map at a moment: the mean of its neighbours in time, each by how near it is.

    Args:
        values: raw maps; they are mixed as they are, before anything is cut off or coloured.
        seconds: of each; strictly increasing.
        at: the moment. Before the first map that one holds, after the last the last.
    """
    after = int(np.searchsorted(seconds, at))
    if after == 0 or after == len(seconds):
        return values[min(after, len(seconds) - 1)]
    share = (at - seconds[after - 1]) / (seconds[after] - seconds[after - 1])
    mixed = (1 - share) * values[after - 1] + share * values[after]
    return mixed.astype(values.dtype)
