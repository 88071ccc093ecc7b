import numpy as np
import pytest
import torch

from maagn import inference
from maagn.explain import faithfulness as module
from maagn.explain.design import FULL, Design, forwards, quick
from maagn.explain.faithfulness import faithfulness
from maagn.explain.frames import FrameFeatures, looks_by_frame
from maagn.explain.motion import motion
from maagn.explain.randomised import randomised
from maagn.inference import trace
from maagn.video.transform import normalise
from tests.tiny import SPECS, make_model, spec

ASKED = {"target": 1, "method": "gradcam", "layer": "backbone.res4"}


def state(model):
    return {key: value.clone() for key, value in model.network.state_dict().items()}


@pytest.mark.parametrize("unit", ["cells", "frames"])
def test_nine_forwards_and_the_shared_network_stays_as_it_was(model, clip, run, unit):
    before = state(model)
    sizes = []
    handle = model.network.register_forward_pre_hook(lambda _, x: sizes.append(len(x[0])))
    found = faithfulness(
        model, clip, run, target=1, method="gradcam", layer="backbone.res4", unit=unit
    )
    handle.remove()
    assert (len(sizes), sum(sizes)) == (9, 142)
    after = model.network.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert not model.network.training
    own = run.prediction.probabilities[1]
    assert found.curves.deletion.shape == (10, 9)
    assert found.curves.deletion[:, 0] == pytest.approx(own, abs=1e-5)
    assert found.curves.insertion[:, -1] == pytest.approx(own, abs=1e-5)
    assert "random on this clip" in found.verdict


def counted(model, make):
    """What `make` gives for a step that is written down, the steps, and the forwards' sizes."""
    steps, sizes = [], []
    handle = model.network.register_forward_pre_hook(lambda _, x: sizes.append(len(x[0])))
    found = make(lambda *step: steps.append(step))
    handle.remove()
    return found, steps, sizes


def test_a_quick_test_is_refined_to_the_full_one_and_asks_nothing_twice(model, clip, run):
    full = faithfulness(model, clip, run, **ASKED)
    (design,) = quick([model])
    coarse, steps, sizes = counted(
        model, lambda step: faithfulness(model, clip, run, **ASKED, design=design, step=step)
    )
    assert design == coarse.design == Design(4, 8)
    assert sum(sizes) == design.clips - 1  # what the run says of the whole clip is known
    assert steps[-1] == (len(sizes), len(sizes) + 1)  # that of random weights is another network
    assert forwards(model, design) == len(sizes) + 1
    assert "quick: 4 steps, 8 random orders" in coarse.verdict
    refined, steps, sizes = counted(
        model, lambda step: faithfulness(model, clip, run, **ASKED, coarse=coarse, step=step)
    )
    assert sum(sizes) == FULL.clips - design.clips
    assert steps == [(number, len(sizes)) for number in range(len(sizes))]
    assert forwards(model, FULL, coarse=design) == len(sizes)
    assert refined.coarse == full.coarse == ""
    np.testing.assert_allclose(refined.curves.deletion, full.curves.deletion, atol=1e-6)
    np.testing.assert_allclose(refined.curves.insertion, full.curves.insertion, atol=1e-6)
    assert (refined.finding, refined.verdict) == (full.finding, full.verdict)
    np.testing.assert_allclose(coarse.curves.deletion, full.curves.deletion[:, ::2], atol=1e-6)


def test_a_large_network_has_forwards_of_a_clip_and_twelve_for_a_quick_test(
    model, clip, run, monkeypatch
):
    monkeypatch.setattr(inference, "macs_of", lambda *_, **__: 53_000_000_000)
    (design,) = quick([model])
    assert design == Design(2, 3)
    assert forwards(model, design) == 12
    assert forwards(model, design) + forwards(model, FULL, coarse=design) == 142
    found, steps, sizes = counted(
        model, lambda step: faithfulness(model, clip, run, **ASKED, design=design, step=step)
    )
    assert set(sizes) == {1}
    assert len(sizes) == 11
    assert [of for _, of in steps] == [12] * len(steps)
    assert found.curves.deletion.shape == (5, 3)
    monkeypatch.setattr(inference, "macs_of", lambda *_, **__: 33_000_000_000)
    assert quick([model]) == (Design(2, 8),)
    assert forwards(model, Design(2, 8)) == 12
    assert sum(forwards(model, one) for one in quick([model] * 4)) == 4 * 7  # more than twelve


