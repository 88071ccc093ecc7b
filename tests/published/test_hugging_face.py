"""VideoMAE and V-JEPA 2, from folders of transformers to answers, maps, an evaluation."""

import json
import shutil
import socket

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

import maagn
from app.gallery.catalogue import FOLDER
from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.errors import CheckpointError
from maagn.nn.build import build
from maagn.published.convert import convert
from tests.nn.test_transformers_networks import theirs_of
from tests.tiny import clip_tensor

CLIP = sorted(FOLDER.glob("*.mp4"))[0]
NAMES = ("Opening something", "Closing something", "Folding something", "Pushing it", "Waiting")
PIXELS = {"size": {"shortest_edge": 36}, "crop_size": {"height": 32, "width": 32},
          "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.25]}  # fmt: skip


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Whoever asks another machine for anything fails."""

    def refuse(*_):
        raise AssertionError("a socket was opened")

    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def written(folder, arch):
    """A folder as `save_pretrained` leaves it, and the library's network."""
    theirs = theirs_of(arch)
    theirs.config.id2label = dict(enumerate(NAMES))
    theirs.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PIXELS))
    return theirs


@pytest.fixture(params=["videomae", "vjepa2"])
def both(request, tmp_path):
    folder = tmp_path / f"{request.param}-finetuned"
    return folder, written(folder, request.param)


def change(folder, name="config.json", **values):
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def bring(path, out, *more):
    ran = CliRunner().invoke(app, ["import", str(path), "--out", str(out), *more])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_folder_becomes_a_network_that_answers_as_the_librarys(both, tmp_path):
    folder, theirs = both
    said = bring(folder, tmp_path / "mine.safetensors")
    assert "4 blocks of transformers, 5 classes" in said
    assert ("Not used: vjepa2.predictor" in said) == folder.name.startswith("vjepa2")
    model = load_model(tmp_path / "mine.safetensors")
    assert model.labels == NAMES
    assert (model.transform.resize, model.transform.crop) == (36, 32)
    assert model.transform.mean == (0.5, 0.4, 0.3)
    run = maagn.trace(model, maagn.read_clip(CLIP))
    with torch.no_grad():
        expected = theirs(run.clip.data.transpose(1, 2)).logits
    torch.testing.assert_close(run.logits.detach(), expected, rtol=1e-4, atol=1e-5)
    for stage in (2, 3, 4, 5):
        report = maagn.explain(model, maagn.read_clip(CLIP), layer=f"backbone.res{stage}")
        assert report.cam.values.shape == (4, 4, 4)
        assert np.abs(report.cam.values).max() > 0
        seconds = report.inputs.seconds
        np.testing.assert_allclose(report.cam.seconds, (seconds[::2] + seconds[1::2]) / 2)


def test_a_file_is_described_by_what_is_beside_it_and_labels_can_be_given(tmp_path):
    written(tmp_path, "videomae")
    names = tmp_path / "names.txt"
    names.write_text("".join(f"Thing {i}\n" for i in range(5)))
    out = tmp_path / "mine.safetensors"
    bring(tmp_path / "model.safetensors", out, "--labels", str(names))
    assert load_model(out).labels == tuple(f"Thing {i}" for i in range(5))


def test_biases_of_earlier_versions_find_their_place(tmp_path):
    theirs = written(tmp_path, "videomae")
    tensors = load_file(tmp_path / "model.safetensors")
    old = {
        name.replace("query.bias", "q_bias").replace("value.bias", "v_bias"): tensor
        for name, tensor in tensors.items()
    }
    assert set(old) != set(theirs.state_dict())
    save_file(old, tmp_path / "model.safetensors", metadata={"format": "pt"})
    converted = convert(tmp_path)
    assert set(converted.tensors) == set(theirs.state_dict())


def test_a_set_of_videos_is_evaluated(tmp_path):
    written(tmp_path / "net", "videomae")
    bring(tmp_path / "net", tmp_path / "mine.safetensors")
    folder = tmp_path / "set" / NAMES[1]
    folder.mkdir(parents=True)
    shutil.copy(CLIP, folder)
    words = ["evaluate", "--data", str(folder.parent), "--out", str(tmp_path / "run")]
    ran = CliRunner().invoke(app, [*words, "--model", str(tmp_path / "mine.safetensors")])
    assert ran.exit_code == 0, ran.output
    (row,) = pq.read_table(tmp_path / "run" / "answers.parquet").to_pylist()
    assert row["label"] == 1
    assert len(row["logits"]) == 5


def test_classes_without_names_need_a_list(tmp_path):
    written(tmp_path, "videomae")
    change(tmp_path, id2label={str(i): f"LABEL_{i}" for i in range(5)})
    ran = CliRunner().invoke(
        app, ["import", str(tmp_path), "--out", str(tmp_path / "m.safetensors")]
    )
    assert ran.exit_code != 0
    assert "which the file does not" in ran.output


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model_type": "bert"}, "of the type bert: of transformers, VideoMAE and V-JEPA 2 can"),
        ({"hidden_size": "many"}, "hidden_size = many, which is no whole number"),
        ({"hidden_size": True}, "which is no whole number"),
        ({"image_size": [32, 48]}, "which is no whole number"),
        ({"use_mean_pooling": False}, "has use_mean_pooling = False: VideoMAE is built here with"),
        ({"hidden_act": "relu"}, "has hidden_act = relu"),
        ({"num_hidden_layers": 10**9}, "4 to 64 blocks"),
        ({"num_hidden_layers": 5}, "it lacks: videomae.encoder.layer.4"),
        ({"num_attention_heads": 7}, "multiple of 7 channels"),
        ({"intermediate_size": 40}, "tensors of other shapes"),
        ({"id2label": {"1": "one"}}, "does not number its classes from 0"),
        ({"id2label": ["one"]}, "does not number its classes from 0"),
        ({"id2label": {"0": "one"}}, "tells 5 classes apart, but the file beside it names 1"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(values, words, tmp_path):
    written(tmp_path, "videomae")
    change(tmp_path, **values)
    with pytest.raises(CheckpointError, match=words):
        convert(tmp_path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"crop_size": 48}, "prepares 48 x 48 pixels of 36, but the network sees 32 x 32"),
        ({"size": {"longest_edge": 36}}, "says in a way that is not known"),
        ({"image_mean": [0.5]}, "says in a way that is not known"),
        ({"image_std": [0.5, 0.0, 0.5]}, "prepares 32 x 32 pixels"),
    ],
)
def test_pixels_that_the_network_cannot_take_are_refused(values, words, tmp_path):
    written(tmp_path, "videomae")
    change(tmp_path, "preprocessor_config.json", **values)
    with pytest.raises(CheckpointError, match=words):
        convert(tmp_path)


def test_what_is_no_such_folder_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"needs config\.json and model\.safetensors in it"):
        convert(tmp_path)
    written(tmp_path, "videomae")
    with pytest.raises(CheckpointError, match="VideoMAE, 4 blocks, as the files beside it say"):
        convert(tmp_path, "tsm-r50")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(CheckpointError, match="cannot be read as JSON"):
        convert(tmp_path)
    (tmp_path / "config.json").write_text("[" * 10**5)
    with pytest.raises(CheckpointError, match="cannot be read as JSON"):
        convert(tmp_path)


def test_frames_can_be_given_as_for_other_files(tmp_path):
    written(tmp_path, "vjepa2")
    converted = convert(tmp_path, frames=4)
    made = build(converted.spec).eval()
    made.load_state_dict(converted.tensors)
    assert made(clip_tensor(frames=4)).shape == (1, 5)
