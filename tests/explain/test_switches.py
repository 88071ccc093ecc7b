import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from maagn.checkpoint import load_model
from maagn.errors import ModelError
from maagn.explain.attention import MTAM, SDM
from maagn.explain.interventions import Intervention, change, mask_values
from maagn.inference import trace
from maagn.nn.build import PRESETS, build
from tests.tiny import make_clip, make_model, spec

NONE = (Intervention(),) * 3


def voted(network, fused):
    """The answer from the paths' features."""
    return network.votes([network.modulate(i, x) for i, x in enumerate(fused)]).mean(1)[0].numpy()


def test_without_a_change_it_is_the_networks_own_answer(model, run):
    found = change(model, run, NONE)
    assert np.allclose(found.logits, run.prediction.logits, atol=1e-5)
    assert np.allclose(found.path_logits, run.prediction.path_logits, atol=1e-5)


def test_everything_off_is_twice_the_feature(model, run):
    off = Intervention(off=frozenset({"sdm", "max", "avg", "both", "agm"}))
    doubled = [2 * run.taps[f"paths.{i}.input"].detach() for i in range(3)]
    with torch.no_grad():
        expected = voted(model.network, doubled)
    assert np.allclose(change(model, run, (off,) * 3).logits, expected, atol=1e-5)


def test_writing_what_is_there_changes_nothing_and_another_value_does(model, run):
    mask = run.taps["paths.0.sdm.mask"].detach().flatten()
    same = Intervention(sdm=tuple(mask.tolist()))
    assert np.allclose(
        change(model, run, (same, *NONE[1:])).logits, run.prediction.logits, atol=1e-5
    )
    other = Intervention(
        sdm=(1.0, *[None] * (len(mask) - 1)), mtam=(3.0, *[None] * (len(mask) - 1))
    )
    moved = change(model, run, (other, *NONE[1:])).logits
    assert np.abs(moved - run.prediction.logits).max() > 1e-5


@pytest.mark.parametrize("pooling", ["frame", "channel"])
def test_another_clips_mask_is_put_in_the_place_of_this_clips(pooling):
    made = make_model(spec("maagn", pooling=pooling))
    here, there = (trace(made, make_clip(seed=seed)) for seed in (1, 2))
    own = Intervention(sdm=mask_values(here, SDM, 0), mtam=mask_values(here, MTAM, 0))
    found = change(made, here, (own, *NONE[1:])).logits
    assert np.allclose(found, here.prediction.logits, atol=1e-5)
    theirs = Intervention(sdm=mask_values(there, SDM, 0), mtam=mask_values(there, MTAM, 0))
    x = here.taps["paths.0.input"].detach()
    with torch.no_grad():
        streams = [x * (1 + there.taps[mask.on(0)].detach()) for mask in (SDM, MTAM)]
        mixed = made.network.paths[0].agm(*streams)
        others = [here.taps[f"paths.{i}.output"].detach() for i in (1, 2)]
        expected = voted(made.network, [mixed, *others])
    got = change(made, here, (theirs, *NONE[1:])).logits
    assert np.allclose(got, expected, atol=1e-5)
    assert not np.allclose(got, here.prediction.logits, atol=1e-7)


def test_a_gate_times_zero_is_a_silent_gate(model, run):
    frames = run.taps["paths.0.input"].shape[1]
    closed = change(model, run, (Intervention(gate=(0.0,) * frames), *NONE[1:]))
    agm = model.network.paths[0].agm
    s, m = run.taps["paths.0.agm.s"].detach(), run.taps["paths.0.agm.m"].detach()
    with torch.no_grad():
        fused = [agm.conv3(s + agm.conv2(m))]
        fused += [run.taps[f"paths.{i}.output"].detach() for i in (1, 2)]
        expected = voted(model.network, fused)
    assert np.allclose(closed.logits, expected, atol=1e-5)


def test_a_path_without_a_change_is_not_run_again(model, run, monkeypatch):
    ran = []
    whole = type(model.network).modulate

    def modulate(self, index, fused):
        ran.append(index)
        return whole(self, index, fused)

    monkeypatch.setattr(type(model.network), "modulate", modulate)
    change(model, run, (Intervention(), Intervention(off=frozenset({"sdm"})), Intervention()))
    assert ran == [1]


def test_other_networks_and_other_numbers_are_refused(model, run, tsn):
    with pytest.raises(ModelError, match="no SDM"):
        change(tsn, trace(tsn, make_clip()), NONE)
    with pytest.raises(ValueError, match="3 paths"):
        change(model, run, (Intervention(),))
    with pytest.raises(ValueError, match="as many values"):
        change(model, run, (Intervention(sdm=(0.5,)), *NONE[1:]))
    with pytest.raises(ValueError, match="can be off"):
        Intervention(off=frozenset({"backbone"}))


@pytest.mark.parametrize("masks", ["max", "avg", "max+avg"])
def test_of_fewer_masks_those_that_are_there_can_be_off(masks):
    made = make_model(spec("maagn", stem_pool=False, mtam_masks=masks))
    itself = trace(made, make_clip())
    mask = tuple(itself.taps["paths.0.sdm.mask"].detach().flatten().tolist())
    same = change(made, itself, (Intervention(sdm=mask), *NONE[1:]))
    assert np.allclose(same.logits, itself.prediction.logits, atol=1e-5)
    off = Intervention(off=frozenset({masks.partition("+")[0]}))
    moved = change(made, itself, (off, *NONE[1:])).logits
    assert np.abs(moved - itself.prediction.logits).max() > 1e-5


@pytest.mark.parametrize("combine", ["multiply", "add", "subtract"])
def test_an_sdm_that_does_not_scale_the_feature_is_refused_by_name(combine):
    made = make_model(spec("maagn", stem_pool=False, sdm_combine=combine))
    with pytest.raises(ModelError, match=f"variant {combine} of Table 4"):
        change(made, trace(made, make_clip()), NONE)


def test_a_switch_costs_at_most_a_quarter_of_a_forward_and_never_runs_the_backbone():
    """Counted on the demonstration network as it ships."""
    model = load_model("maagn-demo")
    run = trace(model, make_clip())
    calls = []
    handle = model.network.backbone.register_forward_pre_hook(lambda *_: calls.append(1))
    try:
        with FlopCounterMode(display=False) as part:
            change(model, run, (Intervention(off=frozenset({"sdm"})), *NONE[1:]))
    finally:
        handle.remove()
    with FlopCounterMode(display=False) as whole, torch.no_grad():
        build(PRESETS["maagn-demo"]).eval()(run.clip.data)
    assert calls == []
    assert part.get_total_flops() <= 0.25 * whole.get_total_flops()
