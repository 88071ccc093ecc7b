"""What does a network say of a clip's sampled frames in other orders?"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor

from maagn.checkpoint import Model
from maagn.explain.frames import looks_by_frame, stages_of_frames
from maagn.inference import device_of, forward_clips, refuse_not_finite
from maagn.nn.baselines import TSN
from maagn.types import ClipTensor

Order = tuple[int, ...]
"""Which of the sampled frames, from 0, stands in each place."""


def ignores_order(model: Model) -> bool:
    """Whether the prediction is the mean of the frames' own: TSN, which cannot know an order."""
    return isinstance(model.network, TSN) and not model.spec.shift


class Orders:
    """Logits of one clip in any orders of its frames; each order is computed once.

    Frames of equal pixels are one and the same here. So an order that shows the same pictures has
    the same logits to the last bit, and a clip that reads the same backwards changes by nothing.
    A network that `ignores_order` is asked about each frame once; its mean over the frames' logits
    is taken from the smallest to the largest in double precision, which no order can change. One
    that looks at each frame by itself before it compares them does that part once.

    Args:
        model: the network.
        inputs: the sampled frames.
        step: called before each forward with the orders that were computed; may raise, to stop.
    """

    def __init__(
        self,
        model: Model,
        inputs: ClipTensor,
        *,
        step: Callable[[int], None] = lambda _computed: None,
    ) -> None:
        self.frames = len(inputs.pictures)
        self._model = model
        self._inputs = inputs
        self._step = step
        self._same = _first_alike(inputs)
        self._features: dict[int, Tensor] | None = None
        self._own: Float64[np.ndarray, "t k"] | None = None
        self._known: dict[Order, Float64[np.ndarray, " k"]] = {}

    def __call__(self, orders: Sequence[Order]) -> Float64[np.ndarray, "n k"]:
        """Logits of the orders.

        Raises:
            NonFinitePrediction: the network's numbers are not finite for one of them.
        """
        shown = [tuple(self._same[frame] for frame in order) for order in orders]
        missing = [order for order in dict.fromkeys(shown) if order not in self._known]
        batch = forward_clips(self._model)
        for start in range(0, len(missing), batch):
            some = missing[start : start + batch]
            self._step(len(self._known))
            logits = self._logits(some)
            refuse_not_finite(self._model, logits)
            self._known |= dict(zip(some, logits, strict=True))
        return np.stack([self._known[order] for order in shown])

    def _logits(self, orders: list[Order]) -> Float64[np.ndarray, "n k"]:
        if ignores_order(self._model):
            own = self._of_frames()
            return np.stack([np.sort(own[list(order)], axis=0).mean(axis=0) for order in orders])
        rows = torch.tensor(orders)
        with torch.inference_mode():
            if looks_by_frame(self._model):
                stages = {stage: x[rows.to(x.device)] for stage, x in self._stages().items()}
                return _numbers(self._model.network.forward_head(stages))
            data = self._inputs.data[0].movedim(0, 1)[rows].movedim(1, 2)
            return _numbers(self._model.network(data.to(device_of(self._model))))

    def _stages(self) -> dict[int, Tensor]:
        if self._features is None:
            self._features = stages_of_frames(self._model, list(self._inputs.pictures))
        return self._features

    def _of_frames(self) -> Float64[np.ndarray, "t k"]:
        """Each frame's own logits: clips of one frame."""
        if self._own is None:
            alone = {stage: x[:, None] for stage, x in self._stages().items()}
            with torch.inference_mode():
                self._own = _numbers(self._model.network.forward_head(alone))
        return self._own


def _first_alike(inputs: ClipTensor) -> tuple[int, ...]:
    """For each frame the first that has the same pixels, mostly itself."""
    first: dict[bytes, int] = {}
    return tuple(
        first.setdefault(picture.tobytes(), frame) for frame, picture in enumerate(inputs.pictures)
    )


def _numbers(logits: Float[Tensor, "n k"]) -> Float64[np.ndarray, "n k"]:
    return logits.cpu().double().numpy()
