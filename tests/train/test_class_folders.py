"""A training on one folder of videos per class, from its first line to a resumed end."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.data.open import open_videos
from maagn.errors import DatasetError, ModelError
from maagn.train import loop
from maagn.train.data import open_data
from maagn.video.encode import write_mp4
from tests.tiny import square_frames
from tests.train.made import SPEC as MADE

ROBOTS = Path(__file__).parents[3] / "shared" / "teach" / "robot"
PEOPLE = ("ann", "ben", "carl", "dora", "emil")
SPEC = replace(MADE, clips=0, validation_clips=0)


class Stopped(Exception):
    """Someone pulled the plug."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """A square that goes left or right, as five people filmed it."""
    folder = tmp_path_factory.mktemp("clips")
    for number, person in enumerate(PEOPLE):
        frames = np.clip(square_frames() + 5 * number, 0, 255).astype(np.uint8)
        for label, shown in (("Move right", frames), ("Move left", frames[::-1])):
            path = folder / label / f"{person}-1.mp4"
            path.parent.mkdir(exist_ok=True)
            write_mp4(path, shown, seconds=np.arange(len(shown)) / 10)
    (folder.parent / "pairs.csv").write_text("Move left,Move right\n")
    return folder


def train(spec, out, *, steps=99, report=lambda _: None, monkeypatch=None):
    """A training, or one that is stopped before that step."""
    exact, done = loop.gradients, []

    def counted(*words, **more):
        if len(done) == steps:
            raise Stopped
        done.append(None)
        return exact(*words, **more)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "gradients", counted)
        return loop.train(spec, out=out, keep_every=1, report=report)


def assert_same(one, other):
    a, b = (load_model(path).network.state_dict() for path in (one, other))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_it_is_stopped_and_resumed_to_the_same_bits(clips, tmp_path, monkeypatch):
    spec = replace(SPEC, data=str(clips), opposites=str(clips.parent / "pairs.csv"), flip=True)
    told = []
    whole = train(spec, tmp_path / "whole.safetensors", report=told.append, monkeypatch=monkeypatch)
    assert told[:5] == [
        f"{clips.name}, class-folders: 2 classes, 8 clips to train on.",
        "Held out for validation: 2 of 10 clips, those of the group ann (clips whose files' names "
        "begin alike are held out together).",
        f"Opposites, from {spec.opposites}: Move left <-> Move right.",
        "Reversal: 2 of the 2 classes are also trained on backwards: Move left as Move right, Move "
        "right as Move left.",
        "Flip: half of the clips are mirrored; a mirror leaves 0 of the 2 classes what they are, "
        "and swaps Move left <-> Move right.",
    ]
    assert f"--data {tmp_path / 'whole.held-out.csv'} --root {clips}" in told[5]
    assert any("an epoch on this CPU; " in line and "clips/s" in line for line in told)
    cut = tmp_path / "cut.safetensors"
    with pytest.raises(Stopped):
        train(spec, cut, steps=3, monkeypatch=monkeypatch)
    assert torch.load(cut.with_suffix(".state"), weights_only=True)["step"] == 1
    again = []
    train(spec, cut, report=again.append, monkeypatch=monkeypatch)
    assert again[1] == told[1]
    assert_same(whole, cut)
    made = load_model(whole).provenance
    assert "without the 2 clips that were held out for validation" in made.trained_on


def test_the_list_of_what_was_held_out_is_read_as_a_set(clips, tmp_path, monkeypatch):
    out = train(
        replace(SPEC, data=str(clips), epochs=1),
        tmp_path / "a.safetensors",
        monkeypatch=monkeypatch,
    )
    listed = open_videos(out.with_suffix(".held-out.csv"), root=clips)
    assert [video.path for video in listed.videos] == [
        clips / "Move left" / "ann-1.mp4",
        clips / "Move right" / "ann-1.mp4",
    ]
    assert listed.labels == load_model(out).labels
    assert [video.label for video in listed.videos] == [0, 1]


def test_clips_that_came_meanwhile_are_not_mixed_in(clips, tmp_path, monkeypatch):
    folder = shutil.copytree(clips, tmp_path / "clips")
    spec, out = replace(SPEC, data=str(folder)), tmp_path / "a.safetensors"
    with pytest.raises(Stopped):
        train(spec, out, steps=3, monkeypatch=monkeypatch)
    more = folder / "Move left" / "fred-1.mp4"
    shutil.copy(folder / "Move left" / "ann-1.mp4", more)
    with pytest.raises(ModelError, match=r"The videos are others than when a\.state was written"):
        train(spec, out, monkeypatch=monkeypatch)
    more.unlink()
    train(spec, out, monkeypatch=monkeypatch)
    assert out.exists()


def test_a_clip_that_cannot_be_read_ends_the_run_in_a_sentence(clips, tmp_path, monkeypatch):
    folder = shutil.copytree(clips, tmp_path / "clips")
    (folder / "Move left" / "ben-1.mp4").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"ben-1\.mp4 .* `maagn data check --read` finds"):
        train(replace(SPEC, data=str(folder)), tmp_path / "a.safetensors", monkeypatch=monkeypatch)


def test_settings_of_videos_are_refused_for_rendered_clips():
    with pytest.raises(ModelError, match="--hold-out is for videos, and these clips are rendered"):
        open_data(replace(SPEC, hold_out=3), frames=8)


def test_a_dry_run_says_the_same_and_how_long_it_takes(clips, tmp_path):
    words = ["train", "tsn-demo", "--set", "width=4", "--data", str(clips), "--hold-out", "2"]
    done = CliRunner().invoke(app, [*words, "--dry-run", "--out", str(tmp_path / "a.safetensors")])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "Held out for validation: 4 of 10 clips, those of the groups ann, ben (" in said
    assert "names propose: Move left <-> Move right. No clip is labelled by a proposal" in said
    assert "No clip is shown backwards" in said
    assert "Flip: off, no clip is mirrored." in said
    assert "an epoch on this CPU; " in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not ROBOTS.is_dir(), reason="needs the clips of robot arms")
def test_robots_are_trained_on_and_resumed(tmp_path, monkeypatch):
    spec = replace(SPEC, data=str(ROBOTS), layout="class-folders", clips=8, validation_clips=4)
    whole = train(spec, tmp_path / "whole.safetensors", monkeypatch=monkeypatch)
    cut = tmp_path / "cut.safetensors"
    with pytest.raises(Stopped):
        train(spec, cut, steps=3, monkeypatch=monkeypatch)
    train(spec, cut, monkeypatch=monkeypatch)
    assert_same(whole, cut)
    assert load_model(cut).labels == ("Closing", "Folding", "Opening", "Unfolding")
