"""A model's prediction about a clip, and the same forward with every tapped tensor kept."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.errors import NonFinitePrediction
from maagn.nn.macs import macs_of
from maagn.nn.taps import record
from maagn.types import Clip, ClipTensor, ForwardTrace, Prediction
from maagn.video.transform import to_tensor

NOT_FINITE = "computes numbers that are not finite"
"""What every sentence about such a network has in it."""


def prepare(model: Model, clip: Clip) -> ClipTensor:
    """Sample and preprocess the frames of `clip` that `model` takes."""
    return to_tensor(clip, sampling=model.sampling, transform=model.transform)


def predict(model: Model, clip: Clip) -> Prediction:
    """Probabilities of every class, and what each path voted.

    Raises:
        NonFinitePrediction: the network's numbers are not finite for this clip.
        TooFewFrames: the clip is shorter than what the network samples.
    """
    return answer(model, prepare(model, clip))


def answer(model: Model, inputs: ClipTensor) -> Prediction:
    """What `model` says of frames that are already sampled and normalised.

    Raises:
        NonFinitePrediction: the network's numbers are not finite for this clip.
    """
    with torch.inference_mode(), record(model.network) as taps:
        logits = model.network(inputs.data.to(device_of(model)))
    return to_prediction(model, logits, taps.get("votes"))


def device_of(model: Model) -> torch.device:
    """Where the model's weights are."""
    return next(model.network.parameters()).device


def to_prediction(
    model: Model, logits: Float[Tensor, "1 k"], votes: Float[Tensor, "1 p k"] | None
) -> Prediction:
    """Logits and votes of one clip, as numbers apart from the network.

    Raises:
        NonFinitePrediction: one of them is infinite, or no number.
    """
    logits = logits.detach().cpu()
    votes = torch.empty(1, 0, logits.shape[1]) if votes is None else votes.detach().cpu()
    refuse_not_finite(model, logits.numpy(), votes.numpy())
    return Prediction(
        labels=model.labels,
        logits=_numbers(logits[0]),
        probabilities=_numbers(logits.double().softmax(dim=1)[0]),
        path_probabilities=_numbers(votes.double().softmax(dim=2)[0]),
        path_logits=_numbers(votes[0]),
    )


def refuse_not_finite(model: CheckpointInfo, *values: NDArray[Any], what: str = "answer") -> None:
    """Refuse what a network computed about a clip where it is not finite.

    Finite weights can be so large that what comes of them is not.

    Args:
        model: the network.
        values: what it computed.
        what: that is for people, e.g. `map`.

    Raises:
        NonFinitePrediction: a value is infinite, or no number.
    """
    if not all(np.isfinite(value).all() for value in values):
        raise not_finite(model, what=what)


def not_finite(model: CheckpointInfo, *, what: str = "answer") -> NonFinitePrediction:
    """The error of a network whose numbers about a clip are not finite."""
    return NonFinitePrediction(
        f"{model.name} {NOT_FINITE} for this clip, so there is no {what}: its weights are too "
        "large, use an earlier checkpoint of it."
    )


def _numbers(x: Tensor) -> Float[np.ndarray, "..."]:
    return x.numpy()


_MOST_CLIPS = 16  # a forward
_MACS = 70e9  # of a forward: two clips of TSM at ResNet-50, 2 to 3 s on one processor core


def forward_clips(model: CheckpointInfo) -> int:
    """Clips a forward, so that one takes no more than about 3 s on two processor cores.

    Whoever waits can then be told how far the work is, and be rid of it soon. One at least: a
    forward of a very large network takes as long as it takes.
    """
    of_one = macs_of(model.spec, side=model.transform.crop)
    return int(max(1, min(_MOST_CLIPS, _MACS // of_one)))


GRAD_FROM_STAGE = 4
"""The stage at which a run's graph begins, unless asked otherwise: that of the first map."""


def trace(
    model: Model,
    clip: Clip,
    *,
    grad_from_stage: int = GRAD_FROM_STAGE,
    since: int | None = None,
    inputs: ClipTensor | None = None,
) -> ForwardTrace:
    """Run `model` on `clip` once and keep what its taps saw.

    Tapped tensors from stage `grad_from_stage` on, and every path's output, stay attached to the
    graph up to the logits. What comes before runs as fast, and keeps as little, as without
    gradients; who asks for a gradient there has the stages behind it run again
    (`maagn.explain.cam`). `.grad` of the model's parameters is never touched, and threads can
    trace one shared model at once.

    Args:
        model: the network.
        clip: a clip with at least the frames that the network samples.
        grad_from_stage: first stage of the backbone, 2 to 5, whose gradients are at hand.
        since: the former name of `grad_from_stage`, which it goes before.
        inputs: what `prepare` makes of the clip, where somebody has it already.

    Raises:
        NonFinitePrediction: the network's numbers are not finite for this clip.
        TooFewFrames: the clip is shorter than what the network samples.
    """
    inputs = inputs or prepare(model, clip)
    first = grad_from_stage if since is None else since
    leaves = {f"backbone.res{stage}" for stage in range(first, 6)}
    leaves |= {path.tap for path in model.paths}
    with torch.enable_grad(), record(model.network, leaves=leaves) as taps:
        logits = model.network(inputs.data.to(device_of(model)))
    return ForwardTrace(
        prediction=to_prediction(model, logits, taps.get("votes")),
        logits=logits,
        taps=dict(taps),
        clip=inputs,
        path_seconds=tuple(inputs.seconds_at(path.rate) for path in model.paths),
        stage_seconds={
            stage.tap: inputs.seconds_at(stage.rate, stage.offset) for stage in model.stages
        },
    )
