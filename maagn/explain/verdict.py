"""In words: is a map better than random orders, by the areas under its two curves?"""

from typing import Literal

import numpy as np
from jaxtyping import Float64

Finding = Literal["better", "partly", "none", "worse"]

RULE = (
    "Better than random: the area under the curve beats that of every random order, both when "
    "deleting (lower) and when inserting (higher). In part: on one of the two, and not behind "
    "every random order on the other. Worse: behind every random order on one, ahead on none."
)


def judge(
    deletion: float,
    insertion: float,
    *,
    random_deletion: Float64[np.ndarray, " n"],
    random_insertion: Float64[np.ndarray, " n"],
) -> Finding:
    """Areas under the curves of one map against those of random orders; `RULE` in code."""
    won = (deletion < random_deletion.min(), insertion > random_insertion.max())
    lost = (deletion > random_deletion.max(), insertion < random_insertion.min())
    if all(won):
        return "better"
    if any(won) and not any(lost):
        return "partly"
    return "worse" if any(lost) and not any(won) else "none"


def sentence(
    deletion: float,
    insertion: float,
    *,
    random_deletion: Float64[np.ndarray, " n"],
    random_insertion: Float64[np.ndarray, " n"],
    coarse: str = "",
) -> str:
    """The finding and the four areas that it rests on.

    Of a quick test the sentence says how coarse it is, and how often chance alone gets as far.
    """
    finding = judge(
        deletion, insertion, random_deletion=random_deletion, random_insertion=random_insertion
    )
    head = {
        "better": "Better than random on this clip",
        "partly": "In part better than random on this clip",
        "none": "No better than random on this clip",
        "worse": "Worse than random on this clip",
    }[finding]
    if coarse:
        count = len(random_deletion)
        head += (
            f" ({coarse}; a curve that knows nothing beats all {count} in one of {count + 1} cases)"
        )
    return (
        f"{head}: area under the deletion curve {deletion:.3f}, random "
        f"{random_deletion.min():.3f} to {random_deletion.max():.3f} (lower is better); insertion "
        f"{insertion:.3f}, random {random_insertion.min():.3f} to {random_insertion.max():.3f} "
        "(higher is better)."
    )
