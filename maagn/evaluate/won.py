"""The clips of a class that one model has right and another has not."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from maagn.evaluate.answers import Answers
from maagn.evaluate.compare import check_same_clips


@dataclass(frozen=True)
class Answered:
    """One clip and what two models answer. Classes are numbers in the order of the labels.

    Attributes:
        label: the true class; with `index` it names the clip within its split.
        index: of the clip.
        first: the first model's answer.
        second: the second model's.
        first_probability: that the first model gives its answer, in [0, 1].
        second_probability: that the second gives its own.
    """

    label: int
    index: int
    first: int
    second: int
    first_probability: float
    second_probability: float


@dataclass(frozen=True)
class Won:
    """All clips of a class, by which model has them right.

    Attributes:
        won: only the first model is right.
        lost: only the second is.
        both_right: both are.
        both_wrong: neither is; their answers may differ.
    """

    won: tuple[Answered, ...]
    lost: tuple[Answered, ...]
    both_right: tuple[Answered, ...]
    both_wrong: tuple[Answered, ...]


def won(first: Answers, second: Answers, *, label: int) -> Won:
    """Sort the clips of one class, in the order of their indices.

    Raises:
        ResultsError: the two did not see the same clips.
    """
    check_same_clips(first, second)
    rows = np.flatnonzero(first.truth == label)
    one, other = first.only(rows), second.only(rows)
    sure = [softmax(a.logits.astype(np.float64), axis=1).max(axis=1) for a in (one, other)]
    lists: dict[tuple[bool, bool], list[Answered]] = {}
    for row in np.argsort(one.clip, kind="stable"):
        said = Answered(
            label,
            int(one.clip[row]),
            int(one.answer[row]),
            int(other.answer[row]),
            float(sure[0][row]),
            float(sure[1][row]),
        )
        lists.setdefault((said.first == label, said.second == label), []).append(said)
    cases = ((True, False), (False, True), (True, True), (False, False))
    return Won(*(tuple(lists.get(case, ())) for case in cases))
