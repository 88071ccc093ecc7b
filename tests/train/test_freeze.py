"""A frozen backbone: its weights and statistics are those that it began with, to the byte."""

from dataclasses import replace

import pytest
import torch

from maagn.checkpoint import load_model
from maagn.errors import ModelError
from maagn.train import loop
from maagn.train.state import Run
from tests.train.made import LABELS, MAAGN, SPEC, train_on_made_clips


@pytest.fixture
def start(tmp_path, monkeypatch):
    return str(train_on_made_clips(SPEC, monkeypatch, out=tmp_path / "start.safetensors"))


def weights(path):
    return load_model(path).network.state_dict()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"masks_spread": 1.5, "ema": 0.9, "accumulate": 2, "precision": "bf16-mixed"},
        {"optimiser": "sgd", "weight_decay": 0.1},
    ],
    ids=["plain", "everything", "sgd"],
)
def test_a_frozen_backbone_keeps_its_bytes_and_all_else_is_trained(
    tmp_path, monkeypatch, start, changes
):
    spec = replace(MAAGN, start=start, freeze="backbone", **changes)
    out = train_on_made_clips(spec, monkeypatch, out=tmp_path / "a.safetensors")
    before, after = weights(start), weights(out)
    frozen = [name for name in after if name.startswith("backbone.")]
    assert any(name.endswith("running_var") for name in frozen)
    for name in frozen:
        assert torch.equal(before[name], after[name]), name
    fresh = Run.start(spec, classes=len(LABELS)).network.state_dict()
    others = [name for name in after if not name.startswith("backbone.")]
    assert any(name.endswith("running_var") for name in others)
    assert any(not torch.equal(fresh[name], after[name]) for name in others)
    made = load_model(out).provenance
    assert "--freeze backbone" in made.command
    assert made.trained_on.endswith(", backbone not changed")


def test_the_optimiser_has_none_of_a_frozen_backbone(start):
    run = Run.start(replace(MAAGN, start=start, freeze="backbone"), classes=len(LABELS))
    held = {id(p) for group in run.optimizer.param_groups for p in group["params"]}
    for name, parameter in run.objective.network.named_parameters():
        assert (id(parameter) in held) != name.startswith("backbone."), name
        assert parameter.requires_grad != name.startswith("backbone."), name


def test_a_frozen_run_is_resumed_to_the_same_bits(tmp_path, monkeypatch, start):
    spec = replace(MAAGN, start=start, freeze="backbone")
    whole = train_on_made_clips(spec, monkeypatch, out=tmp_path / "whole.safetensors")
    out, exact, done = tmp_path / "cut.safetensors", loop.gradients, []

    def cut(*words, **more):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(None)
        return exact(*words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "gradients", cut)
        with pytest.raises(KeyboardInterrupt):
            train_on_made_clips(spec, patch, out=out, keep_every=1)
    with pytest.raises(ModelError, match="other settings"):
        train_on_made_clips(replace(spec, freeze="none"), monkeypatch, out=out)
    train_on_made_clips(spec, monkeypatch, out=out)
    one, other = weights(whole), weights(out)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_fresh_weights_are_not_frozen():
    with pytest.raises(ModelError, match="not worth freezing: give --start"):
        Run.start(replace(MAAGN, freeze="backbone"), classes=2)
