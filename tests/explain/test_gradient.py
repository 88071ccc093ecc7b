"""Where the gradients of maps come from, and how often they are worked out."""

import pytest
import torch

from maagn.explain.cam import METHODS, cam, gradients, layers
from maagn.inference import trace


@pytest.fixture
def ran(monkeypatch, model) -> list[str]:
    """What was run: `backbone` for a clip, `grad` for a gradient."""
    done = []
    backbone, grad = type(model.network.backbone).forward, torch.autograd.grad
    monkeypatch.setattr(
        type(model.network.backbone),
        "forward",
        lambda self, x: done.append("backbone") or backbone(self, x),
    )
    monkeypatch.setattr(
        torch.autograd, "grad", lambda *a, **k: done.append("grad") or grad(*a, **k)
    )
    return done


def test_every_layer_has_the_gradient_of_a_graph_that_begins_at_the_first(any_model, clip):
    whole, late = (
        trace(any_model, clip, grad_from_stage=2),
        trace(any_model, clip, grad_from_stage=5),
    )
    for layer in layers(any_model):
        expected = torch.autograd.grad(whole.logits[0, 3], whole.taps[layer], retain_graph=True)[0]
        (found,) = gradients(any_model, late, (layer,), target=3)
        scale = float(expected.abs().max())
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * scale)


def test_the_former_name_of_the_stage_is_understood(model, clip):
    begins = {
        name: [stage for stage in range(2, 6) if run.taps[f"backbone.res{stage}"].requires_grad]
        for name, run in (
            ("new", trace(model, clip, grad_from_stage=5)),
            ("old", trace(model, clip, since=5)),
            ("default", trace(model, clip)),
        )
    }
    assert begins == {"new": [5], "old": [5], "default": [4, 5]}


def test_eight_methods_share_one_forward_and_one_gradient(model, clip, ran):
    run = trace(model, clip)
    for method in METHODS:
        cam(model, run, 1, method=method)
    assert ran == ["backbone", "grad"]
    cam(model, run, 2)
    assert ran == ["backbone", "grad", "grad"]


def test_an_earlier_layer_runs_the_stages_behind_it_once_and_the_backbone_never(model, clip, ran):
    run = trace(model, clip)
    for target in (1, 2):
        cam(model, run, target, layer="backbone.res2")
    assert ran == ["backbone", "grad", "grad"]
    assert len(run.reruns) == 1


def test_before_the_graph_nothing_is_attached(model, clip):
    run = trace(model, clip)
    attached = {name for name, tensor in run.taps.items() if tensor.requires_grad}
    assert not {"backbone.res2", "backbone.res3", "paths.0.agm.z"} & attached
    assert {"backbone.res4", "backbone.res5", "paths.0.output", "paths.1.agm.z"} <= attached
