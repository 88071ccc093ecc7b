"""Where, and when, is the evidence for a class? Class activation maps of any tapped feature.

The weightings are pytorch-grad-cam's own classes, handed the tapped activations and gradients: its
hooks, which belong to a model and so mix up the visitors of a shared one, are never set. Methods
that patch the model (AblationCAM, ScoreCAM, FullGrad) are not offered.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Float32
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.errors import UnknownMethod, UnknownTarget
from maagn.explain.combine import Source, fused
from maagn.inference import GRAD_FROM_STAGE, device_of, refuse_not_finite
from maagn.nn.taps import record
from maagn.types import Explanation, ForwardTrace

Run = tuple[Tensor, Tensor]
"""A feature and the logits, in one graph."""


def gradients(
    model: Model,
    trace: ForwardTrace,
    layers: tuple[str, ...],
    *,
    target: int,
    against: int | None = None,
) -> tuple[Float[Tensor, "1 _t _c _h _w"], ...]:
    """The gradients of `logit[target]`, or of its lead over `logit[against]`, at several layers.

    One backward pass gives all that are in the run's graph. The trace keeps the last few, so that
    several methods share them; `.grad` of nothing is touched.

    Args:
        model: the network that was traced.
        trace: its run.
        layers: taps of the backbone, or paths' outputs.
        target: class.
        against: the class that is subtracted.
    """

    def make() -> tuple[Tensor, ...]:
        if all(trace.taps[layer].requires_grad for layer in layers):
            features = [trace.taps[layer] for layer in layers]
            return _slopes(trace.logits, features, target, against)
        return tuple(
            slope
            for layer in layers
            for feature, logits in [_run(model, trace, layer)]
            for slope in _slopes(logits, [feature], target, against)
        )

    return trace.gradients.get((layers, target, against), make)


def _slopes(
    logits: Tensor, features: list[Tensor], target: int, against: int | None
) -> tuple[Tensor, ...]:
    score = logits[0, target]
    if against is not None:
        score = score - logits[0, against]
    return torch.autograd.grad(
        score, features, retain_graph=True, allow_unused=True, materialize_grads=True
    )


def _run(model: Model, trace: ForwardTrace, layer: str) -> Run:
    """The run itself where its graph holds the layer; else what is behind the layer, again."""
    feature = trace.taps[layer]
    if feature.requires_grad:
        return feature, trace.logits
    return trace.reruns.get(layer, lambda: _again(model, trace, layer))


def _again(model: Model, trace: ForwardTrace, layer: str) -> Run:
    """From a stage's kept feature to the logits, without the stages before it where that can be."""
    if not model.network.resumes:
        with torch.enable_grad(), record(model.network, leaves={layer}) as taps:
            logits = model.network(trace.clip.data.to(device_of(model)))
        return taps[layer], logits
    stage = int(layer.removeprefix("backbone.res"))
    feature = trace.taps[layer].detach().requires_grad_()
    features = {i: trace.taps[f"backbone.res{i}"].detach() for i in range(2, stage)}
    features[stage] = feature
    with torch.enable_grad():
        features |= model.network.forward_after(stage, feature)
        return feature, model.network.forward_head(features)


Pooling = Literal["frame", "clip"]

Activations = Float[np.ndarray, "n c *place"]
"""A feature, or its gradient: n is the frames of a clip where they are weighed one by one (and a
place a row and a column), or 1 where the clip is weighed whole (a frame, a row and a column)."""

_SMALL = 16  # places or channels that are decomposed outright


@dataclass(frozen=True)
class CamMethod:
    """One way to weigh activations.

    Attributes:
        title: what people read.
        weigh: from activations and their gradient to a map without channels, raw and signed;
            where no gradient is needed it is given zeros.
        needs_gradient: whether the map depends on the gradient, and so on the class.
        pooling: what one set of weights is of, unless asked otherwise: a frame, or the whole clip.
    """

    title: str
    weigh: Callable[[Activations, Activations], Float[np.ndarray, "n *place"]]
    needs_gradient: bool = True
    pooling: Pooling = "frame"


def _of_the_library(name: str, title: str) -> CamMethod:
    """A weighting of pytorch-grad-cam, by the name of its class."""
    return CamMethod(title, lambda a, g: _by_library(name, a, g))


