"""Which clips are in a cell of the confusion matrix."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64, Int64

from maagn.evaluate.answers import Answers


class ClipName(NamedTuple):
    """A rendered clip of a split: its true class by number, and its index."""

    label: int
    index: int  # type: ignore[assignment] # a tuple has a method of that name, which nobody needs


def rows_of(answers: Answers, truth: int, answered: int | None = None) -> Int64[np.ndarray, " _n"]:
    """Places of the clips of one class that were given one answer, surest answer first.

    Args:
        answers: of one model.
        truth: the row of the matrix.
        answered: the column; None for every answer but the true one.
    """
    if answered is None:
        rows = np.flatnonzero((answers.truth == truth) & (answers.answer != truth))
    else:
        rows = np.flatnonzero((answers.truth == truth) & (answers.answer == answered))
    return rows[np.argsort(-sureness(answers, rows), kind="stable")]


def sureness(answers: Answers, rows: Int64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Probability of the answer that was given, in [0, 1]."""
    logits = answers.logits[rows].astype(np.float64)
    above = np.exp(logits - logits.max(axis=1, keepdims=True))
    given: Float64[np.ndarray, " n"] = above[np.arange(len(rows)), answers.answer[rows]]
    return given / above.sum(axis=1)


def names_of(answers: Answers, rows: Int64[np.ndarray, " n"]) -> tuple[ClipName, ...]:
    """The clips at those places."""
    return tuple(
        ClipName(int(label), int(index))
        for label, index in zip(answers.truth[rows], answers.clip[rows], strict=True)
    )
