"""Fine-tuning learns from what it is given alone, and changes what it is asked to."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

from maagn.checkpoint import load_model, save_difference
from maagn.config import SamplingSpec
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.inference import predict
from maagn.teach import frames, tune
from maagn.teach.examples import Example, Examples
from maagn.teach.frames import KeptClips, keep_clips
from maagn.teach.heads import taught_head
from maagn.teach.network import taught_network
from maagn.teach.tune import fine_tune, recipe, votes_of
from maagn.video.transform import from_frames, to_tensor
from tests.teach.squares import (
    LABELS,
    changed,
    drawn,
    order_blind,
    run,
    seen_and_kept,
    state,
    taught,
)
from tests.tiny import BASELINES, make_model, save_tiny, spec


def test_the_frames_kept_are_those_that_a_network_sees_in_a_test(tmp_path):
    model = make_model(spec("tsm"))
    examples = drawn(4)
    _, kept = seen_and_kept(model, examples, tmp_path)
    network = taught(model, seen_and_kept(model, examples, tmp_path)[0])
    votes = votes_of(network, kept, np.arange(4))
    for clip, (forwards, _) in zip(examples.clips, votes, strict=True):
        seen = read_clips(clip.video, {model.look})[model.look]
        own = replace(model, network=network, labels=LABELS)
        np.testing.assert_allclose(forwards.mean(axis=0), predict(own, seen).logits, atol=1e-4)


def test_an_odd_border_does_not_move_the_middle():
    model = make_model(spec("tsm"))
    transform = replace(model.transform, resize=37)
    look = (SamplingSpec(8), transform)
    noise = np.random.default_rng(0)
    wide = noise.integers(0, 256, (8, 37, 60, 3), dtype=np.uint8)
    video = Video("wide", Path("drawn/wide.mp4"), 0, draw=lambda _count, _side: wide)
    examples = Examples("wide", LABELS, (Example(video, 0, "a"),), (1, 0))
    (kept,) = keep_clips(examples, {look}, step=lambda _: None).values()
    clip = from_frames(wide, seconds=np.arange(8.0))
    expected = to_tensor(clip, sampling=look[0], transform=transform).data[0]
    torch.testing.assert_close(kept.both_ways(0)[0], expected)
    torch.testing.assert_close(kept.both_ways(0)[1], expected.flip(1))


@pytest.mark.parametrize("arch", ["maagn", "tpn", "tsm", "tsn", "r2plus1d"])
def test_last_leaves_what_comes_before_it_bit_equal(arch, tmp_path):
    model = make_model(spec(arch))
    heads, kept = seen_and_kept(model, drawn(4), tmp_path)
    network = taught(model, heads)
    before = state(network)
    assert run(network, kept) == [1, 2]
    names = changed(before, network.state_dict())
    assert names
    backbone = model.architecture.backbone
    assert all("layer4." in name for name in names if name.startswith(backbone))
    assert any("layer4." in name for name in names)
    if arch == "maagn":
        assert any(name.startswith("paths.") for name in names)
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_all_changes_the_stem_too_and_head_alone_the_classifiers(tmp_path):
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(4), tmp_path)
    network = taught(model, heads)
    before = state(network)
    run(network, kept, which="all")
    assert "backbone.conv1.weight" in changed(before, network.state_dict())


@pytest.mark.parametrize("arch", ["maagn", "tpn", "r2plus1d"])
def test_the_statistics_of_normalisation_stay(arch, tmp_path):
    model = make_model(spec(arch))
    heads, kept = seen_and_kept(model, drawn(4), tmp_path)
    network = taught(model, heads)
    before = state(network)
    run(network, kept, which="all")
    statistics = [
        name for name in before if "running_" in name or name.endswith("num_batches_tracked")
    ]
    assert statistics
    assert changed(before, network.state_dict()).isdisjoint(statistics)
    assert not network.training


def test_the_stored_difference_is_of_the_last_stage_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("maagn.checkpoint.FOLDER", tmp_path)
    base = load_model(save_tiny(tmp_path / "base.safetensors", spec=BASELINES["tsm"]))
    heads, kept = seen_and_kept(base, drawn(4), tmp_path / "kept")
    network = taught(base, heads)
    run(network, kept)
    path = tmp_path / "taught.safetensors"
    save_difference(
        path,
        network,
        base,
        collection="squares",
        clips=(),
        labels=LABELS,
        provenance=base.provenance,
    )
    again = load_model(path).network.state_dict()
    assert not changed(network.state_dict(), again)
    with safe_open(path, framework="pt") as file:
        names = set(file.keys())
    assert {name.split(".")[1] for name in names} <= {"layer4", "1"}


def test_reversals_are_in_the_batches_with_the_opposite_class(tmp_path, monkeypatch):
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(4), tmp_path)
    network = taught(model, heads)
    batches = []
    loss = tune.functional.cross_entropy
    inputs = []
    monkeypatch.setattr(
        tune, "normalise", lambda pixels, _: inputs.append(pixels) or normalised(pixels, _)
    )
    normalised = frames.normalise

    def told(logits, truth, **settings):
        batches.append(truth.tolist())
        return loss(logits, truth, **settings)

    monkeypatch.setattr(tune.functional, "cross_entropy", told)
    run(network, kept, passes=1)
    assert sorted(batches) == [[0, 1], [0, 1], [1, 0], [1, 0]]
    for forwards, backwards in inputs:
        np.testing.assert_array_equal(forwards, backwards[::-1])


def test_a_class_without_an_opposite_is_shown_as_it_is_alone(tmp_path, monkeypatch):
    model = make_model(spec("tsm"))
    examples = replace(drawn(4), opposites=(-1, -1))
    heads, kept = seen_and_kept(model, examples, tmp_path)
    sizes = []
    normalised = frames.normalise
    monkeypatch.setattr(tune, "normalise", lambda x, t: sizes.append(len(x)) or normalised(x, t))
    settings = replace(recipe(kept, learn=4), epochs=1)
    list(fine_tune(taught(model, heads), kept, np.arange(4), (-1, -1), tune="last", spec=settings))
    assert sizes == [1, 1, 1, 1]


class Watched(KeptClips):
    """Clips that say which of them a network learns from."""

    asked: list[int]

    def get(self, index):
        self.asked.append(index)
        return super().get(index)


def watched(kept):
    made = Watched(kept.labels, kept.frames, kept.classes, kept.transform)
    made.asked = []
    return made


def test_no_clip_is_looked_at_but_those_to_learn_from(tmp_path):
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(6), tmp_path)
    clips = watched(kept)
    run(taught(model, heads), clips, np.array([0, 3, 4]))
    assert set(clips.asked) == {0, 3, 4}


def test_what_heads_alone_cannot_tell_is_told_after_fine_tuning(tmp_path):
    """Heads of a network that sees each frame by itself are right half of the time."""
    model = order_blind()
    heads, kept = seen_and_kept(model, drawn(24), tmp_path)
    learn, test = np.arange(16), np.arange(16, 24)
    fitted = taught_head(heads[0].examples(learn), classes=2)
    network = taught_network(model, [fitted])

    def right():
        said = votes_of(network, kept, test)[:, :, 0].argmax(axis=2)  # of each clip, both ways
        labels = heads[0].labels[test]
        return int((said[:, 0] == labels).sum()), int((said[:, 1] == 1 - labels).sum())

    assert right() == (4, 4)
    run(network, kept, learn, which="all", rate=5e-3, passes=10)
    assert right() == (8, 8)