METHODS: dict[str, CamMethod] = {
    "hirescam": _of_the_library("hirescam", "HiResCAM"),
    "gradcam": _of_the_library("gradcam", "GradCAM"),
    "gradcam++": _of_the_library("gradcam++", "GradCAMPlusPlus"),
    "xgradcam": _of_the_library("xgradcam", "XGradCAM"),
    "layercam": _of_the_library("layercam", "LayerCAM"),
    "elementwise": _of_the_library("elementwise", "GradCAMElementWise"),
    # One principal axis a clip: with one for each of them, frames would not be comparable.
    "eigencam": CamMethod(
        "EigenCAM", lambda a, _: _on_first_axis(a), needs_gradient=False, pooling="clip"
    ),
    "eigengradcam": CamMethod("EigenGradCAM", lambda a, g: _on_first_axis(g * a), pooling="clip"),
}
"""The methods that are offered, by the name that addresses and commands use. A further one is an
entry here."""

FIRST_METHOD = "hirescam"
FIRST_LAYER = f"backbone.res{GRAD_FROM_STAGE}"
"""The map that is made unless asked otherwise (decision 0022): every network has the layer, and
each of its frames gets a gradient on every path of MAAGN."""

_SHARPER = "product:backbone.res3+backbone.res4"


def layers(model: CheckpointInfo) -> dict[str, str]:
    """Taps that a map can be made of, with the words that people read, deepest first."""
    return {stage.tap: stage.title for stage in (*model.paths, *reversed(model.stages))}


def sources(model: CheckpointInfo) -> dict[str, str]:
    """What pages offer as the layer of a map, with the words that people read; fused ones last."""
    return layers(model) | {_SHARPER: Source.parse(_SHARPER).words}


def can_map(model: CheckpointInfo, layer: str) -> bool:
    """Whether the network has that layer, or all those that are fused.

    Raises:
        UnknownMethod: no name of a layer or of several.
    """
    return set(Source.parse(layer).layers) <= set(layers(model))


def grad_from_stage(layer: str) -> int:
    """The stage at which a run's graph has to begin, for maps of `layer` not to run it again."""
    stages = {f"backbone.res{stage}": stage for stage in range(2, GRAD_FROM_STAGE)}
    return min(stages.get(tap, GRAD_FROM_STAGE) for tap in Source.parse(layer).layers)


def cam(
    model: Model,
    trace: ForwardTrace,
    target: int,
    *,
    against: int | None = None,
    method: str = FIRST_METHOD,
    layer: str = FIRST_LAYER,
    pooling: Pooling | None = None,
) -> Explanation:
    """The map of one class at one layer, raw: its own scale and its own sign, nothing normalised.

    Or of several layers, fused (`maagn.explain.combine.fused`): not negative, with a sum of 1.

    The values are what pytorch-grad-cam computes before it cuts off the negative part and scales
    to [0, 1]. "Grad-CAM" on video has two meanings in the field: gradients averaged over the place
    in each frame (SlowFast, mmaction2), or over the place and the whole clip (pytorch-grad-cam on
    five axes). The first, which also shows when, is the default.

    Args:
        model: the network that was traced.
        trace: its run.
        target: class whose logit is explained.
        against: explain `logit[target] - logit[against]` instead (the idea of FinerCAM).
        method: one of `METHODS`.
        layer: one of `layers(model)`, or several fused (`maagn.explain.combine.Source`).
        pooling: weights a `frame` or a `clip`; None takes the method's own.

    Returns:
        `values` (t, h, w), at the layer's own resolution; signed where it is one layer's.

    Raises:
        UnknownTarget: no such class.
        UnknownMethod: no such method or layer.
        NonFinitePrediction: the map's numbers are not finite.
    """
    source = Source.parse(layer)
    _check(model, target, against, method, source)
    pooling = pooling or METHODS[method].pooling
    features = tuple(trace.taps[tap] for tap in source.layers)
    slopes = tuple(torch.zeros_like(feature) for feature in features)
    if METHODS[method].needs_gradient:
        slopes = gradients(model, trace, source.layers, target=target, against=against)
    about = {
        "method": method,
        "pooling": pooling,
        "class": model.labels[target],
        "against": None if against is None else model.labels[against],
        "clip": trace.clip.digest,
        "checkpoint": model.digest,
    }
    maps = []
    for tap, feature, slope in zip(source.layers, features, slopes, strict=True):
        values = weigh(feature, slope, method=method, pooling=pooling)
        refuse_not_finite(model, values, what="map")
        maps.append(
            Explanation(
                kind="cam",
                name=tap,
                values=values,
                axes=("time", "row", "column"),
                unit="logit",
                bounds=None,
                signed=True,
                seconds=trace.seconds_of(tap),
                about=about | {"layer": tap},
            )
        )
    return maps[0] if source.fusion is None else fused(maps, source.fusion)


