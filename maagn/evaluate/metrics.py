"""Accuracy, calibration, confusion and confused opposites of one model's predictions."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int, Int64
from scipy.special import softmax

from maagn.evaluate.intervals import Share, share, wilson
from maagn.evaluate.predictions import Predictions, pairs_of

BINS = 15
_PIECE = 4096  # clips whose probabilities are in memory at a time


@dataclass(frozen=True, eq=False)
class _Sorted:
    """Each clip's confidence, whether its answer is right, and its bin of confidence."""

    confidence: Float[np.ndarray, " n"]
    right: np.ndarray
    place: Int[np.ndarray, " n"]


def calibration_error(logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"]) -> float:
    """Expected calibration error, in [0, 1]; NaN of no clips.

    Naeini, Cooper and Hauskrecht (AAAI 2015), as in Guo et al. (ICML 2017): the distance between
    mean confidence and accuracy in `BINS` equal bins of confidence, weighed by the clips in each.
    """
    if not len(truth):
        return float("nan")
    found = _sort(logits, truth, BINS)
    gaps = np.bincount(found.place, weights=found.right - found.confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))


def reliability(
    logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], *, bins: int = BINS
) -> pd.DataFrame:
    """The bins behind `calibration_error` that hold clips, a row each, least confident first.

    Returns:
        `from` and `to`, the bin's bounds of confidence; `confidence`, its mean in the bin;
        `right`, the share of right answers, and `low` and `high`, its 95 % interval (Wilson);
        `clips`, how many. All but the last in [0, 1].
    """
    found = _sort(logits, truth, bins)
    rows = []
    for place in np.unique(found.place):
        inside = found.place == place
        right = share(found.right[inside])
        rows.append(
            {
                "from": place / bins,
                "to": (place + 1) / bins,
                "confidence": float(found.confidence[inside].mean()),
                "right": right.value,
                "low": right.low,
                "high": right.high,
                "clips": right.trials,
            }
        )
    return pd.DataFrame(rows)


def _sort(logits: Float[np.ndarray, "n k"], truth: Int[np.ndarray, " n"], bins: int) -> _Sorted:
    confidence, answer = np.empty(len(truth)), np.empty(len(truth), np.int64)
    for start in range(0, len(truth), _PIECE):
        rows = slice(start, start + _PIECE)
        probabilities = softmax(logits[rows].astype(np.float64), axis=1)
        confidence[rows] = probabilities.max(axis=1)
        answer[rows] = probabilities.argmax(axis=1)
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return _Sorted(confidence, answer == truth, place)


@dataclass(frozen=True)
class Accuracy:
    """What was counted on one split.

    Within pairs, opposite confusion and flips are of the clips whose class has an opposite.

    Attributes:
        model: name of the model.
        split: which clips.
        clips: how many.
        top1: part whose most probable class is the true one.
        top5: part whose true class is among the five most probable.
        within_pair: share whose true class is more probable than its opposite; 0.5 is chance.
        opposite_confusion: part answered with the opposite of the true class.
        reversal_flips: of the clips answered right, the part whose answer becomes the opposite
            class when the same sampled frames are shown in reverse; of nothing where they were
            not shown.
        calibration_error: expected distance of confidence from accuracy, in [0, 1].
    """

    model: str
    split: str
    clips: int
    top1: Share
    top5: Share
    within_pair: Share
    opposite_confusion: Share
    reversal_flips: Share
    calibration_error: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return asdict(self)


def count(predictions: Predictions) -> Accuracy:
    """The figures of one model's answers."""
    truth, opposite = predictions.truth, predictions.opposites[predictions.truth]
    right, paired = predictions.answer == truth, opposite >= 0
    backwards = predictions.reversed_answer
    flips = np.zeros(0, bool) if backwards is None else (backwards == opposite)[right & paired]
    return Accuracy(
        model=predictions.model,
        split=predictions.split,
        clips=len(predictions),
        top1=share(right),
        top5=share((predictions.top5 == truth[:, None]).any(axis=1)),
        within_pair=share(predictions.preferred[paired]),
        opposite_confusion=share((predictions.answer == opposite)[paired]),
        reversal_flips=share(flips),
        calibration_error=calibration_error(predictions.logits, truth),
    )


def confusion(predictions: Predictions) -> Int64[np.ndarray, "k k"]:
    """Counts of clips: a row a true class, a column an answer."""
    classes = predictions.logits.shape[1]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (predictions.truth, predictions.answer), 1)
    return counts


Row = tuple[int, int, int]


@dataclass(frozen=True)
class PairConfusion:
    """Two opposite classes and what a model answers about clips of either.

    Attributes:
        classes: their numbers.
        counts: clips; a row a true class (first, second), columns answered first, answered second,
            answered otherwise.
        opposite: part of the pair's clips that were answered with the opposite.
        preferred: part whose true class got a higher logit than its opposite, whatever was
            answered; 0.5 is chance.
    """

    classes: tuple[int, int]
    counts: tuple[Row, Row]
    opposite: Share
    preferred: Share

    @property
    def clips(self) -> int:
        """How many clips of the two classes there are."""
        return sum(map(sum, self.counts))


def confused_pairs(predictions: Predictions) -> list[PairConfusion]:
    """The counts of each pair that has clips.

    Those most often answered with the opposite come first, of equals the larger.
    """
    matrix = confusion(predictions)
    order = np.argsort(predictions.truth, kind="stable")
    starts = np.searchsorted(predictions.truth[order], np.arange(len(matrix) + 1))
    found = []
    for one, other in pairs_of(predictions.opposites):
        rows = np.concatenate([order[starts[c] : starts[c + 1]] for c in (one, other)])
        preferred = share(predictions.preferred[rows])
        counts = tuple(_row(matrix[c], one, other) for c in (one, other))
        taken = int(matrix[one, other] + matrix[other, one])
        opposite = _share(taken, len(rows))
        found.append(PairConfusion((one, other), (counts[0], counts[1]), opposite, preferred))
    there = [pair for pair in found if pair.clips]
    return sorted(there, key=lambda pair: (-pair.opposite.value, -pair.clips))


def _row(counts: Int64[np.ndarray, " k"], one: int, other: int) -> Row:
    first, second = int(counts[one]), int(counts[other])
    return first, second, int(counts.sum()) - first - second


def _share(hits: int, trials: int) -> Share:
    low, high = wilson(hits, trials)
    return Share(hits / trials if trials else float("nan"), low, high, hits, trials)
