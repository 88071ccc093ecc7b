"""A compiled training: the same names in its files, and the same bits when it is resumed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from maagn.checkpoint import load_model
from maagn.errors import ModelError
from maagn.train.objective import ClosedTap, compile_objective
from maagn.train.state import Run
from tests.own_kind import register
from tests.programs import program
from tests.train.made import MAAGN

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 280
MODULE = ["-m", "tests.train.alone"]
TWO = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", *MODULE]


def train(out: Path, preset: str, *, steps: int = 99, module=MODULE, **changes) -> None:
    """A training in processes of its own."""
    done = subprocess.run(
        [sys.executable, *module, str(out), preset, json.dumps(changes), str(steps)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=LIMIT_SECONDS,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"


@pytest.mark.timeout(3 * LIMIT_SECONDS)
@pytest.mark.usefixtures("own_table")
def test_a_compiled_training_is_resumed_to_the_same_bits(tmp_path):
    program("g++")
    whole, cut, plain = (tmp_path / f"{name}.safetensors" for name in ("whole", "cut", "plain"))
    train(whole, "mine-small", compile=True)
    train(cut, "mine-small", compile=True, steps=3)
    assert torch.load(cut.with_suffix(".state"), weights_only=True)["step"] == 1
    train(cut, "mine-small", compile=True)
    train(plain, "mine-small")
    register()
    weights, again, exact = (load_model(path).network.state_dict() for path in (whole, cut, plain))
    assert weights.keys() == exact.keys()
    for name, value in weights.items():
        assert torch.equal(value, again[name]), name
        torch.testing.assert_close(value, exact[name], rtol=1e-3, atol=1e-4)
    assert "--compile" in load_model(whole).provenance.command


def test_taps_are_closed_and_names_stay(monkeypatch):
    run = Run.start(MAAGN, classes=4)
    names = list(run.network.state_dict())
    monkeypatch.setattr(torch.nn.Module, "compile", lambda _self: None)
    compile_objective(run.objective, device=torch.device("cpu"))
    assert any(type(module) is ClosedTap for module in run.network.modules())
    assert list(run.network.state_dict()) == names


def test_a_missing_compiler_is_named_before_the_first_step(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ModelError, match=r"install g\+\+"):
        compile_objective(torch.nn.Linear(1, 1), device=torch.device("cpu"))


@pytest.mark.usefixtures("own_table")
@pytest.mark.timeout(2 * LIMIT_SECONDS)
def test_a_frozen_backbone_stays_the_same_in_two_processes(tmp_path):
    program("g++")
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    train(first, "mine-small")
    changes = {"start": str(first), "freeze": "backbone", "precision": "bf16-mixed"}
    changes["compile"] = True
    train(second, "mine-small", module=TWO, **changes)
    register()
    one, two = (load_model(path).network.state_dict() for path in (first, second))
    for name in one:
        assert torch.equal(one[name], two[name]) == name.startswith("backbone."), name
