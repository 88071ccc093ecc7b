"""What networks say over a long film: windows slid over it, and one answer for each.

A window is a section of the film that a network sees as it would see a clip, so that the answer of
a window is what `maagn.inference.predict` says of that section. Neighbouring windows overlap; what
is shown as a band gives each its middle, up to half-way to its neighbours (`Timeline.edges`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Float64, Int64

from maagn.checkpoint import CheckpointInfo, Model
from maagn.explain.asking import Asking, NotForetoldError, Pictures, refuse_too_few, seen_part
from maagn.explain.windows import Spacing, check_lengths, slide
from maagn.io import file_digest
from maagn.section import Section
from maagn.shown import percent, plural, shortened
from maagn.video.cuts import CutFinder
from maagn.video.every_frame import SeenFrame
from maagn.video.film import FilmLength, film_length, film_pictures
from maagn.video.transform import sample_positions

_TOLD = 3  # segments of each network that a timeline's repr has


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

    def __repr__(self) -> str:
        labels = dict.fromkeys(self.model.labels[one.label] for one in self.segments())
        return (
            f"NetworkTimeline of {self.model.name}: {plural(len(self.logits), 'window')}, "
            f"{plural(len(labels), 'class', 'classes')} among the answers"
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

    def __repr__(self) -> str:
        lines = [
            f"Timeline of {shortened(self.name)!r}: {plural(len(self.starts), 'window')} over "
            f"{self.film_seconds:.2f} s" + ("" if self.complete else ", cancelled before its end")
        ]
        for answers in self.answers:
            lines.append(f"  {answers.model.name}: {plural(len(answers.segments()), 'segment')}")
            lines += [
                f"    {self.part(one)}  {percent(one.probability):>11}  "
                f"{shortened(answers.model.labels[one.label])}"
                for one in answers.segments()[:_TOLD]
            ]
        return "\n".join(lines)

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

    At most a window of frames is kept, as small as networks see them, however long the film is.
    Where a file's packets tell other times than its frames then have, it is decoded once more.
    Windows and steps are rounded to whole frames (`maagn.explain.windows.Spacing`).

    Args:
        path: of the film.
        models: the networks.
        window: how long a window is, in seconds; None for `maagn.explain.windows.WINDOW`.
        step: from the start of a window to the next one's, in seconds; None for a quarter of it.
        progress: told which share of the film has been seen, in [0, 1].
        cancelled: asked at every frame; once it says yes, what was found until then is returned.

    Raises:
        ClipError: the film cannot be read (`maagn.video.read.read_clip`), there are no such
            windows, or one has fewer frames than a network samples.
        NonFinitePrediction: a network's numbers are not finite for a window.
    """
    path = Path(path)
    lengths = check_lengths(window, step)
    film = film_length(path)
    spacing = Spacing.of(*lengths, gap=film.seconds / film.frames)
    wanted = _foretold(film, spacing, models, name=path.name)
    asked = (path, film, models, spacing, progress, cancelled)
    try:
        return _run(*asked, wanted=wanted)
    except NotForetoldError:  # packets told other times than the frames have
        return _run(*asked, wanted=None)


def _foretold(
    film: FilmLength, spacing: Spacing, models: Sequence[Model], *, name: str
) -> frozenset[int]:
    """The frames that networks will see, as far as packets tell.

    Raises:
        TooFewFrames: a window has fewer frames than a network samples.
    """
    samplings = {model.sampling: model.name for model in reversed(models)}
    wanted: set[int] = set()
    for window in slide(zip(film.times.tolist(), range(film.frames), strict=False), spacing):
        for sampling, model in samplings.items():
            refuse_too_few(window, sampling.frames, model, name)
            places = sample_positions(len(window.frames), sampling)
            wanted.update(window.frames[place] for place in places)
    return frozenset(wanted)


def _run(
    path: Path,
    film: FilmLength,
    models: Sequence[Model],
    spacing: Spacing,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
    *,
    wanted: frozenset[int] | None,
) -> Timeline:
    """Decode the film, and ask the networks.

    Raises:
        NotForetoldError: a network samples a frame that is not among the wanted ones.
    """
    looks = tuple(dict.fromkeys(model.transform for model in models))
    sides = tuple(dict.fromkeys(look.resize for look in looks))
    asking = [Asking(model, looks.index(model.transform), spacing, path.name) for model in models]
    finder = CutFinder()
    bounds: list[tuple[float, float]] = []

    def go_on() -> None:
        if cancelled():
            raise _CancelledError

    def seen(frames: Iterable[SeenFrame]) -> Iterator[tuple[float, Pictures | None]]:
        for seconds, small, pictures in frames:
            go_on()
            progress(min(1.0, seconds / film.seconds))
            finder.see(seconds, small)
            yield (
                seconds,
                pictures
                and tuple(seen_part(pictures[sides.index(look.resize)], look) for look in looks),
            )

    complete = True
    with closing(film_pictures(path, sides=sides, wanted=wanted)) as frames:
        try:
            for one in slide(seen(frames), spacing):
                bounds.append((one.start, one.end))
                for each in asking:
                    go_on()
                    each.add(one)
            for each in asking:
                go_on()
                each.ask()
            progress(1.0)
        except _CancelledError:
            complete = False
    answers = [each.logits() for each in asking]
    count = min(map(len, answers), default=0)
    starts, ends = np.array(bounds[:count], np.float64).reshape(count, 2).T
    return Timeline(
        name=path.name,
        digest=file_digest(path),
        film_seconds=film.seconds,
        starts=starts,
        ends=ends,
        cuts=tuple(cut for cut in finder.end() if complete or (count and cut < ends[-1])),
        answers=tuple(
            NetworkTimeline(model.card, logits[:count])
            for model, logits in zip(models, answers, strict=True)
        ),
        complete=complete,
    )


class _CancelledError(Exception):
    """Whoever waits wants no more."""
