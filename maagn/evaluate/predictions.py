"""What one model predicted for every clip of a split, and what its parts did on the way."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int16, Int64

from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS

LEVELS = 5  # answers kept a clip, most probable first


@dataclass(frozen=True, eq=False)
class Predictions:
    """One model on one split, one row per clip. Classes are numbers in the order of the labels.

    Masks and gates of a path's frames follow each other, shallow path first: `path_frames` tells
    where one ends. They are None for networks without such a part.

    Attributes:
        model: its name.
        split: of the benchmark.
        clip: index of the clip in its split; with the class it names the scene.
        truth: the true class.
        answer: the most probable class.
        top5: the five most probable, best first.
        logits: before the softmax; in a file of results, of half precision.
        preferred: the true class was more probable than its opposite, a tie not, counted before
            the logits lost precision.
        reversed_answer: the answer when the same sampled frames are shown in reverse.
        path_frames: number of frames of each path.
        votes: logits of each path.
        sdm: SDM's mask, in (0, 1).
        mtam: the sum of MTAM's masks, in (0, 3).
        gate: mean magnitude of each path's gate.
        alpha: the gates' learned parameters (Eq. 14), the same for every clip.
    """

    model: str
    split: str
    clip: Int64[np.ndarray, " n"]
    truth: Int64[np.ndarray, " n"]
    answer: Int64[np.ndarray, " n"]
    top5: Int16[np.ndarray, "n 5"]
    logits: Float32[np.ndarray, "n k"]
    preferred: Bool[np.ndarray, " n"]
    reversed_answer: Int64[np.ndarray, " n"]
    path_frames: tuple[int, ...] = ()
    votes: Float32[np.ndarray, "n _p k"] | None = None
    sdm: Float32[np.ndarray, "n _m"] | None = None
    mtam: Float32[np.ndarray, "n _m"] | None = None
    gate: Float32[np.ndarray, "n _p"] | None = None
    alpha: Float32[np.ndarray, " _m"] | None = None

    def __len__(self) -> int:
        return len(self.clip)

    def only(self, rows: Any) -> "Predictions":  # noqa: ANN401 - whatever indexes an array
        """The same of some clips: a mask or the places of rows."""
        kept: dict[str, Any] = {
            field.name: getattr(self, field.name)[rows]
            if field.name not in ("model", "split", "path_frames", "alpha")
            and getattr(self, field.name) is not None
            else getattr(self, field.name)
            for field in fields(self)
        }
        return Predictions(**kept)


def best(logits: Float32[np.ndarray, "n k"]) -> Int16[np.ndarray, "n 5"]:
    """The five most probable classes of each clip, best first."""
    return np.argsort(-logits, axis=1, kind="stable")[:, :LEVELS].astype(np.int16)


def prefers(
    logits: Float32[np.ndarray, "n k"], truth: Int64[np.ndarray, " n"]
) -> Bool[np.ndarray, " n"]:
    """Whether the true class of each clip is more probable than its opposite; a tie is not."""
    rows = np.arange(len(truth))
    return logits[rows, truth] > logits[rows, opposite_numbers()[truth]]


def opposite_numbers() -> Int64[np.ndarray, " k"]:
    """Each class's exact reversal in the benchmark, by number.

    The benchmark's own pairs, which differ from the label set's where a hand changes sides: a push
    from left to right, played backwards, is a pull from right to left.
    """
    opposite = np.empty(len(OPPOSITES_LABELS), np.int64)
    for forward, backward in OPPOSITES_PAIRS:
        i, j = OPPOSITES_LABELS.index(forward), OPPOSITES_LABELS.index(backward)
        opposite[i], opposite[j] = j, i
    return opposite


def rows_of(
    predictions: Predictions, truth: int, answered: int | None = None
) -> Int64[np.ndarray, " _n"]:
    """Places of the clips of one class that were given one answer, surest answer first.

    Args:
        predictions: of one model.
        truth: the row of the matrix.
        answered: the column; None for every answer but the true one.
    """
    if answered is None:
        rows = np.flatnonzero((predictions.truth == truth) & (predictions.answer != truth))
    else:
        rows = np.flatnonzero((predictions.truth == truth) & (predictions.answer == answered))
    return rows[np.argsort(-sureness(predictions, rows), kind="stable")]


def sureness(predictions: Predictions, rows: Int64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    """Probability of the answer that was given, in [0, 1]."""
    logits = predictions.logits[rows].astype(np.float64)
    above = np.exp(logits - logits.max(axis=1, keepdims=True))
    given: Float64[np.ndarray, " n"] = above[np.arange(len(rows)), predictions.answer[rows]]
    return given / above.sum(axis=1)
