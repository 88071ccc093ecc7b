"""Weights and answers that are no finite numbers: refused or named, never an answer."""

import json
import shutil
import sys
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from maagn.checkpoint import Model, load_model
from maagn.cli import app
from maagn.errors import CheckpointError, NonFinitePrediction
from maagn.evaluate.evaluations import EvaluationRun, ask, benchmark_plan, evaluate
from maagn.explain.cam import cam
from maagn.explain.edits import Edit, reverse
from maagn.explain.edits import ask as ask_edits
from maagn.explain.report import explain
from maagn.inference import predict, prepare, trace
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.video.encode import write_mp4
from tests.tiny import BASELINES, LABELS, SPEC, save_tiny, square_frames, tiny_clip, tiny_model

HUGE = 3e38  # finite in single precision, and what comes of it is not


def changed(path, change, out):
    """The same checkpoint with other weights."""
    tensors = load_file(path)
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    change(tensors)
    save_file(tensors, out, metadata=metadata)
    return out


def enlarge(tensors):
    for name in tensors:
        if name.endswith("1.weight") and name.startswith(("head", "heads.")):
            tensors[name] = torch.full_like(tensors[name], HUGE)


def huge_file(folder, *, spec=SPEC, labels=LABELS, name="huge"):
    plain = save_tiny(folder / "plain.safetensors", spec=spec, labels=labels)
    return changed(plain, enlarge, folder / f"{name}.safetensors")


@pytest.fixture(scope="module", params=["maagn", "tsn"])
def huge(request, tmp_path_factory) -> Model:
    spec = SPEC if request.param == "maagn" else BASELINES["tsn"]
    return load_model(huge_file(tmp_path_factory.mktemp("huge"), spec=spec))


@pytest.fixture
def videos(tmp_path):
    """Class folders with one good video in each of two, and one that cannot be read."""
    folder = tmp_path / "videos"
    for label in LABELS[:2]:
        (folder / label).mkdir(parents=True)
        path = folder / label / f"{label.split()[0]}.mp4"
        write_mp4(path, square_frames(), seconds=np.arange(16) / 10)
    (folder / LABELS[0] / "empty.mp4").touch()
    return folder


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("heads.0.1.bias", float("nan"), "not finite in heads.0.1.bias"),
        ("backbone.layer1.0.conv1.weight", float("inf"), "not finite in backbone.layer1.0.conv1"),
        ("backbone.bn1.running_mean", float("-inf"), "not finite in backbone.bn1.running_mean"),
        ("backbone.bn1.running_var", float("nan"), "not finite in backbone.bn1.running_var"),
        ("backbone.bn1.running_var", -0.5, "negative variance in backbone.bn1.running_var"),
    ],
)
def test_weights_that_are_not_finite_are_refused_when_a_checkpoint_is_loaded(
    name, value, words, tmp_path
):
    def spoil(tensors):
        tensors[name].view(-1)[-1] = value

    path = changed(save_tiny(tmp_path / "a.safetensors"), spoil, tmp_path / "spoilt.safetensors")
    with pytest.raises(CheckpointError, match=words) as caught:
        load_model(path)
    assert str(caught.value).startswith("spoilt.safetensors has")
    clip = tmp_path / "a.mp4"
    write_mp4(clip, square_frames(), seconds=np.arange(16) / 10)
    ran = run("explain", "--model", path, "--json", clip)
    assert ran.exit_code == 2
    assert words in " ".join(ran.output.split())


def test_doubles_that_single_precision_cannot_hold_are_refused(tmp_path):
    def widen(tensors):
        tensors["backbone.bn1.weight"] = tensors["backbone.bn1.weight"].double() * 1e300

    path = changed(save_tiny(tmp_path / "a.safetensors"), widen, tmp_path / "wide.safetensors")
    with pytest.raises(CheckpointError, match=r"not finite in backbone\.bn1\.weight"):
        load_model(path)


def test_an_answer_that_is_not_finite_is_a_named_error(huge):
    clip = tiny_clip()
    inputs = prepare(huge, clip)
    for question in (
        lambda: predict(huge, clip),
        lambda: trace(huge, clip),
        lambda: explain(huge, clip),
        lambda: ask_edits(huge, inputs, (Edit(reverse(8)),)),
    ):
        with pytest.raises(NonFinitePrediction, match="huge computes numbers that are not finite"):
            question()


def test_a_map_that_is_not_finite_is_a_named_error(monkeypatch, tmp_path):
    model, clip = tiny_model(tmp_path), tiny_clip()
    cams = sys.modules[cam.__module__]
    slopes = cams.gradients
    monkeypatch.setattr(
        cams, "gradients", lambda *a, **k: tuple(x * float("inf") for x in slopes(*a, **k))
    )
    with pytest.raises(NonFinitePrediction, match="there is no map"):
        explain(model, clip)


def test_the_command_tells_it_in_one_line(tmp_path):
    path, clip = huge_file(tmp_path), tmp_path / "a.mp4"
    write_mp4(clip, square_frames(), seconds=np.arange(16) / 10)
    ran = run("explain", "--model", path, "--out", tmp_path / "out", clip)
    assert ran.exit_code == 2
    assert "huge computes numbers that are not finite for this clip" in ran.output
    assert len(ran.output.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["evaluate", "explain-dataset"])
def test_a_run_has_a_row_with_the_reason_and_does_not_end_well(command, videos, tmp_path):
    good, bad = save_tiny(tmp_path / "good.safetensors"), huge_file(tmp_path)
    words = [command, "--model", good, "--model", bad, "--data", videos, "--out", tmp_path / "run"]
    for _ in range(2):  # and the same when it goes on with what is there
        ran = run(*words)
        assert ran.exit_code == 2, ran.output
        assert "2 rows of" in ran.output
        assert "what huge computed is not finite" in " ".join(ran.output.split())
    table = "answers" if command == "evaluate" else "explanations"
    rows = pq.read_table(tmp_path / "run" / f"{table}.parquet").to_pandas()
    mine, theirs = rows[rows["model"] == "good"], rows[rows["model"] == "huge"]
    assert list(mine["answer"].isna()) == [False, False, True] == list(mine["reason"].notna())
    assert theirs["answer"].isna().all()
    assert theirs["probability"].isna().all()
    reasons = list(theirs["reason"])
    assert sum("not finite" in reason for reason in reasons) == 2
    assert sum("is empty" in reason for reason in reasons) == 1


def test_an_evaluation_of_rendered_clips_ends_with_the_network_and_the_clip(tmp_path):
    classes = len(OPPOSITES_LABELS)
    spec = replace(BASELINES["tsn"], classes=classes)
    good = load_model(save_tiny(tmp_path / "good.safetensors", spec=spec, labels=OPPOSITES_LABELS))
    bad = load_model(huge_file(tmp_path, spec=spec, labels=OPPOSITES_LABELS))
    kept = EvaluationRun(
        benchmark_plan([good, bad], split="val", per_class=1), root=tmp_path / "kept"
    )
    words = r"huge computes numbers that are not finite for clip \d+ of the val split"
    for _ in range(2):
        with pytest.raises(NonFinitePrediction, match=words):
            evaluate(kept, [good, bad])
    assert kept.results() is None
    assert kept.progress().done == 0  # a batch is kept when all networks have predictions for it
    shutil.rmtree(kept.folder)
    assert np.isfinite(ask([good], split="val", per_class=1).of("good").logits).all()


def test_explanations_hold_finite_numbers_alone(tmp_path):
    model = tiny_model(tmp_path)
    json.dumps(explain(model, tiny_clip()).as_dict(), allow_nan=False)
