"""Fine-tuning learns from what it is given alone, changes what it is asked to, and is chosen."""

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from typer.testing import CliRunner

from maagn.checkpoint import load_card, load_model, save_difference
from maagn.cli import app
from maagn.config import SamplingSpec
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.errors import TeachError
from maagn.inference import predict
from maagn.nn.resnet import ShiftedConv2d
from maagn.teach import frames, tune, tuned
from maagn.teach.examples import Example, Examples
from maagn.teach.frames import KeptClips, keep_clips, refuse_many
from maagn.teach.heads import taught_head
from maagn.teach.left_out import HeadInputs, fit_all, group_folds
from maagn.teach.network import taught_network
from maagn.teach.report import read_teaching
from maagn.teach.seen import see_clips
from maagn.teach.tune import fine_tune, recipe, votes_of
from maagn.teach.tuned import PATIENCE, ended, fewest_passes, tuned_lesson
from maagn.video.encode import write_mp4
from maagn.video.transform import from_frames, to_tensor
from tests.tiny import BASELINES, make_model, save_tiny, spec

LABELS = ("Moving right", "Moving left")


def moving(seed):
    """Draws a bright square that goes from left to right, somewhere, in some colour."""

    def draw(count, side):
        noise = np.random.default_rng(seed)
        row, size = noise.integers(4, side - 14), noise.integers(6, 10)
        drawn = np.empty((count, side, side, 3), np.uint8)
        drawn[:] = noise.integers(0, 90, 3)
        colour = noise.integers(150, 256, 3)
        for i, frame in enumerate(drawn):
            start = int((side - size) * (i + 0.5) / count)
            frame[row : row + size, start : start + size] = colour
        return drawn

    return draw


def drawn(count=12, *, labels=None, groups=None):
    """Clips that go one way, each a group; those of label 1 are played backwards."""
    labels = [i % 2 for i in range(count)] if labels is None else labels

    def draw(seed, label):
        forwards = moving(seed)
        return lambda count, side: forwards(count, side)[:: 1 - 2 * label]

    clips = tuple(
        Example(
            Video(f"{i}.mp4", Path(f"drawn/{i}.mp4"), label, draw=draw(i, label)),
            label,
            str(i if groups is None else groups[i]),
        )
        for i, label in enumerate(labels)
    )
    return Examples("squares", LABELS, clips, (1, 0))


def seen_and_kept(model, examples, folder):
    seen = see_clips(examples, [model], folder, report=lambda *_: None)
    return seen.heads(0), keep_clips(seen.examples, {model.look}, step=lambda _: None)[model.look]


