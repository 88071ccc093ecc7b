"""The gradient of a class's score at a tapped feature: worked out once for all maps made of it."""

import torch
from jaxtyping import Float
from torch import Tensor

from maagn.checkpoint import Model
from maagn.types import ForwardTrace

Run = tuple[Tensor, Tensor]
"""A feature and the logits, in one graph."""


def gradient(
    model: Model, trace: ForwardTrace, layer: str, *, target: int, against: int | None = None
) -> Float[Tensor, "1 t c h w"]:
    """The gradient of `logit[target]`, or of its lead over `logit[against]`, at `layer`.

    The trace keeps the last few, so that several methods share one; `.grad` of nothing is touched.

    Args:
        model: the network that was traced.
        trace: its run.
        layer: a tap of the backbone, or a path's output.
        target: class.
        against: the class that is subtracted.
    """

    def make() -> Tensor:
        feature, logits = _run(model, trace, layer)
        score = logits[0, target]
        if against is not None:
            score = score - logits[0, against]
        return torch.autograd.grad(
            score, feature, retain_graph=True, allow_unused=True, materialize_grads=True
        )[0]

    return trace.gradients.get((layer, target, against), make)


def _run(model: Model, trace: ForwardTrace, layer: str) -> Run:
    """The run itself where its graph holds the layer; else the stages behind the layer, again."""
    feature = trace.taps[layer]
    if feature.requires_grad:
        return feature, trace.logits
    return trace.reruns.get(layer, lambda: _again(model, trace, layer))


def _again(model: Model, trace: ForwardTrace, layer: str) -> Run:
    """From a stage's kept feature to the logits; the stages before it are not run."""
    stage = int(layer.removeprefix("backbone.res"))
    feature = trace.taps[layer].detach().requires_grad_()
    features = {i: trace.taps[f"backbone.res{i}"].detach() for i in range(2, stage)}
    features[stage] = feature
    with torch.enable_grad():
        features |= model.network.backbone.after(stage, feature)
        return feature, model.network.answer(features)
