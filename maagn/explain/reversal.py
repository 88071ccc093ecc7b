"""What does a network say when it sees the same frames backwards?"""

from dataclasses import dataclass, replace

import numpy as np

from maagn.checkpoint import Model
from maagn.explain.divergence import divergences
from maagn.inference import answer
from maagn.types import ClipTensor, Prediction


@dataclass(frozen=True, eq=False)
class Reversal:
    """One network's answers about the same sampled frames in both orders.

    Attributes:
        model: its name.
        forward: what it says of the frames as they were filmed.
        backward: what it says of them in reverse.
    """

    model: str
    forward: Prediction
    backward: Prediction

    @property
    def change(self) -> float:
        """The largest change of any class's logit, at least 0; 0 for a network without order."""
        return float(np.abs(self.forward.logits - self.backward.logits).max())

    @property
    def divergence(self) -> float:
        """Temporal divergence: how far the backward prediction is from the forward one, in nats."""
        pair = (self.forward.logits[None], self.backward.logits[None])
        return float(divergences(*pair)[0])

    @property
    def changed(self) -> bool:
        """Whether the most probable class is another one backwards."""
        return self.forward.best != self.backward.best

    def margins(self, label: str, other: str) -> tuple[float, float]:
        """Natural logarithm of p(label) / p(other), forwards and backwards.

        Raises:
            ValueError: the model does not know one of the classes.
        """
        return margin(self.forward, label, other), margin(self.backward, label, other)


def margin(prediction: Prediction, label: str, other: str) -> float:
    """Natural logarithm of p(label) / p(other): the difference of their logits.

    Raises:
        ValueError: the model does not know one of the classes.
    """
    one, two = prediction.labels.index(label), prediction.labels.index(other)
    return float(prediction.logits[one]) - float(prediction.logits[two])


def backwards(inputs: ClipTensor) -> ClipTensor:
    """The same sampled frames, last first; the times stay those of the places in the clip."""
    return replace(
        inputs,
        data=inputs.data.flip(2),
        pictures=np.ascontiguousarray(inputs.pictures[::-1]),
        positions=np.ascontiguousarray(inputs.positions[::-1]),
    )


def reversal(model: Model, inputs: ClipTensor) -> Reversal:
    """Ask `model` about the frames of `inputs` in both orders."""
    return Reversal(model.name, answer(model, inputs), answer(model, backwards(inputs)))
