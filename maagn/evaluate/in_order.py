"""Which pairs of opposites does a network tell by the order of the frames alone?

A clip that is answered right as it was filmed, and with the opposite when the very same frames run
backwards, is told by their order: nothing else differs between the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maagn.errors import ResultsError
from maagn.evaluate.intervals import Share, share
from maagn.evaluate.predictions import Predictions, pairs_of

CHANCE = 0.5  # within a pair


@dataclass(frozen=True)
class PairInOrder:
    """Two opposite classes, and what a network says of their clips in both directions.

    Attributes:
        classes: their numbers.
        within: of the clips of either, forwards, those whose true class is more probable than its
            opposite; 0.5 is chance.
        both_ways: those that are answered right forwards and with the opposite backwards.
    """

    classes: tuple[int, int]
    within: Share
    both_ways: Share

    @property
    def by_order(self) -> bool:
        """Whether most clips are told by their order: the interval lies above one half."""
        return self.both_ways.low > CHANCE

    @property
    def at_chance(self) -> bool:
        """Whether the interval of `within` holds one half."""
        return self.within.low <= CHANCE <= self.within.high


def in_order(predictions: Predictions) -> list[PairInOrder]:
    """Each pair that has clips, in the order of the classes.

    Raises:
        ResultsError: the run did not show the frames in reverse.
    """
    backwards = _backwards(predictions)
    truth, opposite = predictions.truth, predictions.opposites[predictions.truth]
    right = (predictions.answer == truth) & (backwards == opposite)
    found = []
    for pair in pairs_of(predictions.opposites):
        rows = np.isin(truth, pair)
        if rows.any():
            within = share(predictions.preferred[rows])
            found.append(PairInOrder(pair, within, share(right[rows])))
    return found


def sees_no_order(predictions: Predictions) -> bool:
    """Whether every clip of a run was answered alike in both directions.

    Raises:
        ResultsError: the run did not show the frames in reverse.
    """
    return bool((_backwards(predictions) == predictions.answer).all())


def by_order_alone(
    networks: Sequence[Predictions], *, without_order: Sequence[Predictions]
) -> list[tuple[int, int]]:
    """The pairs that a network tells by order, and that none without order tells at all.

    Args:
        networks: of which one is enough.
        without_order: networks that `sees_no_order`, on the same clips: within each of these pairs
            they are at chance. With none there is nothing to say of what the frames alone tell.

    Raises:
        ResultsError: the run did not show the frames in reverse.
    """
    told = {pair.classes for one in networks for pair in in_order(one) if pair.by_order}
    seen = {pair.classes for one in without_order for pair in in_order(one) if not pair.at_chance}
    return sorted(told - seen)


def _backwards(predictions: Predictions) -> np.ndarray:
    if predictions.reversed_answer is None:
        raise ResultsError(
            f"The predictions of {predictions.model} hold none of reversed clips: evaluate it "
            "with `maagn evaluate --reversed`."
        )
    return predictions.reversed_answer
