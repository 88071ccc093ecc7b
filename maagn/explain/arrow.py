"""Which way does time run for a network: which frames carry it, and which shuffles break it?

All of it is asked of the same sampled frames in other orders. Frames are numbered from 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import torch
from jaxtyping import Float64, Int64

from maagn.checkpoint import Model
from maagn.explain.edits import reverse
from maagn.explain.orders import Order, Orders
from maagn.explain.reversal import Reversal
from maagn.inference import to_prediction
from maagn.labels import ClassRelations
from maagn.types import ClipTensor, Prediction

Ask = Callable[[Sequence[Order]], Float64[np.ndarray, "n k"]]
"""Logits of a clip whose frames stand in those orders."""

Lead = Callable[[Float64[np.ndarray, "n k"]], Float64[np.ndarray, " n"]]
"""How far an answer is ahead, in nats: above 0 it stands, below it is turned."""

BLOCKS = 16
"""More frames are searched in so many blocks of neighbours, each whole or not at all."""

EXHAUSTIVE = 128
"""Sets of a size that are all tried; of more, those that add two to the best of the size before."""

STRENGTHS = (0.0, 0.03, 0.07, *(step / 8 for step in range(1, 9)))
"""Of shuffles: part of the pairs of frames that stand in the wrong order; 1 is backwards. Of eight
frames the first two are one pair and two pairs of the 28."""

SHUFFLES = 16
"""Orders drawn at each strength."""


@dataclass(frozen=True, eq=False)
class SmallestSet:
    """The fewest frames that turn an answer when they alone are played backwards among themselves.

    Attributes:
        frames: ascending, an even number; empty where no set that was tried turns it.
        order: of all frames, with those turned around; the frames' own where there is none.
        exact: whether there is no smaller set, or where none was found, none at all; otherwise sets
            of some size were tried in part.
        tried: sets.
    """

    frames: tuple[int, ...]
    order: Order
    exact: bool
    tried: int


@dataclass(frozen=True, eq=False)
class Shuffles:
    """An answer under random orders of growing strength, a number per strength.

    Attributes:
        strengths: normalised Kendall tau distance from the frames' own order, in [0, 1].
        trials: orders drawn; one at 0 and at 1, where there is only one.
        kept: of these with the answer of the frames' own order.
        opposite: with its opposite; none of a class without one.
    """

    strengths: Float64[np.ndarray, " s"]
    trials: Int64[np.ndarray, " s"]
    kept: Int64[np.ndarray, " s"]
    opposite: Int64[np.ndarray, " s"]

    @property
    def breaks_at(self) -> float | None:
        """The first strength at which under half of the orders keep the answer; None for none."""
        broken = np.flatnonzero(2 * self.kept < self.trials)
        return float(self.strengths[broken[0]]) if len(broken) else None


@dataclass(frozen=True, eq=False)
class Arrow:
    """What the order of a clip's frames is to one network.

    Attributes:
        directions: the predictions forwards and backwards.
        opposite: of the forward answer; None where the network knows none.
        swaps: what exchanging each frame with the next costs: by how many nats the answer's lead
            falls, over its opposite, or over the most probable other class where there is none.
        smallest: the fewest frames that turn it.
        turned: what the network says with these turned around; None where there are none.
        shuffles: orders of growing strength; None where they were not asked for.
    """

    directions: Reversal
    opposite: str | None
    swaps: Float64[np.ndarray, " _t"]
    smallest: SmallestSet
    turned: Prediction | None
    shuffles: Shuffles | None

    @property
    def answer(self) -> str:
        """The class that the network predicts of the frames as they were filmed."""
        return self.directions.forward.top(1)[0][0]

    @property
    def flips(self) -> bool:
        """Whether the opposite is predicted backwards."""
        return self.directions.backward.top(1)[0][0] == self.opposite

    @property
    def log_odds(self) -> tuple[float, float] | None:
        """Of the answer against its opposite in nats, forwards and backwards; None without one."""
        if self.opposite is None:
            return None
        return self.directions.margins(self.answer, self.opposite)


def arrow(
    model: Model,
    inputs: ClipTensor,
    *,
    relations: ClassRelations | None = None,
    with_shuffles: bool = True,
    step: Callable[[int], None] = lambda _computed: None,
) -> Arrow:
    """Ask `model` about the frames of `inputs` in both directions, and in the orders between.

    Args:
        model: the network.
        inputs: the sampled frames.
        relations: which of its classes are opposites; None for what is known of the model's.
        with_shuffles: whether random orders are asked about, too.
        step: called before each forward with the orders that were computed; may raise, to stop.

    Raises:
        NonFinitePrediction: the network's numbers are not finite for one of the orders.
    """
    ask = Orders(model, inputs, step=step)
    frames = ask.frames
    own = tuple(range(frames))
    directions = Reversal(model.name, *_predictions(model, ask((own, reverse(frames)))))
    best = directions.forward.best
    other = (relations or model.relations).opposite_of(model.labels[best])
    number = None if other is None else model.labels.index(other)
    lead = leads(best, number)
    smallest = smallest_set(ask, frames, lead)
    turned = _predictions(model, ask((smallest.order,)))[0] if smallest.frames else None
    return Arrow(
        directions=directions,
        opposite=other,
        swaps=swap_costs(ask, frames, lead),
        smallest=smallest,
        turned=turned,
        shuffles=shuffles(ask, frames, best, number) if with_shuffles else None,
    )


def leads(answer: int, opposite: int | None) -> Lead:
    """How far a class is ahead of its opposite: log-odds, in nats.

    Args:
        answer: the class.
        opposite: None for the most probable of all other classes.
    """

    def lead(logits: Float64[np.ndarray, "n k"]) -> Float64[np.ndarray, " n"]:
        if opposite is not None:
            return logits[:, answer] - logits[:, opposite]
        return logits[:, answer] - np.delete(logits, answer, axis=1).max(axis=1)

    return lead


def turned_around(frames: int, chosen: Sequence[int]) -> Order:
    """The chosen frames backwards in the places that they have, all others where they are."""
    order = np.arange(frames)
    places = np.sort(np.asarray(chosen, np.int64))
    order[places] = places[::-1]
    return tuple(order.tolist())


def swap_costs(ask: Ask, frames: int, lead: Lead) -> Float64[np.ndarray, " _t"]:
    """By how many nats the lead falls when each frame is exchanged with the next."""
    swaps = [turned_around(frames, (first, first + 1)) for first in range(frames - 1)]
    found = lead(ask((tuple(range(frames)), *swaps)))
    return found[0] - found[1:]


def smallest_set(ask: Ask, frames: int, lead: Lead) -> SmallestSet:
    """The fewest frames whose order, turned around among themselves, takes the lead from an answer.

    Sets of two frames are tried, then of four, and so on: of an odd number the middle one stays
    where it is. All sets of a size are tried if those are at most `EXHAUSTIVE`, which holds for
    every size up to nine frames; otherwise each pair is added to the best set of the size before.
    Of those of the first size that turns it, the one that turns it furthest is returned.
    """
    blocks = [tuple(block.tolist()) for block in np.array_split(np.arange(frames), BLOCKS)]
    blocks = [block for block in blocks if block]
    best: tuple[int, ...] = ()  # numbers of blocks
    exact, tried = len(blocks) == frames, 0
    for size in range(2, len(blocks) + 1, 2):
        whole = comb(len(blocks), size) <= EXHAUSTIVE
        sets = list(combinations(range(len(blocks)), size)) if whole else _grown(best, len(blocks))
        chosen = [tuple(frame for number in one for frame in blocks[number]) for one in sets]
        orders = [turned_around(frames, one) for one in chosen]
        found = lead(ask(orders))
        tried += len(sets)
        at = int(found.argmin())
        best = sets[at]
        if found[at] < 0:
            return SmallestSet(chosen[at], orders[at], exact, tried)
        exact = exact and whole
    return SmallestSet((), tuple(range(frames)), exact, tried)


def _grown(best: tuple[int, ...], blocks: int) -> list[tuple[int, ...]]:
    """The best set with every pair of those that it has not."""
    rest = sorted(set(range(blocks)) - set(best))
    return [tuple(sorted((*best, *pair))) for pair in combinations(rest, 2)]


def shuffles(
    ask: Ask,
    frames: int,
    answer: int,
    opposite: int | None,
    *,
    trials: int = SHUFFLES,
    seed: int = 0,
) -> Shuffles:
    """Ask about random orders at each of `STRENGTHS`, as near as the number of frames allows.

    The same seed draws the same orders for every network with as many frames.
    """
    pairs = comb(frames, 2)
    numbers = sorted({round(strength * pairs) for strength in STRENGTHS})
    rng = np.random.default_rng(seed)
    drawn = [
        [shuffled(frames, wrong, rng=rng) for _ in range(trials if 0 < wrong < pairs else 1)]
        for wrong in numbers
    ]
    said = ask([order for orders in drawn for order in orders]).argmax(axis=1)
    parts = np.split(said, np.cumsum([len(orders) for orders in drawn])[:-1])
    other = -1 if opposite is None else opposite
    return Shuffles(
        strengths=np.array(numbers) / max(pairs, 1),
        trials=np.array([len(orders) for orders in drawn]),
        kept=np.array([int((part == answer).sum()) for part in parts]),
        opposite=np.array([int((part == other).sum()) for part in parts]),
    )


def shuffled(frames: int, wrong: int, *, rng: np.random.Generator) -> Order:
    """An order drawn evenly from all with exactly so many pairs of frames in the wrong order.

    Frame by frame from the last, with how many of the frames before it, it changes places: digits
    of a Lehmer code, of which those with the given sum are counted (Mahonian numbers).

    Args:
        frames: how many there are.
        wrong: inversions, from 0 to all frames' pairs.
        rng: draws.
    """
    counts = _mahonian(frames, wrong)
    order: list[int] = []
    digits = []
    for places in range(frames, 0, -1):  # the frame of that number has so many places
        digit = np.arange(min(places - 1, wrong) + 1)
        weights = counts[places - 1, wrong - digit]
        drawn = int(rng.choice(digit, p=weights / weights.sum()))
        digits.append(drawn)
        wrong -= drawn
    for frame, before in enumerate(reversed(digits)):
        order.insert(frame - before, frame)
    return tuple(order)


def _mahonian(frames: int, wrong: int) -> Float64[np.ndarray, "rows columns"]:
    """Orders of so many frames (rows) with so many inversions (columns)."""
    counts = np.zeros((frames + 1, wrong + 1))
    counts[0, 0] = 1
    for places in range(1, frames + 1):
        for total in range(wrong + 1):
            counts[places, total] = counts[places - 1, max(0, total - places + 1) : total + 1].sum()
    return counts


def _predictions(model: Model, logits: Float64[np.ndarray, "n k"]) -> list[Prediction]:
    return [to_prediction(model, torch.from_numpy(row)[None].float(), None) for row in logits]
