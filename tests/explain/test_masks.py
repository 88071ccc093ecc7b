import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maagn.explain.attention import ALPHA, GATE, MASKS, masks
from maagn.explain.equations import equations
from maagn.explain.intermediates import steps
from maagn.explain.interventions import PARTS
from maagn.figures.palette import MODULES
from maagn.inference import trace
from tests.tiny import make_clip, make_model, spec


def test_values_are_the_modules_own(model, run):
    found = {mask.name: mask for mask in masks(model, run)}
    assert len(found) == 3 * len(MASKS)
    for index, path in enumerate(model.network.paths):
        x = run.taps[f"paths.{index}.input"].detach()
        expected = {"sdm.mask": path.sdm.mask(x)}
        expected |= {f"mtam.mask_{angle}": mask for angle, mask in path.mtam.masks(x).items()}
        expected["mtam.sum"] = sum(path.mtam.masks(x).values())
        for part, mask in expected.items():
            values = found[f"paths.{index}.{part}"].values
            np.testing.assert_allclose(values, mask.flatten().numpy(), rtol=0, atol=1e-6)


def test_each_mask_says_what_it_is(model, run):
    found = masks(model, run)
    assert [mask.name for mask in found[:5]] == [mask.on(0) for mask in MASKS]
    assert [mask.kind for mask in found[:5]] == ["sdm", "mtam", "mtam", "mtam", "mtam"]
    for mask in found:
        assert mask.axes == ("time",)
        assert not mask.signed
        assert mask.bounds == ((0, 3) if mask.name.endswith("sum") else (0, 1))
        assert mask.about["clip"] == run.clip.digest
        assert mask.about["checkpoint"] == model.digest


def test_each_value_has_the_time_of_its_frame(model, run):
    seconds = run.clip.seconds
    for mask in masks(model, run):
        rate = {"0": 1, "1": 2, "2": 4}[mask.name.split(".")[1]]
        np.testing.assert_array_equal(mask.seconds, seconds[::rate])
        assert len(mask.values) == len(mask.seconds) == 8 // rate


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**31))
def test_values_keep_their_bounds(model, seed):
    for mask in masks(model, trace(model, make_clip(seed=seed))):
        low, high = mask.bounds
        assert low < mask.values.min()
        assert mask.values.max() < high


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"fusion": "none"}, []),
        ({"fusion": "sdm"}, ["sdm.mask"]),
        ({"fusion": "mtam", "mtam_masks": "avg"}, ["mtam.mask_avg", "mtam.sum"]),
        (
            {"fusion": "sdm>mtam", "mtam_masks": "max+avg"},
            ["sdm.mask", "mtam.mask_max", "mtam.mask_avg", "mtam.sum"],
        ),
        ({"fusion": "agm"}, [mask.tap for mask in MASKS]),
    ],
    ids=lambda value: value.get("fusion") if isinstance(value, dict) else "",
)
def test_a_network_has_the_masks_of_its_modules_and_no_more(clip, changes, parts):
    made = make_model(spec("maagn", **changes))
    names = [mask.name for mask in masks(made, trace(made, clip))]
    assert names == [f"paths.{index}.{part}" for index in range(3) for part in parts]


def test_a_baseline_has_none(tsn, clip):
    assert masks(tsn, trace(tsn, clip)) == []


def test_the_table_agrees_with_the_paper_and_the_network(model, run):
    tensors = steps(model, run, 0).tensors
    printed = {line.number: line for line in equations(steps(model, run, 0), 1)}
    for mask in MASKS:
        line = printed[mask.equation]
        assert mask.symbol in line.symbols
        assert tensors[mask.name][1, 0] in np.float32(line.values) or mask.name == "mtam"
        np.testing.assert_allclose(
            tensors[mask.name], run.taps[mask.on(0)][0, :, :, 0, 0].detach(), rtol=0, atol=1e-6
        )
    assert GATE.symbol in printed[GATE.equation].symbols
    assert GATE.on(0) in run.taps
    assert r"\mathrm{Gate}(Z)" in printed[ALPHA.equation].symbols
    assert ALPHA.symbol in printed[ALPHA.equation].symbols
    assert ALPHA.on(0) in dict(model.network.named_parameters())
    assert {quantity.module for quantity in (*MASKS, GATE, ALPHA)} == set(MODULES)


def test_what_can_be_off_keeps_its_names():
    assert PARTS == ("sdm", "max", "avg", "both", "agm")
