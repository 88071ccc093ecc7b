"""Torchvision's S3D, MViTv2 and Video Swin, from their files to answers, maps and an evaluation."""

import shutil
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from typer.testing import CliRunner

import maagn
from app.gallery.catalogue import FOLDER
from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.config import TransformSpec
from maagn.errors import CheckpointError
from maagn.nn.torchvision_ops import video_models
from maagn.published.convert import convert

CLIP = sorted(FOLDER.glob("*.mp4"))[0]
KINDS = {"s3d": "s3d", "mvit_v2_s": "mvit-v2-s", "swin3d_t": "swin3d-t"}
FRAMES = {"s3d": 16, "mvit_v2_s": 16, "swin3d_t": 8}
RATES = {"s3d": (8, 4, 2, 2), "mvit_v2_s": (2, 2, 2, 2), "swin3d_t": (2, 2, 2, 2)}
every_network = pytest.mark.parametrize("name", KINDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Torchvision's own files, with random weights."""
    folder = tmp_path_factory.mktemp("published")
    for name in KINDS:
        torch.manual_seed(4)
        state = getattr(video_models(), name)(weights=None).state_dict()
        for tensor in state.values():
            if name == "s3d" and tensor.dim() == 5:
                torch.nn.init.kaiming_normal_(tensor)  # or nothing comes through
        torch.save(state, folder / f"{name}-0a1b2c3d.pth")
    return folder


@pytest.fixture(scope="module")
def imported(files):
    for name in KINDS:
        words = ["import", str(files / f"{name}-0a1b2c3d.pth"), "--labels", "kinetics-400"]
        words += ["--frames", str(FRAMES[name]), "--out", str(files / f"{name}.safetensors")]
        ran = CliRunner().invoke(app, words)
        assert ran.exit_code == 0, ran.output
        assert f"{KINDS[name]} of torchvision, 400 classes" in ran.output
    return files


@every_network
def test_every_tensor_arrives_and_every_stage_has_a_map(name, files, imported):
    model = load_model(imported / f"{name}.safetensors")
    theirs = torch.load(files / f"{name}-0a1b2c3d.pth", weights_only=True)
    ours = model.network.state_dict()
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[key].flatten(), theirs[key].flatten()) for key in ours)
    # Smaller frames than the authors', which it takes as well, and in a tenth of the time.
    model = replace(model, transform=replace(model.transform, resize=72, crop=64))
    clip = maagn.read_clip(CLIP)
    for stage, rate in zip((5, 4, 3, 2), RATES[name], strict=True):
        report = maagn.explain(model, clip, layer=f"backbone.res{stage}")
        assert report.cam.values.shape[0] == FRAMES[name] // rate
        assert np.abs(report.cam.values).max() > 0
        assert not report.masks
        assert not report.gates
        seconds = report.inputs.seconds
        if name == "swin3d_t":
            np.testing.assert_allclose(report.cam.seconds, (seconds[::2] + seconds[1::2]) / 2)
        elif (name, stage) == ("s3d", 5):
            np.testing.assert_allclose(report.cam.seconds, seconds[2::8])
        else:
            np.testing.assert_array_equal(report.cam.seconds, seconds[::rate])


@every_network
def test_authors_pixels_are_kept(name, imported):
    wanted = {"s3d": 0.43216, "mvit_v2_s": 0.45, "swin3d_t": 0.485}
    transform = load_model(imported / f"{name}.safetensors").transform
    assert transform.mean[0] == wanted[name]
    assert (transform.resize, transform.crop) == (256, 224)
    assert isinstance(transform, TransformSpec)


def test_a_set_of_videos_is_evaluated(imported, tmp_path):
    labels = load_model(imported / "swin3d_t.safetensors").labels
    folder = tmp_path / "set" / labels[7]
    folder.mkdir(parents=True)
    shutil.copy(CLIP, folder)
    words = ["evaluate", "--data", str(folder.parent), "--out", str(tmp_path / "run")]
    words += ["--model", str(imported / "swin3d_t.safetensors")]
    ran = CliRunner().invoke(app, words)
    assert ran.exit_code == 0, ran.output
    (row,) = pq.read_table(tmp_path / "run" / "answers.parquet").to_pylist()
    assert row["label"] == 7
    assert len(row["logits"]) == 400


def test_sizes_of_video_swin_are_told_by_their_tensors(tmp_path):
    torch.manual_seed(0)
    for name in ("swin3d_s", "swin3d_b"):
        state = getattr(video_models(), name)(weights=None).state_dict()
        torch.save(state, tmp_path / "swin.pth")
        assert convert(tmp_path / "swin.pth").kind == name.replace("_", "-")
        with pytest.raises(CheckpointError, match=f"give --as {name.replace('_', '-')}"):
            convert(tmp_path / "swin.pth", "swin3d-t")


def test_mvit_keeps_the_frames_it_was_trained_with(files):
    with pytest.raises(CheckpointError, match="tensors of other shapes"):
        convert(files / "mvit_v2_s-0a1b2c3d.pth", frames=32)