def test_four_small_networks_have_twelve_forwards_for_a_quick_test(model):
    assert sum(forwards(model, one) for one in quick([model] * 4)) == 12


def test_it_stops_at_the_next_forward(model, clip, run):
    sizes = []
    handle = model.network.register_forward_pre_hook(lambda _, x: sizes.append(len(x[0])))

    def step(done: int, _of: int) -> None:
        if done == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        faithfulness(model, clip, run, **ASKED, step=step)
    handle.remove()
    assert len(sizes) == 2  # the first was that of random weights


def test_a_quick_test_of_another_unit_is_refused(model, clip, run):
    (design,) = quick([model])
    coarse = faithfulness(model, clip, run, **ASKED, design=design)
    with pytest.raises(ValueError, match="cells is no part of one by frames"):
        faithfulness(model, clip, run, **ASKED, unit="frames", coarse=coarse)
    with pytest.raises(ValueError, match="10 orders in 4 steps are no part of 10 in 2"):
        faithfulness(model, clip, run, **ASKED, design=Design(2, 8), coarse=coarse)


@pytest.mark.parametrize("arch", ["tsn", "tpn", "maagn"])
def test_shared_frames_change_no_probability(arch, clip, monkeypatch):
    by_frame = make_model(spec(arch, stem_pool=False, shift=False))
    run = trace(by_frame, clip)
    frames = []
    handle = by_frame.network.backbone.register_forward_pre_hook(
        lambda _, x: frames.append(x[0].shape[0] * x[0].shape[2])
    )
    shared = faithfulness(by_frame, clip, run, **ASKED, unit="frames")
    asked = sum(frames)
    monkeypatch.setattr(module, "looks_by_frame", lambda _: False)
    plain = faithfulness(by_frame, clip, run, **ASKED, unit="frames")
    handle.remove()
    np.testing.assert_allclose(shared.curves.deletion, plain.curves.deletion, atol=1e-5)
    np.testing.assert_allclose(shared.curves.insertion, plain.curves.insertion, atol=1e-5)
    assert (asked, sum(frames) - asked) == (2 * 8, FULL.clips * 8)


def test_probabilities_of_shared_frames_are_those_of_the_plain_way_in_float64():
    double = make_model(spec("tsn", stem_pool=False))
    double.network.double()
    noise = np.random.default_rng(1)
    whole, empty = noise.integers(0, 256, (2, 8, 32, 32, 3), dtype=np.uint8)
    chosen = noise.integers(0, 2, (5, 8, 1, 1, 1), dtype=bool)
    clips = np.where(chosen, whole, empty)
    clips[2, 3] = 7  # a frame that is neither's
    shared = FrameFeatures(make_model(spec("tsn", stem_pool=False)), (whole, empty))(clips)
    with torch.inference_mode():
        exact = double.network(normalise(clips, double.transform).double())
    assert torch.allclose(shared.double(), exact, atol=1e-5)


@pytest.mark.parametrize("of", [*SPECS.values(), spec("maagn", shift=False)], ids=str)
def test_networks_that_mix_frames_share_none(of):
    model = make_model(of)
    clip = torch.randn(1, 3, of.frames, 32, 32, generator=torch.Generator().manual_seed(0))
    other = clip.clone()
    other[:, :, -1] = 0
    with torch.inference_mode():
        features, changed = (model.network.forward_features(x)[5] for x in (clip, other))
    alone = features.shape[1] == of.frames and torch.allclose(
        features[:, :-1], changed[:, :-1], atol=1e-6
    )
    assert looks_by_frame(model) == alone


def test_random_weights_are_new_and_the_same_for_a_seed(model):
    generator = torch.get_rng_state()
    fresh, again, other = (randomised(model, seed=seed).network for seed in (3, 3, 4))
    assert torch.equal(generator, torch.get_rng_state())
    old = dict(model.network.named_parameters())
    for name, parameter in fresh.named_parameters():
        assert parameter is not old[name]
        assert torch.equal(parameter, again.get_parameter(name))
        drawn = not torch.equal(parameter, other.get_parameter(name))
        assert not (drawn and torch.equal(parameter, old[name]))
        if name.startswith("backbone") and parameter.ndim == 4:
            assert drawn
    assert not fresh.training


def test_motion_has_a_pair_less_than_frames_and_their_times(run):
    explanation = motion(run.clip)
    frames, height, width = run.clip.pictures.shape[:3]
    assert explanation.values.shape == (frames - 1, height, width, 2)
    assert np.array_equal(explanation.seconds, run.clip.seconds[:-1])