def order_blind(seed=0):
    """A TSM that ignores the channels of neighbouring frames: each frame stands for itself."""
    model = make_model(spec("tsm"), seed=seed)
    with torch.no_grad():
        for layer in model.network.modules():
            if isinstance(layer, ShiftedConv2d):
                layer.weight[:, : 2 * (layer.in_channels // 8)] = 0
    return model


def taught(model, heads):
    return taught_network(model, fit_all(heads))


def state(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


def run(network, kept, learn=None, *, which="last", rate=1e-3, passes=2):
    learn = np.arange(len(kept)) if learn is None else learn
    settings = replace(recipe(kept, learn=len(learn)), epochs=passes, learning_rate=rate)
    return list(fine_tune(network, kept, learn, (1, 0), tune=which, spec=settings))


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


def quick(monkeypatch, *, rate=1e-3, passes=2, parts=3):
    """Fewer parts and passes, at another rate."""
    real = tune.recipe
    monkeypatch.setattr(tuned, "PARTS", parts)
    monkeypatch.setattr(
        tuned,
        "recipe",
        lambda clips, *, learn: replace(
            real(clips, learn=learn), learning_rate=rate, epochs=passes
        ),
    )


def test_a_left_out_group_never_reaches_the_optimiser(tmp_path, monkeypatch):
    """What is said of a clip does not depend on another one that is left out with it.

    The other's frames and features are replaced by noise: were it in any training that the first
    one's prediction or its number of passes comes from, some of its logits would change.
    """
    quick(monkeypatch)
    model = make_model(spec("tsm"))
    examples = drawn(12, groups=[i // 2 for i in range(12)])
    heads, kept = seen_and_kept(model, examples, tmp_path)
    folds = [test for _, test in group_folds(heads[0].labels, heads[0].groups, most=3)]
    before = tuned_lesson(model, heads, kept, tune="last")
    part = int(np.argmax(before.passes))
    assert before.passes[part] > 0  # or nothing were tuned, and nothing could leak
    first, other = folds[part][:2]
    noise = np.random.default_rng(1)
    spoilt = list(kept.frames)
    spoilt[other] = noise.integers(0, 256, spoilt[other].shape, np.uint8)
    values = heads[0].values.copy()
    values[other] = noise.normal(size=values[other].shape)
    after = tuned_lesson(
        model,
        [replace(heads[0], values=values)],
        replace(kept, frames=tuple(spoilt)),
        tune="last",
    )
    one, two = before.lesson.tested, after.lesson.tested
    np.testing.assert_array_equal(one.votes[first], two.votes[first])
    np.testing.assert_array_equal(one.backward[first], two.backward[first])
    assert not np.array_equal(one.votes[other], two.votes[other])
    elsewhere = np.setdiff1d(np.arange(12), folds[part])
    assert not np.array_equal(one.votes[elsewhere], two.votes[elsewhere])


def test_a_group_is_never_learnt_from_while_it_stops_the_training(tmp_path, monkeypatch):
    quick(monkeypatch, passes=1)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(12, groups=[i // 2 for i in range(12)]), tmp_path)
    own = heads[0].groups
    trainings = []  # groups that were learnt from, and groups that were tested meanwhile
    real, tested = tuned.fine_tune, tuned.votes_of

    def learning(network, clips, learn, *args, **settings):
        trainings.append((set(own[learn]), set()))
        yield from real(network, clips, learn, *args, **settings)
        trainings.append((set(), set()))  # what is tested from here on belongs to the next

    def testing(network, clips, rows, **settings):
        if trainings:
            trainings[-1][1].update(own[rows])
        return tested(network, clips, rows, **settings)

    monkeypatch.setattr(tuned, "fine_tune", learning)
    monkeypatch.setattr(tuned, "votes_of", testing)
    tuned_lesson(model, heads, kept, tune="last")
    pairs = [(learnt, stopped) for learnt, stopped in trainings if learnt and stopped][:3]
    assert len(pairs) == 3
    for learnt, stopped in pairs:
        assert learnt.isdisjoint(stopped)
        assert learnt | stopped == set(own)


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


def in_two_passes(network, *_args, spec, **_settings):
    """Stands for `fine_tune`: the second pass makes logits three times as large."""
    for done in range(1, spec.epochs + 1):
        if done == 2:
            network.classifiers[0].weight.mul_(3)
        yield done


def test_fine_tuning_is_kept_where_inner_folds_gain_by_it(tmp_path, monkeypatch):
    """Heads with a strong penalty say too little: three times their logits have a lower loss."""
    quick(monkeypatch, passes=3)
    monkeypatch.setattr("maagn.teach.heads.STRENGTHS", (1e-3,))
    monkeypatch.setattr(tuned, "fine_tune", in_two_passes)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(12), tmp_path)
    sign = np.where(heads[0].labels == 0, 1, -1)
    values = np.zeros_like(heads[0].values)
    values[:, 0, 0], values[:, 1, 0] = sign, -sign
    network_reads(monkeypatch, kept, values)
    found = tuned_lesson(model, [replace(heads[0], values=values)], kept, tune="all")
    assert found.passes == (2, 2, 2)
    assert (found.lesson.tuned, found.lesson.passes, found.lesson.steps) == ("all", 2, 6)
    np.testing.assert_allclose(found.lesson.tested.votes[:, :, 0], 3 * found.heads.votes[:, :, 0])
    assert found.sentence(heads[0].labels) == (
        "tsm: inner folds chose fine-tuning for 3 of 3 parts, in which groups or clips were left "
        "out together; 12 of 12 left-out clips are classified correctly, 12 by heads alone. The "
        "network that is kept is fine-tuned."
    )


def network_reads(monkeypatch, kept, values):
    """Lets classifiers read these values in place of what the network computes."""

    def votes(network, clips, rows, *, step=lambda: None):
        assert clips is kept
        step()
        (layer,) = network.classifiers
        return layer(torch.from_numpy(values[rows])).detach().double().numpy()[:, :, None]

    monkeypatch.setattr(tuned, "votes_of", votes)


def untouched(monkeypatch, loss):
    """Fine-tuning that changes nothing, and this cross-entropy of these rows after those passes."""
    passes = []

    def nothing(*_args, spec, **_settings):
        for done in range(1, spec.epochs + 1):
            passes[:] = [done]
            yield done

    def told(_teacher, _network, rows, _step):
        return float(loss(rows, passes[0] if passes else 0))

    def begun(teacher, learn):
        passes.clear()
        return real(teacher, learn)

    real = tuned._Teacher.with_heads
    monkeypatch.setattr(tuned._Teacher, "with_heads", begun)
    monkeypatch.setattr(tuned._Teacher, "_loss", told)
    monkeypatch.setattr(tuned, "fine_tune", nothing)


def test_a_part_has_no_say_in_how_long_it_is_tuned_for(tmp_path, monkeypatch):
    """The clips of part 0 gain much by two passes, and all others lose a little by each."""
    quick(monkeypatch)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(6), tmp_path)
    own = next(test for _, test in group_folds(heads[0].labels, heads[0].groups, most=3))
    untouched(monkeypatch, lambda rows, passes: -10 * passes if rows[0] in own else passes)
    assert tuned_lesson(model, heads, kept, tune="last").passes == (0, 2, 2)


def test_one_part_is_followed_further_than_the_other(tmp_path, monkeypatch):
    quick(monkeypatch, passes=PATIENCE + 3)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(6), tmp_path)
    curves = {4: [1, *[2] * PATIENCE, 0, 0, 0], 5: list(range(9, 0, -1))}
    untouched(monkeypatch, lambda rows, passes: curves[rows[0]][passes])
    teacher = tuned._Teacher(model, heads, kept, "last")
    short, long = teacher.curves(np.arange(4), (np.array([4]), np.array([5])), lambda: None)
    assert short == curves[4][: PATIENCE + 1]
    assert long == curves[5][: PATIENCE + 4]


def test_where_fine_tuning_does_not_help_the_heads_stay(tmp_path, monkeypatch):
    quick(monkeypatch, rate=0.0)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(12), tmp_path)
    found = tuned_lesson(model, heads, kept, tune="all")
    assert found.passes == (0, 0, 0)
    assert (found.lesson.tuned, found.lesson.passes, found.lesson.steps) == ("head", 0, 0)
    np.testing.assert_array_equal(found.lesson.tested.votes, found.heads.votes)
    assert not changed(taught(model, heads).state_dict(), found.lesson.network.state_dict())


def test_the_same_bits_every_time(tmp_path):
    model = make_model(spec("maagn"))
    heads, kept = seen_and_kept(model, drawn(4), tmp_path)
    one, two = taught(model, heads), taught(model, heads)
    for seed, network in enumerate((one, two)):
        torch.manual_seed(seed)  # what others have drawn before does not matter
        run(network, kept)
    assert not changed(one.state_dict(), two.state_dict())


def test_it_can_be_stopped_at_any_clip(tmp_path):
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(12), tmp_path)
    told = []

    class StoppedError(Exception):
        pass

    def step(done, of):
        told.append((done, of))
        if len(told) == 9:
            raise StoppedError

    with pytest.raises(StoppedError):
        tuned_lesson(model, heads, kept, tune="last", step=step)
    assert set(told) == {(0, 13)}  # two parts of two clips tested, and five clips learnt from
    assert not any(parameter.requires_grad for parameter in model.network.parameters())


def test_the_fewest_passes_with_the_least_cross_entropy():
    assert fewest_passes([]) == 0
    assert fewest_passes([[3.0, 3.0, 4.0]]) == 0
    assert fewest_passes([[3.0, 2.0, 1.0, 0.5], [3.0, 3.5, 3.0]]) == 2  # as far as both go
    assert fewest_passes([[3.0, 2.0, 2.0], [1.0, 1.0, 1.0]]) == 1


def test_patience_ends_when_nothing_better_has_come():
    curve = [3.0, 2.0] + [2.0] * PATIENCE
    assert ended(curve)
    assert not ended(curve[:-1])
    assert not ended([3.0])


def test_weights_that_blow_up_are_not_chosen(tmp_path, monkeypatch):
    def blown_up(network, *_args, spec, **_settings):
        for done in range(1, spec.epochs + 1):
            network.classifiers[0].weight.fill_(torch.nan)
            yield done

    quick(monkeypatch)
    monkeypatch.setattr(tuned, "fine_tune", blown_up)
    model = make_model(spec("tsm"))
    heads, kept = seen_and_kept(model, drawn(6), tmp_path)
    found = tuned_lesson(model, heads, kept, tune="last")
    assert found.passes == (0, 0, 0)
    assert np.isfinite(found.lesson.tested.votes).all()


def test_too_few_groups_to_choose_by_leave_the_heads(tmp_path):
    model = make_model(spec("tsm"))
    examples = drawn(4, groups=[0, 0, 1, 1])
    heads, kept = seen_and_kept(model, examples, tmp_path)
    found = tuned_lesson(model, heads, kept, tune="last")
    assert found.passes == (0, 0)
    assert found.lesson.tuned == "head"


def test_a_part_with_all_clips_of_a_class_is_refused():
    model = make_model(spec("tsm"))
    examples = replace(
        drawn(6, labels=[0, 0, 0, 1, 1, 1], groups=[0, 1, 2, 3, 3, 3]), opposites=(-1, -1)
    )
    with pytest.raises(TeachError, match="in one group"):
        examples.refuse_too_few()
    values = np.random.default_rng(0).normal(size=(6, 2, 64)).astype(np.float32)
    labels, groups = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 3, 3, 3])
    heads = [HeadInputs(values, labels, groups, np.array([-1, -1]))]
    kept = keep_clips(examples, {model.look}, step=lambda _: None)[model.look]
    with pytest.raises(TeachError, match="all clips of a class"):
        tuned_lesson(model, heads, kept, tune="last")


