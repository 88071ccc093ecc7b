"""Our maps are pytorch-grad-cam's: run its own way, hooks and all, on a copy of the network."""

from copy import deepcopy

import numpy as np
import pytest
from einops import rearrange
from torch import Tensor, nn

from maagn.checkpoint import Model
from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision
from maagn.explain.cam import METHODS, cam, weighting_of
from maagn.inference import trace
from tests.tiny import make_model, spec

import pytorch_grad_cam  # isort: skip
from pytorch_grad_cam import eigen_cam, eigen_grad_cam  # isort: skip
from pytorch_grad_cam.utils.image import scale_cam_image  # isort: skip
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # isort: skip
from pytorch_grad_cam.utils.svd_on_activations import (  # isort: skip
    get_2d_projection_with_sign_correction,
)

TARGET = 1
OF_THE_LIBRARY = [
    name for name, method in METHODS.items() if hasattr(pytorch_grad_cam, method.title)
]
LAYERS = {"maagn": ("backbone.res3", "paths.0.output"), "tsm": ("backbone.res4",)}


class Frames(nn.Module):
    """A network that takes the frames of one clip as a batch of pictures."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor) -> Tensor:
        return self.network(rearrange(frames, "t c h w -> 1 c t h w"))


def with_hooks(model: Model, x: Tensor, *, method: str, layer: str, pooling: str) -> np.ndarray:
    """The library's own answer, through its constructor, its hooks and its backward pass."""
    network = deepcopy(model.network)  # frozen, so that both run the same form of it
    x = x.clone().requires_grad_()
    target_layer = network.get_submodule(f"{layer}_tap")
    if pooling == "frame":
        network, x = Frames(network), rearrange(x, "1 c t h w -> t c h w")
        axes = "1 t c h w -> t c h w"
    else:
        axes = "1 t c h w -> 1 c t h w"
    library = weighting_of(method)(
        model=network,
        target_layers=[target_layer],
        reshape_transform=lambda feature: rearrange(feature, axes),
    )
    return library(input_tensor=x, targets=[ClassifierOutputTarget(TARGET)])


def as_the_library_scales(values: np.ndarray, x: Tensor, *, pooling: str) -> np.ndarray:
    """Its last steps: no negatives, stretched to [0, 1], enlarged by a spline, and both again."""
    t, h, w = x.shape[2:]
    maps, size = (values, (w, h)) if pooling == "frame" else (values[None], (w, h, t))
    return scale_cam_image(np.maximum(scale_cam_image(np.maximum(maps, 0), size), 0))


@pytest.fixture(scope="module", params=LAYERS)
def traced(request, clip):
    model = make_model(spec(request.param, stem_pool=False))
    return model, trace(model, clip)


@pytest.mark.parametrize("pooling", ["clip", "frame"])
@pytest.mark.parametrize("method", OF_THE_LIBRARY)
def test_maps_equal_the_library_run_its_own_way(traced, method, pooling, monkeypatch):
    for eigen in (eigen_cam, eigen_grad_cam):  # without it, their sign is LAPACK's accident
        monkeypatch.setattr(eigen, "get_2d_projection", get_2d_projection_with_sign_correction)
    model, run = traced
    x = run.clip.data
    for layer in LAYERS[model.spec.arch]:
        ours = cam(model, run, TARGET, method=method, layer=layer, pooling=pooling).values
        theirs = with_hooks(model, x, method=method, layer=layer, pooling=pooling)
        scaled = as_the_library_scales(ours, x, pooling=pooling)
        assert scaled.shape == theirs.shape
        np.testing.assert_allclose(scaled, theirs, rtol=0, atol=1e-5)
        assert theirs.max() > 0.9
