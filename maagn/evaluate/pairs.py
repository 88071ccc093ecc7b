"""Which opposites a model takes for each other, most confused first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from maagn.evaluate.answers import Answers
from maagn.evaluate.confusion import confusion
from maagn.evaluate.intervals import Share, share, wilson
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS

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
            answered; 0.5 is a coin.
    """

    classes: tuple[int, int]
    counts: tuple[Row, Row]
    opposite: Share
    preferred: Share

    @property
    def clips(self) -> int:
        """How many clips of the two classes there are."""
        return sum(map(sum, self.counts))


def benchmark_pairs() -> tuple[tuple[int, int], ...]:
    """The rendered benchmark's opposites, by number."""
    number = {label: place for place, label in enumerate(OPPOSITES_LABELS)}
    return tuple((number[one], number[other]) for one, other in OPPOSITES_PAIRS)


def confused_pairs(
    answers: Answers, pairs: Sequence[tuple[int, int]] | None = None
) -> list[PairConfusion]:
    """Each pair's counts; those most often answered with the opposite first, ties by size.

    Args:
        answers: of one model.
        pairs: opposites by number; None for the benchmark's.
    """
    matrix = confusion(answers)
    order = np.argsort(answers.truth, kind="stable")
    starts = np.searchsorted(answers.truth[order], np.arange(len(matrix) + 1))
    found = []
    for one, other in benchmark_pairs() if pairs is None else pairs:
        rows = np.concatenate([order[starts[c] : starts[c + 1]] for c in (one, other)])
        preferred = share(answers.preferred[rows])
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
