"""Masks that begin so that they depend on the clip."""

from dataclasses import replace

import pytest
import torch

from maagn.config import TrainSpec
from maagn.nn.build import build
from maagn.train.masks import own_parameters, standardise
from maagn.train.state import Run
from tests.tiny import generator, spec

CLIPS = torch.randn(24, 3, 8, 32, 32, generator=generator(3))


@pytest.fixture(params=["frame", "channel"])
def network(request):
    torch.manual_seed(5)
    made = build(spec("maagn", pooling=request.param, min_hidden=6)).train()
    standardise(made, CLIPS, spread=1.5)
    return made


def inputs(network):
    features = network.forward_features(CLIPS)
    for path, level, rate in zip(
        network.paths, network.spec.levels, network.spec.rates, strict=True
    ):
        yield path, features[level][:, ::rate]


@torch.no_grad()
def test_masks_begin_with_the_spread_and_no_hidden_unit_is_dead_or_always_on(network):
    for path, x in inputs(network):
        hidden = path.sdm.squeeze(path.sdm.change(x))
        logits = path.sdm.expand(hidden.relu()).transpose(0, 1).flatten(1)
        torch.testing.assert_close(logits.std(dim=1), torch.full((x.shape[1],), 1.5))
        torch.testing.assert_close(logits.mean(dim=1), torch.zeros(x.shape[1]), atol=1e-4, rtol=0)
        on = (hidden > 0).transpose(0, 1).flatten(1).float().mean(dim=1)
        assert ((on > 0.05) & (on < 0.95)).all()
        angles = torch.cat(path.mtam.angles_of(x))
        on = (path.mtam.mlp[0](angles) > 0).transpose(0, 1).flatten(1).float().mean(dim=1)
        assert ((on > 0.05) & (on < 0.95)).all()
        both = path.mtam.masks(x)["both"].logit().transpose(0, 1).flatten(1)
        torch.testing.assert_close(
            both.std(dim=1), torch.full((x.shape[1],), 1.5), rtol=1e-3, atol=0
        )


@torch.no_grad()
def test_what_softmax_is_given_has_a_deviation_of_1(network):
    for path, x in inputs(network):
        given = path.agm.conv1(torch.cat([path.sdm(x), path.mtam(x)], dim=1))
        deviation = given.transpose(0, 1).flatten(1).std(dim=1)
        torch.testing.assert_close(deviation, torch.ones(x.shape[1]), rtol=1e-3, atol=0)


def test_masks_and_alpha_have_a_rate_of_their_own_and_no_decay():
    made = TrainSpec("maagn-demo", learning_rate=0.01, masks_rate=5.0, weight_decay=0.1, epochs=1)
    run = Run.start(made, classes=4)
    others, own = run.optimizer.param_groups
    assert (own["initial_lr"], own["weight_decay"]) == (0.05, 0)
    assert (others["initial_lr"], others["weight_decay"]) == (0.01, 0.1)
    names = {id(p): name for name, p in run.objective.network.named_parameters()}
    mine = {names[id(p)].split(".", 2)[2] for p in own["params"]}
    assert {"sdm.squeeze.weight", "mtam.mlp.0.bias", "mtam.joint.weight", "agm.gate.alpha"} <= mine
    assert not any(name.startswith(("agm.conv", "agm.gate.inner")) for name in mine)
    assert len(others["params"]) + len(own["params"]) == len(names)
    plain = Run.start(replace(made, masks_rate=0.0), classes=4)
    assert len(plain.optimizer.param_groups) == 1


def test_a_network_without_paths_is_left_as_it_is():
    made = build(spec("tsn"))
    before = {name: value.clone() for name, value in made.state_dict().items()}
    standardise(made, CLIPS, spread=1.5)
    assert own_parameters(made) == []
    for name, value in made.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
