"""A model's answer about a clip."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from maagn.checkpoint import Model
from maagn.nn.tap import record
from maagn.types import Clip, ClipTensor, Prediction
from maagn.video.transform import to_tensor


def prepare(model: Model, clip: Clip) -> ClipTensor:
    """What `model` sees of `clip`."""
    return to_tensor(clip, sampling=model.sampling, transform=model.transform)


def predict(model: Model, clip: Clip) -> Prediction:
    """Probabilities of every class, and what each path voted."""
    inputs = prepare(model, clip).data.to(device_of(model))
    with torch.inference_mode(), record(model.network) as taps:
        logits = model.network(inputs)
    return to_prediction(model, logits, taps.get("votes"))


def device_of(model: Model) -> torch.device:
    """Where the model's weights are."""
    return next(model.network.parameters()).device


def to_prediction(
    model: Model, logits: Float[Tensor, "1 k"], votes: Float[Tensor, "1 p k"] | None
) -> Prediction:
    """Logits and votes of one clip, as numbers apart from the network."""
    logits = logits.detach().cpu()
    votes = torch.empty(1, 0, logits.shape[1]) if votes is None else votes.detach().cpu()
    return Prediction(
        labels=model.labels,
        logits=_numbers(logits[0]),
        probabilities=_numbers(logits.double().softmax(dim=1)[0]),
        path_probabilities=_numbers(votes.double().softmax(dim=2)[0]),
        path_logits=_numbers(votes[0]),
    )


def _numbers(x: Tensor) -> Float[np.ndarray, "..."]:
    return x.numpy()
