"""One run with every tapped tensor kept, so that one forward serves every explanation."""

import torch

from maagn.checkpoint import Model
from maagn.nn.tap import record
from maagn.predict import device_of, prepare, to_prediction
from maagn.types import Clip, ForwardTrace

SINCE = 4
"""The stage at which a run's graph begins, unless asked otherwise: res4, which maps are made of."""


def trace(model: Model, clip: Clip, *, since: int = SINCE) -> ForwardTrace:
    """Run `model` on `clip` once and keep what its taps saw.

    Tapped tensors from stage `since` on, and every path's output, stay attached to the graph up to
    the logits. What comes before runs as fast, and keeps as little, as without gradients; who asks
    for a gradient there has the stages behind it run again (`maagn.explain.gradient`). `.grad` of
    the model's parameters is never touched, and threads can trace one shared model at once.

    Args:
        model: the network.
        clip: a clip with at least the frames that the network samples.
        since: first stage of the backbone, 2 to 5, whose gradients are at hand.

    Raises:
        NonFinitePrediction: the network's numbers are not finite for this clip.
        TooFewFrames: the clip is shorter than what the network samples.
    """
    inputs = prepare(model, clip)
    rates = model.spec.rates if model.spec.arch == "maagn" else ()
    leaves = {f"backbone.res{stage}" for stage in range(since, 6)}
    leaves |= {f"paths.{index}.output" for index in range(len(rates))}
    with torch.enable_grad(), record(model.network, leaves=leaves) as taps:
        logits = model.network(inputs.data.to(device_of(model)))
    return ForwardTrace(
        prediction=to_prediction(model, logits, taps.get("votes")),
        logits=logits,
        taps=dict(taps),
        clip=inputs,
        path_seconds=tuple(inputs.seconds[::rate] for rate in rates),
    )
