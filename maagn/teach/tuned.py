"""How long a network is fine-tuned, if at all, and its figures on clips that it was tuned without.

The number of passes is chosen by inner folds, as a head's penalty is; none, which is the heads
alone, is among the choices. So the figures are those of a person who tunes only where it helps.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from jaxtyping import Float64, Int64
from scipy.special import log_softmax

from maagn.checkpoint import Model
from maagn.errors import TeachError
from maagn.inference import device_of
from maagn.nn.network import VideoNetwork
from maagn.teach.frames import KeptClips
from maagn.teach.heads import LinearHead, taught_head
from maagn.teach.left_out import HeadInputs, LeftOut, group_folds
from maagn.teach.lesson import Lesson
from maagn.teach.network import taught_network
from maagn.teach.tune import Tune, fine_tune, recipe, votes_of
from maagn.train.schedule import steps_an_epoch

PARTS = 6
"""In which clips are left out: each part needs a fine-tuning of its own."""
PATIENCE = 3
"""Passes without a lower cross-entropy after which no more are tried."""

Rows = Int64[np.ndarray, " _m"]
Step = Callable[[int, int], None]
"""Takes how many fine-tunings are done and of how many at most; may raise, to stop."""


@dataclass(frozen=True, eq=False)
class Tuned:
    """What came of fine-tuning one network.

    Attributes:
        lesson: the network, and what was said of left-out clips after as many passes as inner folds
            chose; its `tuned` is `head` where they chose none for the network of all clips.
        heads: what the heads alone said of the same clips, left out in the same parts.
        passes: that were chosen for each part, without its clips.
    """

    lesson: Lesson
    heads: LeftOut
    passes: tuple[int, ...]

    def sentence(self, labels: Int64[np.ndarray, " n"]) -> str:
        """What was chosen and what it gave, for people."""
        heads, tuned = (
            int((each.votes.mean(axis=1).argmax(axis=1) == labels).sum())
            for each in (self.heads, self.lesson.tested)
        )
        kept = "fine-tuned" if self.lesson.passes else "the heads alone"
        return (
            f"{self.lesson.base.name}: inner folds chose fine-tuning for "
            f"{sum(passes > 0 for passes in self.passes)} of {len(self.passes)} parts, in which "
            f"groups or clips were left out together; {tuned} of {len(labels)} left-out clips are "
            f"classified correctly, {heads} by heads alone. The network that is kept is {kept}."
        )


def tuned_lesson(
    base: Model,
    heads: Sequence[HeadInputs],
    clips: KeptClips,
    *,
    tune: Tune,
    step: Step = lambda _done, _of: None,
) -> Tuned:
    """Fine-tune a network on all clips, and on all but each part of them to test it.

    A part's number of passes is chosen by networks that see neither it nor the next part, tested on
    the next, and the same with the part before it. So one fine-tuning without two parts serves
    both.

    Args:
        base: the network.
        heads: what each of its heads reads of every clip.
        clips: the frames of the same clips.
        tune: which weights.
        step: called at least once a clip.

    Raises:
        TeachError: a part has all clips of a class.
    """
    first = heads[0]
    teacher = _Teacher(base, heads, clips, tune)
    folds = [test for _, test in group_folds(first.labels, first.groups, most=PARTS)]
    pairs = [(i, (i + 1) % len(folds)) for i in range(len(folds))] if len(folds) > 2 else []
    of = len(pairs) + len(folds) + 1
    tested: list[list[list[float]]] = [[] for _ in folds]  # for each part, curves of its neighbours
    for done, (one, other) in enumerate(pairs):
        learn = teacher.all_but(folds[one], folds[other])
        if not teacher.knows(learn):
            continue
        curves = teacher.curves(learn, (folds[other], folds[one]), _at(step, done, of))
        tested[one].append(curves[0])
        tested[other].append(curves[1])
    shape = (len(first.labels), len(heads), first.classes)
    alone, after = (LeftOut(np.empty(shape), np.empty(shape)) for _ in range(2))
    chosen = tuple(fewest_passes(curves) for curves in tested)
    for number, (test, passes) in enumerate(zip(folds, chosen, strict=True)):
        learn = teacher.all_but(test)
        if not teacher.knows(learn):
            raise TeachError(
                "One of the parts that are left out in turn has all clips of a class: give clips "
                "of further groups, or teach heads alone."
            )
        tell = _at(step, len(pairs) + number, of)
        network, _ = teacher.with_heads(learn)
        _fill(alone, test, votes_of(network, clips, test, step=tell))
        teacher.change(network, learn, passes, tell)
        _fill(after, test, votes_of(network, clips, test, step=tell))
    everything = np.arange(len(first.labels))
    passes = fewest_passes(list(chain(*tested)))
    network, fitted = teacher.with_heads(everything)
    steps = teacher.change(network, everything, passes, _at(step, of - 1, of))
    lesson = Lesson(
        base,
        network.cpu(),
        after,
        tuple(head.strength for head in fitted),
        tuned=tune if passes else "head",
        passes=passes,
        steps=steps,
    )
    return Tuned(lesson, alone, chosen)


def fewest_passes(curves: Sequence[Sequence[float]]) -> int:
    """The number of passes with the least cross-entropy over all curves; the fewest of several.

    Args:
        curves: cross-entropy after 0, 1, ... passes, each as far as it was followed.
    """
    if not curves:
        return 0
    length = min(map(len, curves))
    return int(np.sum([curve[:length] for curve in curves], axis=0).argmin())


def ended(curve: Sequence[float]) -> bool:
    """Whether patience with a curve has run out."""
    return len(curve) - 1 - int(np.argmin(curve)) >= PATIENCE


@dataclass(frozen=True, eq=False)
class _Teacher:
    """Fits and fine-tunes on any of a teaching's clips."""

    base: Model
    heads: Sequence[HeadInputs]
    clips: KeptClips
    tune: Tune

    def all_but(self, *folds: Rows) -> Rows:
        return np.setdiff1d(np.arange(len(self.clips)), np.concatenate(folds))

    def knows(self, learn: Rows) -> bool:
        """Whether every class has an example."""
        head = self.heads[0]
        return len(np.unique(head.examples(learn).labels)) == head.classes

    def with_heads(self, learn: Rows) -> tuple[VideoNetwork, list[LinearHead]]:
        fitted = [taught_head(each.examples(learn), classes=each.classes) for each in self.heads]
        return taught_network(self.base, fitted).to(device_of(self.base)), fitted

    def change(
        self, network: VideoNetwork, learn: Rows, passes: int, step: Callable[[], None]
    ) -> int:
        """Fine-tune for that many passes, of none or more; the optimiser's steps."""
        done = 0
        if passes:
            for done in self._passes(network, learn, step):
                if done == passes:
                    break
        return done * steps_an_epoch(recipe(self.clips, learn=len(learn)))

    def curves(
        self, learn: Rows, tests: Sequence[Rows], step: Callable[[], None]
    ) -> list[list[float]]:
        """Cross-entropy of each of the tests after 0, 1, ... passes, while patience lasts.

        No test's curve depends on the clips of another.
        """
        network, _ = self.with_heads(learn)
        found = [[self._loss(network, test, step)] for test in tests]
        for _ in self._passes(network, learn, step):
            for curve, test in zip(found, tests, strict=True):
                if not ended(curve):
                    curve.append(self._loss(network, test, step))
            if all(map(ended, found)):
                break
        return found

    def _passes(
        self, network: VideoNetwork, learn: Rows, step: Callable[[], None]
    ) -> Iterator[int]:
        spec = recipe(self.clips, learn=len(learn))
        opposites = self.heads[0].opposites.tolist()
        return fine_tune(
            network, self.clips, learn, opposites, tune=self.tune, spec=spec, step=step
        )

    def _loss(self, network: VideoNetwork, rows: Rows, step: Callable[[], None]) -> float:
        """Summed over the clips, and over the reversals that show a class; infinite if no number.

        Weights that a training has blown up are then never the best.
        """
        logits = votes_of(network, self.clips, rows, step=step).mean(axis=2)
        labels = self.clips.classes[rows]
        backwards = self.heads[0].opposites[labels]
        shown = backwards >= 0
        likelihood = _log_likelihood(logits[:, 0], labels)
        likelihood += _log_likelihood(logits[shown, 1], backwards[shown])
        return -likelihood if math.isfinite(likelihood) else math.inf


def _log_likelihood(logits: Float64[np.ndarray, "m k"], labels: Int64[np.ndarray, " m"]) -> float:
    return float(log_softmax(logits, axis=1)[np.arange(len(labels)), labels].sum())


def _fill(found: LeftOut, rows: Rows, votes: Float64[np.ndarray, "m 2 p k"]) -> None:
    found.votes[rows], found.backward[rows] = votes[:, 0], votes[:, 1]


def _at(step: Step, done: int, of: int) -> Callable[[], None]:
    return lambda: step(done, of)
