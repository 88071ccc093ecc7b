"""How long a network is fine-tuned is chosen without the clips that it is tested on."""

import shlex
from dataclasses import replace

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from maagn.checkpoint import load_card
from maagn.cli import app
from maagn.errors import TeachError
from maagn.teach import tune, tuned
from maagn.teach.frames import keep_clips, refuse_many
from maagn.teach.left_out import HeadInputs, group_folds
from maagn.teach.report import read_teaching
from maagn.teach.tuned import PATIENCE, ended, fewest_passes, tuned_lesson
from maagn.video.encode import write_mp4
from tests.teach.squares import LABELS, changed, drawn, run, seen_and_kept, taught
from tests.tiny import BASELINES, make_model, save_tiny, spec


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
