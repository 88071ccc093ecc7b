"""What one model predicted for every clip of a split, and what its parts did on the way."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int16, Int64

from maagn.labels import ClassRelations
from maagn.shown import percent, plural

LEVELS = 5  # answers kept a clip, most probable first; all where there are fewer classes
_OF_ALL_CLIPS = ("model", "split", "labels", "opposites", "path_frames", "alpha")


@dataclass(frozen=True, eq=False)
class Predictions:
    """One model on one split, one row per clip. Classes are numbers in the order of the labels.

    Masks and gates of a path's frames follow each other, shallow path first: `path_frames` tells
    where one ends. They are None for networks without such a part.

    Attributes:
        model: its name.
        split: of the benchmark or of a set of videos; `left out` of clips that a head was fitted
            without.
        labels: class names in the order of their numbers.
        opposites: number of each class's opposite, -1 where it has none; each is the other's.
        clip: index of the clip in its split, where with the class it names the scene; of clips
            that are files, its place among them.
        truth: the true class.
        answer: the most probable class.
        top5: the five most probable, best first; of fewer classes all.
        logits: before the softmax; in a file of results, of half precision.
        preferred: the true class was more probable than its opposite, a tie not, counted before
            the logits lost precision; says nothing of a class without an opposite.
        reversed_answer: the answer when the same sampled frames are shown in reverse; None where
            they were not.
        divergence: temporal divergence: how far that prediction is from the forward one, in nats,
            at least 0; None where frames were not shown in reverse, or it was not kept.
        path_frames: number of frames of each path.
        votes: logits of each path.
        sdm: SDM's mask, in (0, 1).
        mtam: the sum of MTAM's masks, in (0, 3).
        gate: mean magnitude of each path's gate.
        alpha: the gates' learned parameters (Eq. 14), the same for every clip.
    """

    model: str
    split: str
    labels: tuple[str, ...]
    opposites: Int64[np.ndarray, " k"]
    clip: Int64[np.ndarray, " n"]
    truth: Int64[np.ndarray, " n"]
    answer: Int64[np.ndarray, " n"]
    top5: Int16[np.ndarray, "n _top"]
    logits: Float32[np.ndarray, "n k"]
    preferred: Bool[np.ndarray, " n"]
    reversed_answer: Int64[np.ndarray, " n"] | None = None
    divergence: Float32[np.ndarray, " n"] | None = None
    path_frames: tuple[int, ...] = ()
    votes: Float32[np.ndarray, "n _p k"] | None = None
    sdm: Float32[np.ndarray, "n _m"] | None = None
    mtam: Float32[np.ndarray, "n _m"] | None = None
    gate: Float32[np.ndarray, "n _p"] | None = None
    alpha: Float32[np.ndarray, " _m"] | None = None

    def __len__(self) -> int:
        return len(self.clip)

    def __repr__(self) -> str:
        right = f", {percent(float((self.answer == self.truth).mean()))} right" if len(self) else ""
        return (
            f"Predictions of {self.model}: {plural(len(self), 'clip')} of the split {self.split}, "
            f"{plural(len(self.labels), 'class', 'classes')}{right}"
        )

    def only(self, rows: Any) -> "Predictions":  # noqa: ANN401 - whatever indexes an array
        """The same of some clips: a mask or the places of rows."""
        kept: dict[str, Any] = {
            field.name: getattr(self, field.name)[rows]
            if field.name not in _OF_ALL_CLIPS and getattr(self, field.name) is not None
            else getattr(self, field.name)
            for field in fields(self)
        }
        return Predictions(**kept)


def best(logits: Float32[np.ndarray, "n k"]) -> Int16[np.ndarray, "n _top"]:
    """The five most probable classes of each clip, best first; of fewer classes all."""
    return np.argsort(-logits, axis=1, kind="stable")[:, :LEVELS].astype(np.int16)


def prefers(
    logits: Float32[np.ndarray, "n k"],
    truth: Int64[np.ndarray, " n"],
    opposites: Int64[np.ndarray, " k"],
) -> Bool[np.ndarray, " n"]:
    """Whether the true class of each clip is more probable than its opposite; a tie is not.

    False of a class without an opposite.
    """
    rows, opposite = np.arange(len(truth)), opposites[truth]
    return (opposite >= 0) & (logits[rows, truth] > logits[rows, opposite])


def opposite_numbers_of(
    labels: tuple[str, ...], relations: ClassRelations
) -> Int64[np.ndarray, " k"]:
    """Number of each class's opposite, which it shows when played backwards; -1 without one.

    Where names propose two for a class, the first in the order of the labels counts.
    """
    number = {label: i for i, label in enumerate(labels)}
    opposites = np.full(len(labels), -1, np.int64)
    for i, label in enumerate(labels):
        other = relations.opposite_of(label)
        j = i if other is None else number[other]
        if i != j and opposites[i] == opposites[j] == -1:
            opposites[i], opposites[j] = j, i
    return opposites


def pairs_of(opposites: Int64[np.ndarray, " k"]) -> tuple[tuple[int, int], ...]:
    """The pairs of opposites by number, the lower first, in the order of the classes."""
    return tuple((one, int(other)) for one, other in enumerate(opposites) if one < other)


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
