"""Maps put together, by hand."""

import numpy as np
import pytest

from maagn.checkpoint import load_model
from maagn.errors import UnknownMethod
from maagn.explain.cam import cam, can_map
from maagn.explain.combine import Source, fused, put_together, smoothed
from maagn.inference import trace
from maagn.types import Explanation
from tests.tiny import make_clip


def made(values: object, seconds: list[float], layer: str = "a") -> Explanation:
    return Explanation(
        kind="cam",
        name=layer,
        values=np.array(values, np.float32),
        axes=("time", "row", "column"),
        unit="logit",
        bounds=None,
        signed=True,
        seconds=np.array(seconds, float),
        about={"layer": layer, "method": "gradcam"},
    )


def test_a_frame_is_the_mean_of_its_neighbours_and_itself():
    one = made([[[3.0]], [[-6.0]], [[9.0]]], [0, 1, 2])
    # Beyond the ends the first and the last frame are repeated; signs cancel.
    assert smoothed(one, 3).values.ravel().tolist() == [0.0, 2.0, 4.0]
    assert smoothed(one, 1) is one
    with pytest.raises(ValueError, match="odd"):
        smoothed(one, 2)


def test_maps_of_several_layers_count_alike_whatever_their_scale():
    fine = made([[[6.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [0.0, -5.0]]], [0, 1])
    flat = made([[[100.0]]], [0.4], layer="b")  # spreads to 1/8 in every cell and frame
    mean = fused([fine, flat], "mean")
    expected = [[[3 / 4, 0.0], [0.0, 1 / 4]], [[0.0, 0.0], [0.0, 0.0]]]
    assert np.allclose(mean.values, (np.array(expected) + 1 / 8) / 2)
    assert np.allclose(fused([flat, fine], "product").values, expected)
    assert mean.seconds.tolist() == [0, 1]
    assert mean.name == mean.about["layer"] == "mean:a+b"


def test_a_geometric_mean_is_the_root_of_the_product():
    one, other = made([[[4.0, 1.0]]], [0]), made([[[1.0, 4.0]]], [0], layer="b")
    assert np.allclose(fused([one, other], "geometric").values, [[[0.5, 0.5]]])
    skewed = fused([one, one, other], "geometric").values.ravel()  # 4**(1/3) to 1
    assert skewed[0] / skewed[1] == pytest.approx(4 ** (1 / 3), rel=1e-6)


def test_a_product_needs_evidence_in_every_layer():
    left, right = made([[[1.0, 0.0]]], [0]), made([[[0.0, 1.0]]], [0], layer="b")
    assert not fused([left, right], "product").values.any()
    assert fused([left, right], "mean").values.ravel().tolist() == [0.5, 0.5]
    assert fused([left, made([[[-1.0]]], [0], "c")], "mean").values.ravel().tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", ["backbone.res3", "product:backbone.res3+backbone.res4"])
def test_a_source_is_read_from_its_name(name):
    assert Source.parse(name).name == name


@pytest.mark.parametrize("name", ["sum:a+b", "mean:a", "mean:a+a", ":a+b"])
def test_a_name_that_is_no_source_is_refused(name):
    with pytest.raises(UnknownMethod, match="mean:backbone"):
        Source.parse(name)


def test_a_network_s_own_maps_are_fused_at_the_finest_layer():
    model = load_model("maagn-demo")
    run = trace(model, make_clip())
    source = Source.parse("product:backbone.res4+paths.2.output")
    assert can_map(model, source.name)
    assert not can_map(load_model("tsn-demo"), source.name)
    best = run.prediction.best
    cams = [cam(model, run, best, method="hirescam", layer=layer) for layer in source.layers]
    whole = cam(model, run, best, method="hirescam", layer=source.name)
    assert np.array_equal(whole.values, put_together(cams, source, smoothing=1).values)
    found = put_together(cams, source, smoothing=3)
    assert found.values.shape == cams[0].values.shape
    assert found.values.sum() == pytest.approx(1.0, abs=1e-5)