def weighting_of(method: str) -> type[Any]:
    """The library's class of a method; the library takes seconds to import, so not before."""
    from maagn.nn import torchvision_ops  # noqa: F401 - must come before the library

    import pytorch_grad_cam  # isort: skip

    weighting: type[Any] = getattr(pytorch_grad_cam, METHODS[method].title)
    return weighting


def weigh(
    feature: Float[Tensor, "1 t c h w"],
    gradient: Float[Tensor, "1 t c h w"],
    *,
    method: str,
    pooling: Pooling,
) -> Float32[np.ndarray, "t h w"]:
    """The method's weighting of activations by gradients, at the feature's own resolution."""
    axes = "1 t c h w -> t c h w" if pooling == "frame" else "1 t c h w -> 1 c t h w"
    a, g = (rearrange(x.detach().cpu().float(), axes).numpy() for x in (feature, gradient))
    values = METHODS[method].weigh(a, g)
    return np.asarray(values, dtype=np.float32).reshape(-1, *a.shape[-2:])


def _by_library(method: str, a: Activations, g: Activations) -> Float[np.ndarray, "n *place"]:
    """The library's weighting of activations by gradients, without its hooks or its scaling."""
    weighting = weighting_of(method)(torch.nn.Linear(1, 1), [])  # no layers, so no hooks
    return weighting.get_cam_image(None, None, None, a, g, False)


def _on_first_axis(x: Float[np.ndarray, "n c *place"]) -> Float[np.ndarray, "n *place"]:
    """The library's projection on the principal axis of the channels, its sign corrected.

    An axis has no sign of its own: the one that a decomposition gives, which EigenCAM takes, is the
    linear algebra library's accident, and half of the maps would show what is not salient. So the
    side that reaches further is positive, as pytorch-grad-cam does for Seg-Eigen-CAM (Chung and
    Ying, Applied Sciences 15(13), 7562, 2025, Eq. 13).
    """
    found = []
    for one in x:
        places = one.reshape(len(one), -1).T
        places = places - places.mean(axis=0)
        along = (places @ _first_axis(places)).reshape(one.shape[1:])
        found.append(-along if -along.min() > along.max() else along)
    return np.stack(found)


def _first_axis(places: Float[np.ndarray, "place c"]) -> Float[np.ndarray, " c"]:
    """The first right singular vector, whatever its sign.

    By Lanczos' iteration, in a hundredth of the time of all of them; those where it does not
    converge, or the matrix is too small for it.
    """
    from scipy.sparse.linalg import ArpackError, svds  # comes with the library, in its seconds

    begin = np.random.default_rng(0).standard_normal(min(places.shape))
    if min(places.shape) > _SMALL and places.any():
        try:
            _, _, axes = svds(
                places.astype(np.float64), k=1, v0=begin, return_singular_vectors="vh"
            )
        except ArpackError:
            pass
        else:
            return axes[0].astype(places.dtype)
    return np.linalg.svd(places, full_matrices=False)[2][0]


def _check(model: Model, target: int, against: int | None, method: str, source: Source) -> None:
    for index in (target, against):
        if index is not None and not 0 <= index < len(model.labels):
            raise UnknownTarget(
                f"{model.name} has {len(model.labels)} classes, none numbered {index}."
            )
    if method not in METHODS:
        raise UnknownMethod(f"There is no CAM method {method}: choose from {', '.join(METHODS)}.")
    for layer in source.layers:
        if layer not in layers(model):
            raise UnknownMethod(
                f"{model.name} has no layer {layer}: choose from {', '.join(layers(model))}."
            )
