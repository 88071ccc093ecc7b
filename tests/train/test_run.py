from dataclasses import replace

import pytest
import torch

from maagn.checkpoint import load_model
from maagn.config import TrainSpec
from maagn.errors import ModelError, UnknownModel
from maagn.train.loop import train
from maagn.train.run import Run, rate, steps

SPEC = TrainSpec("tsn-demo", epochs=2, clips=16, validation_clips=16, batch=8)


def weights(path):
    return load_model(path).network.state_dict()


class Stopped(Exception):
    """Someone pulled the plug after an epoch."""


def stop(_: str) -> None:
    raise Stopped


def test_an_interrupted_run_ends_with_the_same_weights(tmp_path):
    whole = train(SPEC, out=tmp_path / "whole.safetensors", report=lambda _: None)
    out = tmp_path / "cut.safetensors"
    with pytest.raises(Stopped):
        train(SPEC, out=out, report=stop)
    assert not out.exists()
    assert out.with_suffix(".state").exists()
    train(SPEC, out=out, report=lambda _: None)
    assert not out.with_suffix(".state").exists()
    for (name, a), b in zip(weights(whole).items(), weights(out).values(), strict=True):
        assert torch.equal(a, b), name
    made = load_model(out).provenance
    assert (made.clips, made.steps, made.epochs) == (32, 4, 2)
    assert "--clips 16" in made.command
    assert set(made.metrics) == {"validation_top1"}


def test_a_state_of_other_settings_is_refused(tmp_path):
    out = tmp_path / "model.safetensors"
    with pytest.raises(Stopped):
        train(SPEC, out=out, report=stop)
    with pytest.raises(ModelError, match="other settings"):
        train(replace(SPEC, seed=1), out=out, report=lambda _: None)


def test_an_unknown_preset_is_named():
    with pytest.raises(UnknownModel, match="maagn-demo"):
        Run.start(replace(SPEC, preset="nonsense"))


def test_the_rate_rises_then_falls_to_zero():
    spec = TrainSpec("tsn-demo", epochs=10, clips=100, batch=10, warmup=0.1)
    total = steps(spec)
    rates = [rate(step, spec) for step in range(total)]
    assert total == 100
    assert rates[0] == pytest.approx(1 / 11)
    assert max(rates) == rates[10] == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[-1] < 0.001
