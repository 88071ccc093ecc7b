"""One run with every tapped tensor kept, so that one forward serves every explanation."""

import torch

from maagn.checkpoint import Model
from maagn.nn.tap import record
from maagn.predict import device_of, prepare, to_prediction
from maagn.types import Clip, ForwardTrace


def trace(model: Model, clip: Clip) -> ForwardTrace:
    """Run `model` on `clip` once and keep what its taps saw.

    The tapped tensors stay attached to the graph from the first tap to the logits; `.grad` of the
    model's parameters is never touched, and threads can trace one shared model at once.
    """
    inputs = prepare(model, clip)
    with torch.enable_grad(), record(model.network) as taps:
        logits = model.network(inputs.data.to(device_of(model)))
    rates = model.spec.rates if model.spec.arch == "maagn" else ()
    return ForwardTrace(
        prediction=to_prediction(model, logits, taps.get("votes")),
        logits=logits,
        taps=dict(taps),
        clip=inputs,
        path_seconds=tuple(inputs.seconds[::rate] for rate in rates),
    )
