"""How often a model is right on held-out rendered clips, and what reversing a clip does to it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

from maagn.checkpoint import Model
from maagn.errors import ModelError
from maagn.labels import opposite_of
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from maagn.predict import device_of
from maagn.video.transform import normalise

_BATCH = 16


@dataclass(frozen=True)
class Accuracy:
    """What was counted on one split.

    Attributes:
        model: name of the model.
        split: which clips.
        clips: how many.
        top1: part whose most probable class is the true one.
        within_pair: part whose true class is more probable than its opposite; 0.5 is a coin.
        opposite_confusion: part answered with the opposite of the true class.
        reversal_flips: of the clips answered right, the part whose answer becomes the opposite
            class when the same sampled frames are shown in reverse; NaN if none was right.
        low: lower end of the 95 % interval of `top1` (Wilson 1927).
        high: upper end of that interval.
    """

    model: str
    split: str
    clips: int
    top1: float
    within_pair: float
    opposite_confusion: float
    reversal_flips: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return asdict(self)


def evaluate(
    model: Model, *, split: Literal["val", "test"] = "test", per_class: int = 20
) -> Accuracy:
    """Count on `per_class` clips of every class of a split that training never sees.

    Raises:
        ModelError: the model's labels are not the rendered benchmark's.
    """
    if model.labels != OPPOSITES_LABELS:
        raise ModelError(
            f"{model.name} was not trained on the rendered opposites: choose another model."
        )
    opposite = np.array([model.labels.index(opposite_of(label) or "") for label in model.labels])
    data = OppositesDataset(split, length=per_class * len(model.labels))
    forward, backward, truth = [], [], []
    for start in range(0, len(data), _BATCH):
        items = [data.get(i) for i in range(start, min(start + _BATCH, len(data)))]
        clips = np.stack([frames for frames, _ in items])
        forward.append(_logits(model, clips))
        backward.append(_logits(model, clips[:, ::-1].copy()))
        truth += [label for _, label in items]
    return count(
        model.name,
        split,
        np.concatenate(forward),
        np.concatenate(backward),
        np.array(truth),
        opposite,
    )


def count(
    name: str,
    split: str,
    forward: Float[np.ndarray, "n k"],
    backward: Float[np.ndarray, "n k"],
    truth: Int[np.ndarray, " n"],
    opposite: Int[np.ndarray, " k"],
) -> Accuracy:
    """The figures of `Accuracy` from the logits of clips and of the same clips reversed."""
    n = len(truth)
    answer = forward.argmax(axis=1)
    right = answer == truth
    rows = np.arange(n)
    flipped = backward.argmax(axis=1)[right] == opposite[truth[right]]
    low, high = wilson(int(right.sum()), n)
    return Accuracy(
        model=name,
        split=split,
        clips=n,
        top1=float(right.mean()),
        within_pair=float((forward[rows, truth] > forward[rows, opposite[truth]]).mean()),
        opposite_confusion=float((answer == opposite[truth]).mean()),
        reversal_flips=float(flipped.mean()) if right.any() else float("nan"),
        low=low,
        high=high,
    )


def wilson(hits: int, trials: int, *, z: float = 1.96) -> tuple[float, float]:
    """Ends of the score interval of a proportion; holds at 0 and 1 too, where others collapse."""
    centre = (hits + z * z / 2) / (trials + z * z)
    spread = hits * (trials - hits) / trials + z * z / 4
    half = z * spread**0.5 / (trials + z * z)
    return max(0.0, centre - half), min(1.0, centre + half)


def _logits(model: Model, clips: UInt8[np.ndarray, "n t h w 3"]) -> Float[np.ndarray, "n k"]:
    with torch.inference_mode():
        return (
            model.network(normalise(clips, model.transform).to(device_of(model)))
            .float()
            .cpu()
            .numpy()
        )
