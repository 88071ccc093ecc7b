"""The chiral probe: can a linear reader of frozen features tell a clip from its reversal?

Bagad and Zisserman, "Chirality in Action: Time-Aware Video Representation Learning by Latent
Straightening" (LiFT, arXiv 2509.08502): one linear probe for each pair of opposite actions. Here
each clip is shown in both orders, labelled as the class and as its opposite, and both are always on
the same side of a split: what does not depend on order is right exactly half of the time.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Float64, Int64
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from maagn.evaluate.features import BothOrders

Reading = Literal["mean over frames", "frames side by side"]
READINGS: tuple[Reading, ...] = ("mean over frames", "frames side by side")
"""`mean over frames`: whether the features carry the order themselves, each frame for all.
`frames side by side`: what a linear reader of time gets, even from frames that know no order."""

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
"""C of the logistic regression on standardised features, from which one is chosen for a layer."""

FOLDS = 3
"""Of the training clips, to choose by; each class needs as many clips."""

_STEPS = 1000  # of the optimiser, at most

Pair = tuple[int, int]
"""Numbers of two opposite classes; a reversed clip of one shows the other."""


def probe(
    train: BothOrders, test: BothOrders, *, pair: Pair, reading: Reading, strength: float
) -> Float64[np.ndarray, " n"]:
    """Train a probe on one pair of opposites and test it.

    Args:
        train: a layer's features of the clips to learn from.
        test: the same layer's, of clips of other scenes.
        pair: the two classes.
        reading: of the frames.
        strength: C, the inverse of the penalty.

    Returns:
        For each test clip of the pair the part that is right of its two orders: 0, 0.5 or 1.
    """
    learn, taught = _examples(train, pair, reading)
    shown, truth = _examples(test, pair, reading)
    model: Any = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=_STEPS))
    right = model.fit(learn, taught).predict(shown) == truth
    half: Float64[np.ndarray, " n"] = right.reshape(2, -1).mean(axis=0)
    return half


def choose_strength(train: BothOrders, *, pairs: Sequence[Pair], reading: Reading) -> float:
    """The C that is right most often in folds of the training clips, one for all pairs of a layer.

    Both orders of a clip are in one fold, and every class is in each. Ties go to the smallest.
    """
    fold = _folds(train.truth)
    inside = [(train.only(fold != k), train.only(fold == k)) for k in range(FOLDS)]

    def right(strength: float) -> float:
        parts = [
            probe(learn, test, pair=pair, reading=reading, strength=strength)
            for learn, test in inside
            for pair in pairs
        ]
        return float(np.concatenate(parts).mean())

    return max(STRENGTHS, key=right)


def _folds(truth: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " n"]:
    """The fold of each clip, the clips of each class in turn."""
    fold = np.zeros(len(truth), np.int64)
    for label in np.unique(truth):
        rows = np.flatnonzero(truth == label)
        fold[rows] = np.arange(len(rows)) % FOLDS
    return fold


def read_frames(
    frames: Float[np.ndarray, "n t c"], reading: Reading
) -> Float64[np.ndarray, "n _d"]:
    """A row for each clip; the mean over frames does not depend on their order, to the last bit."""
    whole = frames.astype(np.float64)
    if reading == "mean over frames":
        return np.sort(whole, axis=1).mean(axis=1)
    return whole.reshape(len(whole), -1)


def _examples(
    layer: BothOrders, pair: Pair, reading: Reading
) -> tuple[Float64[np.ndarray, "m d"], Int64[np.ndarray, " m"]]:
    """The pair's clips as they are, then their reversals; 1 is the pair's second class."""
    rows = np.isin(layer.truth, pair)
    member = (layer.truth[rows] == pair[1]).astype(np.int64)
    both = [read_frames(frames[rows], reading) for frames in (layer.forward, layer.backward)]
    return np.concatenate(both), np.concatenate([member, 1 - member])
