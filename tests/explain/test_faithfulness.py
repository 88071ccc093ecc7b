import numpy as np
import pytest
import torch

from maagn.explain.faithfulness import faithfulness, randomised
from maagn.explain.motion import motion


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
