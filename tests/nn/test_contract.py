"""What the rest of the project relies on, of every architecture that there is."""

import pytest
import torch

from maagn.nn.build import ARCHITECTURES, PRESETS, architecture_of
from maagn.nn.taps import record
from tests.tiny import SPECS, clip_for, clip_tensor, network, never_matters, spec

every_architecture = pytest.mark.parametrize("arch", ARCHITECTURES)


def test_the_small_networks_of_these_tests_are_all_there_are():
    assert set(SPECS) == set(ARCHITECTURES)


@every_architecture
def test_the_head_on_the_features_is_the_whole_network(arch):
    made = network(spec(arch))
    x = clip_for(made, batch=2)
    with torch.no_grad():
        features = made.forward_features(x)
        assert sorted(features) == [2, 3, 4, 5]
        logits = made.forward_head(features)
    assert logits.isfinite().all()
    assert logits.std() > 0
    with torch.no_grad():
        assert torch.equal(logits, made(x))


@every_architecture
def test_the_prediction_is_the_plain_mean_of_linear_classifiers(arch):
    made = network(spec(arch))
    x = clip_for(made, batch=2)
    with torch.no_grad():
        inputs = made.head_inputs(made.forward_features(x))
        logits = [layer(read) for layer, read in zip(made.classifiers, inputs, strict=True)]
        torch.testing.assert_close(torch.stack(logits).mean(dim=0), made(x))


@every_architecture
def test_stages_go_on_from_any_of_them(arch):
    made = network(spec(arch))
    x = clip_for(made)
    with torch.no_grad():
        features = made.forward_features(x)
        if not made.resumes:  # a token of the class goes beside the grid
            with pytest.raises(TypeError, match="does not go on from"):
                made.forward_after(3, features[3])
            return
        for stage in (2, 3, 4, 5):
            after = made.forward_after(stage, features[stage])
            assert sorted(after) == list(range(stage + 1, 6))
            for number, feature in after.items():
                torch.testing.assert_close(feature, features[number])


@every_architecture
def test_every_stage_and_path_has_a_tap_and_the_frames_that_it_says(arch):
    made = network(spec(arch))
    with torch.no_grad(), record(made) as taps:
        made(clip_for(made))
    architecture = architecture_of(made.spec)
    stages = architecture.stages(made.spec)
    assert [stage.tap for stage in stages] == [f"backbone.res{i}" for i in (2, 3, 4, 5)]
    for stage in (*stages, *architecture.paths(made.spec)):
        assert taps[stage.tap].shape[1] == stage.frames == -(-made.spec.frames // stage.rate)


@every_architecture
def test_every_parameter_learns(arch):
    made = network(spec(arch)).train()
    logits, auxiliary = made.training_logits(clip_for(made, batch=2))
    loss = logits.square().sum()
    if auxiliary is not None:
        loss = loss + auxiliary.square().sum()
    torch.autograd.backward(loss)
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any() or never_matters(arch, name), name


@every_architecture
def test_another_number_of_frames_is_refused(arch):
    made = network(spec(arch))
    with pytest.raises(ValueError, match=f"sees {made.spec.frames} frames, got 20"):
        made(clip_tensor(frames=20))


@every_architecture
def test_the_classifier_alone_is_outside_of_the_backbone(arch):
    made = network(spec(arch, classes=19))
    of_classes = {name for name, tensor in made.state_dict().items() if 19 in tensor.shape[:1]}
    assert of_classes
    backbone = architecture_of(made.spec).backbone
    assert not any(name.startswith(backbone) for name in of_classes)
    assert any(name.startswith(backbone) for name in made.state_dict())


def test_names_and_colours_are_of_one_network_each():
    assert len({one.title for one in ARCHITECTURES.values()}) == len(ARCHITECTURES)
    assert len({one.colour.lower() for one in ARCHITECTURES.values()}) == len(ARCHITECTURES)
    kinds = [one.kind for each in ARCHITECTURES.values() for one in each.published]
    assert len(set(kinds)) == len(kinds)


def test_presets_are_of_their_architecture():
    for arch, architecture in ARCHITECTURES.items():
        assert architecture.presets
        assert {preset.arch for preset in architecture.presets.values()} == {arch}
    assert len(PRESETS) == sum(len(one.presets) for one in ARCHITECTURES.values())
