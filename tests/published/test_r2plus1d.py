"""Torchvision's R(2+1)D-18, from its file to an answer, a map and a row of an evaluation."""

import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from typer.testing import CliRunner

import maagn
from app.gallery.catalogue import FOLDER
from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.errors import CheckpointError
from maagn.explain.cam import layers
from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision
from maagn.published.convert import convert
from tests.tiny import lively

from torchvision.models.video import R2Plus1D_18_Weights, r2plus1d_18  # isort: skip

CLIP = sorted(FOLDER.glob("*.mp4"))[0]
NAMES = R2Plus1D_18_Weights.KINETICS400_V1.meta["categories"]


@pytest.fixture(scope="module")
def theirs():
    torch.manual_seed(4)
    return lively(r2plus1d_18(weights=None)).eval()


@pytest.fixture(scope="module")
def file(theirs, tmp_path_factory):
    path = tmp_path_factory.mktemp("published") / "r2plus1d_18-91a641e6.pth"
    torch.save(theirs.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def mine(file):
    out = file.with_name("r2plus1d.safetensors")
    words = ["import", str(file), "--as", "r2plus1d-18", "--labels", "kinetics-400"]
    ran = CliRunner().invoke(app, [*words, "--trained-on", "Kinetics-400", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "r2plus1d-18 of torchvision, 400 classes" in ran.output
    return out


def test_it_answers_as_torchvision_does(theirs, mine):
    model = load_model(mine)
    assert model.labels == tuple(NAMES)
    assert model.provenance.command.endswith("--as r2plus1d-18 --frames 16")
    run = maagn.trace(model, maagn.read_clip(CLIP))
    assert run.clip.data.shape == (1, 3, 16, 112, 112)
    with torch.no_grad():
        expected = theirs(run.clip.data)
    torch.testing.assert_close(run.logits.detach(), expected, rtol=1e-4, atol=1e-5)


def test_every_stage_has_a_map_at_its_own_times(mine):
    model, clip = load_model(mine), maagn.read_clip(CLIP)
    assert list(layers(model)) == [f"backbone.res{stage}" for stage in (5, 4, 3, 2)]
    for stage, rate in ((5, 8), (4, 4), (3, 2)):
        report = maagn.explain(model, clip, layer=f"backbone.res{stage}")
        assert report.cam.values.shape[0] == 16 // rate
        assert report.cam.seconds.tolist() == report.inputs.seconds[::rate].tolist()
        assert np.abs(report.cam.values).max() > 0
        assert not report.masks
        assert not report.gates


def test_a_set_of_videos_is_evaluated(mine, tmp_path):
    folder = tmp_path / "set" / NAMES[7]
    folder.mkdir(parents=True)
    shutil.copy(CLIP, folder)
    words = ["evaluate", "--data", str(folder.parent), "--model", str(mine)]
    ran = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "run")])
    assert ran.exit_code == 0, ran.output
    (row,) = pq.read_table(tmp_path / "run" / "answers.parquet").to_pylist()
    assert row["label"] == 7
    assert len(row["logits"]) == 400


def test_another_kind_and_half_a_file_are_refused(theirs, file, tmp_path):
    with pytest.raises(CheckpointError, match=r"looks like R\(2\+1\)D of .*: give --as r2plus1d"):
        convert(file, "tsm-r50")
    state = theirs.state_dict()
    damaged = tmp_path / "damaged.pth"
    torch.save({name: state[name] for name in state if name != "fc.weight"}, damaged)
    with pytest.raises(CheckpointError, match="with its classifier"):
        convert(damaged)
    torch.save({name: state[name] for name in state if "layer4.1" not in name}, damaged)
    with pytest.raises(CheckpointError, match=r"it lacks: layer4\.1"):
        convert(damaged)


def test_a_file_of_a_trainer_is_read_with_its_averaged_weights(theirs, tmp_path):
    """As torchvision's own references save it."""
    state = theirs.state_dict()
    ema = {"n_averaged": torch.tensor(3)} | {
        f"module.{name}": value + (name == "fc.bias") for name, value in state.items()
    }
    torch.save({"model": state, "model_ema": ema, "epoch": 4}, tmp_path / "trained.pth")
    plain = convert(tmp_path / "trained.pth")
    assert "averaged weights" in plain.notice
    averaged = convert(tmp_path / "trained.pth", weights="ema")
    assert averaged.spec == plain.spec
    difference = averaged.tensors["fc.bias"] - plain.tensors["fc.bias"]
    torch.testing.assert_close(difference, torch.ones(400))
