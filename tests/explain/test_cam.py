"""Class activation maps: closed forms, invariants, and what must not be left behind."""

import tracemalloc

import numpy as np
import pytest
import torch

from maagn.errors import UnknownMethod, UnknownTarget
from maagn.explain.cam import METHODS, cam, layers, weigh
from maagn.inference import trace
from tests.tiny import generator, make_model, spec

every_method = pytest.mark.parametrize("method", METHODS)


def tiny() -> tuple[torch.Tensor, torch.Tensor]:
    """Two frames, two channels, one row of two columns: a feature and a gradient of it."""
    feature = torch.tensor([[[[1.0, 2]], [[3, 0]]], [[[0, 1]], [[2, 2]]]])
    gradient = torch.tensor([[[[2.0, 0]], [[-1, 1]]], [[[4, 0]], [[0, -2]]]])
    return feature[None], gradient[None]


@pytest.mark.parametrize(
    ("method", "pooling", "expected"),
    [
        # Mean gradients: frame 0 (1, 0), frame 1 (2, -1); over the clip (3/2, -1/2).
        ("gradcam", "frame", [[[1, 2]], [[-2, 0]]]),
        ("gradcam", "clip", [[[0, 3]], [[-1, 0.5]]]),
        # Products at each place, summed over channels; the pooling has no part in it.
        ("hirescam", "frame", [[[2 - 3, 0]], [[0, -4]]]),
        ("hirescam", "clip", [[[2 - 3, 0]], [[0, -4]]]),
        ("layercam", "frame", [[[2, 0]], [[0, 0]]]),
        ("elementwise", "frame", [[[2, 0]], [[0, 0]]]),
        # Gradients weighted by each place's part of its channel: frame 0 (2/3, -1), 1 (0, -1).
        ("xgradcam", "frame", [[[2 / 3 - 3, 4 / 3]], [[-2, -2]]]),
    ],
)
def test_weightings_worked_out_by_hand(method, pooling, expected):
    got = weigh(*tiny(), method=method, pooling=pooling)
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_grad_cam_of_a_linear_head_in_closed_form(tsn, clip):
    # The logit is the mean over frames and places of w . x, so its gradient is w / (T H W).
    run = trace(tsn, clip)
    x = run.taps["backbone.res5"].detach()[0]
    weights = tsn.network.head[1].weight[3]
    places = x.shape[0] * x.shape[2] * x.shape[3]
    expected = torch.einsum("c,tchw->thw", weights, x) / places
    for method in ("gradcam", "hirescam"):
        got = cam(tsn, run, 3, method=method, layer="backbone.res5")
        np.testing.assert_allclose(got.values, expected.numpy(), rtol=1e-4, atol=1e-6)


def test_hires_cam_of_a_linear_head_sums_to_the_logit_without_its_bias(tsn, clip):
    run = trace(tsn, clip)
    got = cam(tsn, run, 1, method="hirescam", layer="backbone.res5").values.sum()
    assert got == pytest.approx((run.logits[0, 1] - tsn.network.head[1].bias[1]).item(), rel=1e-4)


@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
@pytest.mark.parametrize("pooling", ["frame", "clip"])
def test_against_is_the_difference_of_two_maps(model, run, method, pooling):
    settings = {"method": method, "pooling": pooling, "layer": "backbone.res3"}
    one, other = (cam(model, run, target, **settings).values for target in (0, 1))
    between = cam(model, run, 0, against=1, **settings)
    np.testing.assert_allclose(between.values, one - other, rtol=1e-4, atol=1e-7)
    assert np.abs(between.values).max() > 1e-5
    assert between.about["class"] == model.labels[0]
    assert between.about["against"] == model.labels[1]


@every_method
def test_against_itself_no_class_has_evidence(model, run, method):
    if method != "eigencam":  # which asks for no class
        assert not cam(model, run, 2, against=2, method=method).values.any()


@every_method
def test_a_layer_that_the_score_does_not_depend_on_gives_zeros(clip, method):
    shallow = make_model(spec("maagn", levels=(3, 4), rates=(1, 2)))
    got = cam(shallow, trace(shallow, clip), 0, method=method, layer="backbone.res5")
    assert got.values.shape == (8, 1, 1)
    assert got.values.any() == (method == "eigencam")  # which asks for no class


def test_every_layer_of_every_network_has_a_map_of_its_own_size_and_times(any_model, clip):
    run = trace(any_model, clip)
    names = layers(any_model)
    assert len(names) == (7 if any_model.spec.arch == "maagn" else 4)
    for layer in names:
        t, _, h, w = run.taps[layer].shape[1:]
        explanation = cam(any_model, run, 0, layer=layer)
        assert explanation.values.shape == (t, h, w)
        assert explanation.values.dtype == np.float32
        np.testing.assert_array_equal(explanation.seconds, run.seconds_of(layer))
        assert len(explanation.seconds) == t
        assert explanation.name == layer
        assert explanation.axes == ("time", "row", "column")
        assert explanation.signed


