"""Predictions of two runs on the clips that both of them hold, in one order and numbering."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maagn.errors import ResultsError
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import Origin, Results


def align(first: Results, one: str, second: Results, other: str) -> tuple[Predictions, Predictions]:
    """Two networks' predictions of the clips that both were asked about.

    Clips are the same where they are the same file (of rendered ones, the same number of the same
    split) and have the same class. The second's classes are numbered as the first's.

    Args:
        first: results of a run.
        one: a network of it.
        second: results of a run, which may be the same.
        other: a network of that one.

    Raises:
        ResultsError: no such network; the two do not know the same classes, or no clip is common.
    """
    here, there = first.of(one), second.of(other)
    if sorted(here.labels) != sorted(there.labels):
        raise ResultsError(
            f"{one} and {other} do not know the same classes: compare networks of one label set."
        )
    _, rows, others = np.intersect1d(
        _names(here, first.origin), _names(there, second.origin), return_indices=True
    )
    if not len(rows):
        raise ResultsError(
            f"{one} and {other} have no clip in common: evaluate both on the same set of clips."
        )
    order = np.argsort(rows)
    here, there = here.only(rows[order]), there.only(others[order])
    return here, replace(_renumbered(there, here.labels), clip=here.clip)


def _names(predictions: Predictions, origin: Origin) -> NDArray[Any]:
    """What tells each clip from all others, in every run; its class is a part of it."""
    labels = np.array(predictions.labels)[predictions.truth]
    if origin.clips is None:
        where = np.char.add(f"{predictions.split}\n", predictions.clip.astype(str))
    else:
        where = np.char.add(f"{origin.folder}\n", np.array(origin.clips)[predictions.clip])
    return np.char.add(np.char.add(where, "\n"), labels)


def _renumbered(predictions: Predictions, labels: tuple[str, ...]) -> Predictions:
    """The same with the classes in another order."""
    if predictions.labels == labels:
        return predictions
    order = np.array([predictions.labels.index(label) for label in labels])
    number = np.argsort(order)  # new ones, by the old
    opposites, votes = predictions.opposites[order], predictions.votes
    backwards = predictions.reversed_answer
    return replace(
        predictions,
        labels=labels,
        opposites=np.where(opposites < 0, -1, number[opposites]),
        truth=number[predictions.truth],
        answer=number[predictions.answer],
        top5=number[predictions.top5].astype(np.int16),
        logits=np.ascontiguousarray(predictions.logits[:, order]),
        reversed_answer=None if backwards is None else number[backwards],
        votes=None if votes is None else votes[:, :, order],
    )