def test_too_many_clips_are_refused_before_any_is_read():
    examples = drawn(2)
    many = replace(examples, clips=examples.clips * 300)
    with pytest.raises(TeachError, match="600 clips are more than fine-tuning takes"):
        refuse_many(many)
    refuse_many(examples)


def test_a_teaching_says_what_fine_tuning_came_to(tmp_path, monkeypatch):
    quick(monkeypatch, passes=1)
    base = save_tiny(tmp_path / "base.safetensors", spec=BASELINES["tsm"])
    monkeypatch.setattr("maagn.checkpoint.FOLDER", tmp_path)
    examples = drawn(6)
    for clip in examples.clips:
        path = tmp_path / "squares" / LABELS[clip.label] / clip.video.id
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mp4(path, clip.video.draw(12, 48), seconds=np.arange(12) / 10)
    words = ["teach", str(tmp_path / "squares"), "--name", "squares", "--start", str(base)]
    words += ["--out", str(tmp_path / "out"), "--features", str(tmp_path / "features")]
    done = CliRunner().invoke(app, [*words, "--tune", "last"])
    assert done.exit_code == 0, done.output
    made = read_teaching(tmp_path / "out")
    assert made.command == shlex.join([*words[:4], "--tune", "last", "--start", str(base)]).replace(
        "teach", "maagn teach", 1
    )
    assert made.parts == 3
    (network,) = made.networks
    assert f"of {made.parts} parts" in made.warnings[-1]
    card = load_card(tmp_path / "out" / f"{network.name}.safetensors")
    assert network.tuned == ("last" if card.provenance.epochs else "head")