@every_method
def test_pooling_is_a_frames_but_for_methods_with_one_axis(model, run, method):
    pooling = "clip" if method.startswith("eigen") else "frame"
    chosen = cam(model, run, 0, method=method)
    explanation = cam(model, run, 0, method=method, pooling=pooling)
    assert chosen.about["pooling"] == pooling
    np.testing.assert_array_equal(chosen.values, explanation.values)


def test_maps_are_raw(model, run):
    values = cam(model, run, 0, layer="backbone.res4").values
    assert values.min() < 0 < values.max()
    feature = run.taps["backbone.res4"].detach()
    gradient = torch.randn(feature.shape, generator=generator(1))
    once, twice = (
        weigh(feature, factor * gradient, method="gradcam", pooling="frame") for factor in (1, 2)
    )
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-5)


@pytest.mark.parametrize("method", ["eigencam", "eigengradcam"])
def test_the_axis_of_a_large_map_takes_no_square_matrix_of_its_places(method):
    feature = torch.randn(1, 8, 4, 32, 32, generator=generator(2))  # 4096 places squared are 67 MB
    tracemalloc.start()
    weigh(feature, feature, method=method, pooling="clip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10e6


@pytest.mark.parametrize("places", [2, 8])  # 16 in all are decomposed outright, 256 by iteration
@pytest.mark.parametrize("method", ["eigencam", "eigengradcam"])
def test_the_side_of_the_axis_that_reaches_further_is_positive(method, places):
    feature = torch.randn(1, 4, 24, places, places, generator=generator(3)).exp()
    feature[0, 2, :, 1, 1] += 20  # one place that stands out of all
    values = weigh(feature, feature, method=method, pooling="clip")
    assert np.unravel_index(values.argmax(), values.shape) == (2, 1, 1)
    assert values.max() > -values.min()
    flipped = weigh(feature.flip(2), feature.flip(2), method=method, pooling="clip")
    np.testing.assert_allclose(flipped, values, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("asked", [{"target": 5}, {"target": -1}, {"target": 0, "against": 5}])
def test_an_unknown_class_is_refused(model, run, asked):
    with pytest.raises(UnknownTarget, match=r"maagn has 5 classes, none numbered (5|-1)\."):
        cam(model, run, asked.pop("target"), **asked)


def test_an_unknown_method_is_refused(model, run):
    with pytest.raises(UnknownMethod, match="no CAM method scorecam: choose from hirescam, "):
        cam(model, run, 0, method="scorecam")


@pytest.mark.parametrize("layer", ["backbone.res6", "paths.0.sdm.mask", "votes"])
def test_an_unknown_layer_is_refused(model, run, layer):
    with pytest.raises(UnknownMethod, match=rf"no layer {layer}: choose from paths\.0\.output, "):
        cam(model, run, 0, layer=layer)


def test_a_baseline_has_no_paths_to_look_at(tsn, clip):
    with pytest.raises(UnknownMethod, match=r"tsn has no layer paths\.0\.output"):
        cam(tsn, trace(tsn, clip), 0, layer="paths.0.output")


def state(network: torch.nn.Module) -> list[tuple]:
    """Hooks, training flags, gradients and versions of everything in a network."""
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    modules = [
        (name, module.training, *(len(getattr(module, kind)) for kind in hooks))
        for name, module in network.named_modules()
    ]
    tensors = [
        (name, tensor.grad, tensor.requires_grad, tensor._version)
        for name, tensor in network.state_dict(keep_vars=True).items()
    ]
    return modules + tensors


def test_two_hundred_maps_leave_nothing_behind(model, clip):
    before = state(model.network)
    assert not any(sum(entry[2:]) for entry in before if len(entry) == 6)
    for index in range(200):
        if index % 50 == 0:
            run = trace(model, clip)
        method, layer = list(METHODS)[index % 8], list(layers(model))[index % 5]
        cam(model, run, index % 5, method=method, layer=layer)
    assert state(model.network) == before
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert not model.network.training


def test_a_method_that_needs_no_gradient_computes_none(model, clip):
    run = trace(model, clip)
    plain = cam(model, run, 0, method="eigencam")
    assert not len(run.gradients)
    assert np.array_equal(plain.values, cam(model, run, 1, method="eigencam").values)
    cam(model, run, 0, method="eigengradcam")
    assert len(run.gradients) == 1


def test_each_method_is_told_apart_and_says_what_its_weights_are_of():
    assert len({method.title for method in METHODS.values()}) == len(METHODS)
    assert {method.pooling for method in METHODS.values()} == {"frame", "clip"}
    assert [name for name, method in METHODS.items() if not method.needs_gradient] == ["eigencam"]
