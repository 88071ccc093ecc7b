"""Predictions of clips by heads that were fitted without them: each left out in turn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64
from sklearn.model_selection import StratifiedGroupKFold

from maagn.teach.heads import Labelled, LinearHead, taught_head

ONE_BY_ONE = 40
"""Clips or groups up to which each is left out alone; more are left out in `PARTS` parts."""
PARTS = 20


@dataclass(frozen=True, eq=False)
class HeadInputs:
    """What one head reads of every clip.

    Attributes:
        values: of the clip, and of the same frames in reverse.
        labels: number of each clip's class.
        groups: number of what each clip is left out with.
        opposites: of each class the one that its clips show backwards; -1 for none.
    """

    values: Float32[np.ndarray, "n 2 d"]
    labels: Int64[np.ndarray, " n"]
    groups: Int64[np.ndarray, " n"]
    opposites: Int64[np.ndarray, " k"]

    @property
    def classes(self) -> int:
        """How many."""
        return len(self.opposites)

    def examples(self, rows: Int64[np.ndarray, " m"]) -> Labelled:
        """Of some clips: each as it is, and its reversal where that shows another class."""
        labels = self.labels[rows]
        backwards = self.opposites[labels]
        doubled = backwards >= 0
        return Labelled(
            np.concatenate([self.values[rows, 0], self.values[rows[doubled], 1]]).astype(float),
            np.concatenate([labels, backwards[doubled]]),
            np.concatenate([self.groups[rows], self.groups[rows[doubled]]]),
        )


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What heads said of clips that they were not fitted on.

    Attributes:
        votes: logits of each head, of the clips as they are.
        backward: the same of their reversals.
    """

    votes: Float64[np.ndarray, "n p k"]
    backward: Float64[np.ndarray, "n p k"]


def parts(
    labels: Int64[np.ndarray, " n"], groups: Int64[np.ndarray, " n"]
) -> Iterator[tuple[Int64[np.ndarray, " _m"], Int64[np.ndarray, " _t"]]]:
    """Rows to learn from and rows that are left out, until each was left out once."""
    present = np.unique(groups)
    if len(present) <= ONE_BY_ONE:
        for group in present:
            yield np.flatnonzero(groups != group), np.flatnonzero(groups == group)
    else:
        yield from group_folds(labels, groups, most=PARTS)


def group_folds(
    labels: Int64[np.ndarray, " n"], groups: Int64[np.ndarray, " n"], *, most: int
) -> Iterator[tuple[Int64[np.ndarray, " _m"], Int64[np.ndarray, " _t"]]]:
    """Rows to learn from and rows that are left out, whole groups, classes spread evenly.

    As many folds as asked for, unless there are fewer groups or every class has fewer clips.
    """
    count = min(most, len(np.unique(groups)), int(np.bincount(labels).max()))
    yield from StratifiedGroupKFold(count).split(labels, labels, groups)


def left_out(
    heads: Sequence[HeadInputs], *, step: Callable[[int, int], None] = lambda _done, _of: None
) -> LeftOut:
    """Leave out every clip, or group of clips, in turn, with its reversals.

    Args:
        heads: what each head of one network reads, of the same clips.
        step: told how many parts are done, and of how many; may raise, to stop.
    """
    first = heads[0]
    shape = (len(first.labels), len(heads), first.classes)
    found = LeftOut(np.empty(shape), np.empty(shape))
    folds = list(parts(first.labels, first.groups))
    for number, (learn, test) in enumerate(folds):
        step(number, len(folds))
        for place, head in enumerate(heads):
            fitted = taught_head(head.examples(learn), classes=head.classes)
            found.votes[test, place] = fitted.logits(head.values[test, 0])
            found.backward[test, place] = fitted.logits(head.values[test, 1])
    return found


def fit_all(heads: Sequence[HeadInputs]) -> tuple[LinearHead, ...]:
    """The heads of one network, fitted on every clip."""
    everything = np.arange(len(heads[0].labels))
    return tuple(taught_head(head.examples(everything), classes=head.classes) for head in heads)
