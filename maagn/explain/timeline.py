"""What networks say over a long film: windows slid over it, and one answer for each.

A window is a section of the film that a network sees as it would see a clip, so that the answer of
a window is what `maagn.inference.predict` says of that section. Neighbouring windows overlap; what
is shown as a band gives each its middle, up to half-way to its neighbours (`Timeline.edges`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64

from maagn.checkpoint import CheckpointInfo, Model
from maagn.video.section import Section


@dataclass(frozen=True)
class Segment:
    """Neighbouring windows with the same top answer.

    Attributes:
        first: number of the first window, from 0.
        last: number of the last one.
        label: index of the answer among the network's labels.
        probability: mean over the windows of that class's probability, in [0, 1].
    """

    first: int
    last: int
    label: int
    probability: float


@dataclass(frozen=True, eq=False)
class NetworkTimeline:
    """What one network says of each window.

    Attributes:
        model: the network, without its weights.
        logits: a row a window, before the softmax.
    """

    model: CheckpointInfo
    logits: Float32[np.ndarray, "n k"]

    @cached_property
    def probabilities(self) -> Float32[np.ndarray, "n k"]:
        """In [0, 1], summing to 1 in every window."""
        wide = self.logits.astype(np.float64)
        shares = np.exp(wide - wide.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares.astype(np.float32)

    @property
    def best(self) -> Int64[np.ndarray, " n"]:
        """Index of the most probable class of every window."""
        return self.logits.argmax(axis=1)

    def top(self, k: int = 5) -> Int64[np.ndarray, "n _k"]:
        """Indices of the k most probable classes of every window, most probable first."""
        return np.argsort(-self.logits, axis=1, kind="stable")[:, :k]

    def margins(self) -> Float64[np.ndarray, " n"]:
        """Natural logarithm of p(answer) / p(its opposite), of every window.

        Not a number where the top answer has no opposite among the network's classes.
        """
        labels, relations = self.model.labels, self.model.relations
        opposites = [relations.opposite_of(label) for label in labels]
        numbers = [-1 if one is None else labels.index(one) for one in opposites]
        best = self.best
        other = np.array(numbers, np.int64)[best]
        rows = np.arange(len(best))
        difference = self.logits[rows, best].astype(np.float64) - self.logits[rows, other]
        return np.where(other < 0, np.nan, difference)

    def segments(self) -> tuple[Segment, ...]:
        """The windows put together where neighbours have the same top answer, in order."""
        best = self.best
        borders = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
        return tuple(
            Segment(first, end - 1, int(best[first]), self._mean(first, end, int(best[first])))
            for first, end in pairwise(borders)
            if end > first
        )

    def _mean(self, first: int, end: int, label: int) -> float:
        return float(self.probabilities[first:end, label].mean(dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Timeline:
    """The answers of several networks over a film.

    Attributes:
        name: the file's name, for people.
        digest: SHA-256 of the file's bytes, hexadecimal.
        film_seconds: how long the film is.
        starts: where each window begins, in seconds from the film's first frame; increasing.
        ends: where each ends, the end left out; increasing.
        cuts: where the film's pictures change at once, in seconds.
        answers: one a network, of as many windows.
        complete: whether the windows reach the film's end; else it was cancelled before.
    """

    name: str
    digest: str
    film_seconds: float
    starts: Float64[np.ndarray, " n"]
    ends: Float64[np.ndarray, " n"]
    cuts: tuple[float, ...]
    answers: tuple[NetworkTimeline, ...]
    complete: bool = True

    def __post_init__(self) -> None:
        """Hold the invariants that every later step relies on."""
        if np.any(np.diff(self.starts) <= 0) or np.any(self.ends <= self.starts):
            raise ValueError("the windows of a timeline must have lengths and be in order")
        if any(len(answer.logits) != len(self.starts) for answer in self.answers):
            raise ValueError(f"a timeline of {len(self.starts)} windows needs as many answers")

    @property
    def edges(self) -> Float64[np.ndarray, " _"]:
        """Where one window's part of a band ends and the next one's begins: n + 1 moments.

        Half-way between the middles of neighbours; the first window's part begins where it does,
        and the last one's ends where it does.
        """
        if not len(self.starts):
            return np.zeros(0)
        middles = (self.starts + self.ends) / 2
        between = (middles[:-1] + middles[1:]) / 2
        return np.concatenate([self.starts[:1], between, self.ends[-1:]])

    def window(self, number: int) -> Section:
        """The section of the film that a window shows."""
        return Section(float(self.starts[number]), float(self.ends[number]))

    def part(self, segment: Segment) -> Section:
        """The part of a band that is a segment's."""
        edges = self.edges
        return Section(float(edges[segment.first]), float(edges[segment.last + 1]))


def timeline(
    path: str | Path,
    models: Sequence[Model],
    *,
    window: float | None = None,
    step: float | None = None,
    progress: Callable[[float], None] = lambda _share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Timeline:
    """Slide windows over a film, and ask networks about each; the film is decoded once.

    Args:
        path: of the film.
        models: the networks.
        window: how long a window is, in seconds; None for `WINDOW`.
        step: from the start of a window to the next one's, in seconds; None for a quarter of it.
        progress: told which share of the film has been seen, in [0, 1].
        cancelled: asked often; once it says yes, what was found until then is returned.
    """
    raise NotImplementedError
