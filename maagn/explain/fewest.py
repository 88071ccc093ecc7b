"""The smallest set of frames without which the answer is another."""

from dataclasses import dataclass
from itertools import combinations, islice

from maagn.checkpoint import Model
from maagn.explain.edits import Edit, ask, drop
from maagn.types import ClipTensor, Prediction

_BATCH = 16


@dataclass(frozen=True, eq=False)
class Flip:
    """A set of frames that decides.

    Attributes:
        gone: the frames that were dropped, from 0.
        answer: what the network says without them.
        tried: sets that were tried.
    """

    gone: tuple[int, ...]
    answer: Prediction
    tried: int


def fewest(model: Model, inputs: ClipTensor) -> Flip | None:
    """The smallest set whose dropping changes the most probable class; None where there is none.

    Exact: all sets of one frame, then of two, and so on; of those of the first size that flips, the
    one after which the first answer is least probable.
    """
    frames = len(inputs.pictures)
    own = ask(model, inputs, (Edit(tuple(range(frames))),))[0].best
    tried = 0
    for size in range(1, frames):
        flips = []
        sets = combinations(range(frames), size)
        while some := tuple(islice(sets, _BATCH)):
            edits = tuple(Edit(drop(frames, gone=frozenset(gone))) for gone in some)
            found = zip(some, ask(model, inputs, edits), strict=True)
            flips += [(gone, answer) for gone, answer in found if answer.best != own]
            tried += len(some)
        if flips:
            gone, answer = min(flips, key=lambda one: one[1].probabilities[own])
            return Flip(gone, answer, tried)
    return None
