"""Temporal divergence, the chiral probe, and the run that measures both."""

from dataclasses import replace

import numpy as np
import pytest

from maagn.data.rendered import open_opposites
from maagn.errors import ResultsError, RunError
from maagn.evaluate.chirality import STRENGTHS, choose_strength, probe, read_frames
from maagn.evaluate.features import BothOrders, FeatureRows, layers_of, read_layer
from maagn.evaluate.intervals import over_clips
from maagn.evaluate.order import PROBE, measure_order, read_order
from maagn.explain.divergence import divergences
from maagn.explain.reversal import reversal
from maagn.inference import prepare
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.video.transform import from_frames
from tests.tiny import SPEC

FIRST = (0, 1)


def test_divergence_worked_out_by_hand():
    forward = np.log([[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]]) + 7  # a constant changes nothing
    backward = np.log([[0.25, 0.75], [0.9, 0.1], [0.5, 0.5]])
    # 0.75 ln 3 + 0.25 ln (1/3); 0.5 ln (0.5/0.9) + 0.5 ln (0.5/0.1); p is the clip's, q the other
    by_hand = [0.5 * np.log(3), 0.5 * np.log(25 / 9), 0]
    np.testing.assert_allclose(divergences(forward, backward), by_hand, atol=1e-12)


def test_an_interval_over_clips_is_the_same_every_time():
    values = np.array([0.0, 1.0] * 50)
    one = over_clips(values)
    assert one == over_clips(values)
    # 100 coins: 0.5 with a standard error of 0.05
    assert (one.value, one.low, one.high) == pytest.approx((0.5, 0.402, 0.598), abs=0.015)
    same = over_clips(np.full(9, 0.5))
    assert (same.value, same.low, same.high) == (0.5, 0.5, 0.5)
    assert np.isnan(over_clips(np.array([1.0])).low)


def planted(*, carries: bool, seed: int, clips: int = 40, frames: int = 4) -> BothOrders:
    """Noise that both orders share, and one channel that says which of the classes is shown."""
    rng = np.random.default_rng(seed)
    truth = np.arange(clips) % 2
    forward = rng.normal(size=(clips, frames, 6)).astype(np.float32)
    backward = forward[:, ::-1].copy()
    if carries:
        forward[..., 0] = (2 * truth - 1)[:, None]
        backward[..., 0] = (1 - 2 * truth)[:, None]
    return BothOrders(forward, backward, truth)


@pytest.mark.parametrize("reading", ["mean over frames", "frames side by side"])
def test_a_feature_that_carries_the_order_is_read_whole(reading):
    train, test = planted(carries=True, seed=0), planted(carries=True, seed=1)
    right = probe(train, test, pair=FIRST, reading=reading, strength=0.1)
    np.testing.assert_array_equal(right, np.ones(40))


def test_the_mean_of_frames_without_order_is_right_of_every_clip_exactly_once():
    train, test = planted(carries=False, seed=0), planted(carries=False, seed=1)
    right = probe(train, test, pair=FIRST, reading="mean over frames", strength=1.0)
    np.testing.assert_array_equal(right, np.full(40, 0.5))


def test_noise_side_by_side_is_read_by_chance():
    train, test = (planted(carries=False, seed=seed, clips=400) for seed in (0, 1))
    right = probe(train, test, pair=FIRST, reading="frames side by side", strength=0.1)
    assert right.mean() == pytest.approx(0.5, abs=0.075)  # three standard errors


def test_frames_that_move_are_read_side_by_side_and_not_from_their_mean():
    """The same features in both orders; the second class's rise."""
    rng = np.random.default_rng(3)

    def moving() -> BothOrders:
        truth = np.arange(40) % 2
        rise = np.linspace(-1, 1, 4)[None, :] * (2 * truth - 1)[:, None]
        forward = (rise[..., None] + 0.1 * rng.normal(size=(40, 4, 1))).astype(np.float32)
        return BothOrders(forward, forward[:, ::-1].copy(), truth)

    train, test = moving(), moving()
    apart = {
        reading: probe(train, test, pair=FIRST, reading=reading, strength=1.0).mean()
        for reading in ("mean over frames", "frames side by side")
    }
    assert apart == {"mean over frames": 0.5, "frames side by side": 1.0}


def test_other_classes_and_their_reversals_are_not_the_pairs():
    both = planted(carries=True, seed=0)
    others = BothOrders(both.forward, both.backward, both.truth + 2)
    joined = BothOrders(
        np.concatenate([both.forward, others.forward]),
        np.concatenate([both.backward, others.backward]),
        np.concatenate([both.truth, others.truth]),
    )
    assert len(probe(joined, joined, pair=FIRST, reading="mean over frames", strength=1.0)) == 40


def test_the_mean_over_frames_does_not_depend_on_their_order_to_the_last_bit():
    frames = np.random.default_rng(0).lognormal(sigma=12, size=(5, 7, 3)).astype(np.float32)
    one, other = (read_frames(x, "mean over frames") for x in (frames, frames[:, ::-1]))
    np.testing.assert_array_equal(one, other)


def test_the_strength_is_one_that_folds_of_the_training_clips_prefer():
    """A faint channel beside loud noise: a heavy penalty trusts all channels alike."""
    rng = np.random.default_rng(5)
    train = planted(carries=True, seed=0, clips=60)
    noise = rng.normal(size=(2, 60, 1, 200)).astype(np.float32).repeat(4, axis=2)
    noisy = BothOrders(
        np.concatenate([train.forward, noise[0]], axis=2),
        np.concatenate([train.backward, noise[1]], axis=2),
        train.truth,
    )
    chosen = choose_strength(noisy, pairs=[FIRST], reading="mean over frames")
    rows = np.arange(60)
    fold = rows // 2 % 3

    def held_out(strength):
        parts = [
            probe(
                noisy.only(fold != k),
                noisy.only(fold == k),
                pair=FIRST,
                reading="mean over frames",
                strength=strength,
            )
            for k in range(3)
        ]
        return np.concatenate(parts).mean()

    scores = [held_out(strength) for strength in STRENGTHS]
    assert len(set(scores)) > 1
    assert chosen == STRENGTHS[int(np.argmax(scores))]


class Stopped(Exception):
    pass


def two_classes(split, *, per_class):
    """The benchmark's clips of its first pair."""
    videos = open_opposites(split, per_class=per_class)
    return replace(videos, videos=tuple(one for one in videos.videos if one.label in FIRST))


@pytest.fixture(scope="module")
def run(models, tmp_path_factory):
    """A run stopped after its first batch and gone on with: folder, report, batches asked."""
    folder = tmp_path_factory.mktemp("run")
    asked = []
    rows = FeatureRows.rows

    def counted(self, indices, videos, seen):
        asked.append((self.plan.split, indices.start))
        return rows(self, indices, videos, seen)

    def stop(line):
        if line == "val: 16 of 24 clips":
            raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FeatureRows, "rows", counted)
        patch.setattr("maagn.evaluate.order.open_opposites", two_classes)
        patch.setattr("maagn.evaluate.order.pairs_of", lambda _opposites: (FIRST,))
        patch.setattr("maagn.evaluate.chirality.STRENGTHS", (0.1,))  # quick
        with pytest.raises(Stopped):
            measure_order(models, folder, per_class=12, report=stop)
        found = measure_order(models, folder, per_class=12, command="a test")
    return folder, found, asked


def test_a_run_goes_on_where_it_was_stopped(run):
    _, _, asked = run
    assert asked == [("val", 0), ("val", 16), ("test", 0), ("test", 16)]


def test_tsn_is_at_chance_from_the_mean_of_its_frames_and_diverges_by_nothing(run):
    _, found, _ = run
    tsn = found.networks[1]
    means = [each for each in tsn.probes if each.reading == "mean over frames"]
    assert [each.layer for each in means] == ["res2", "res3", "res4", "res5"]
    for each in means:
        assert (each.accuracy.value, each.accuracy.low, each.accuracy.high) == (0.5, 0.5, 0.5)
    assert tsn.readable_from("mean over frames") is None
    assert list(tsn.classes) == list(OPPOSITES_LABELS[:2])
    for one in (tsn.divergence, *tsn.classes.values()):
        assert one.value == pytest.approx(0, abs=1e-9)
    assert found.networks[0].divergence.value > 1e-9


def test_every_layer_of_every_path_is_probed(run):
    folder, found, _ = run
    layers = layers_of(folder / "test/features.parquet", "maagn")
    probed = [each.layer for each in found.networks[0].probes if each.reading == "mean over frames"]
    paths = [f"path res{level}" for level in SPEC.levels]
    parts = ("input", "after SDM", "after MTAM", "output")
    assert probed == [
        *(f"res{stage}" for stage in range(2, 6)),
        *(f"{path}, {part}" for path in paths for part in parts),
        *(f"pyramid, level res{level}" for level in SPEC.levels),
        *(f"{path}, after the pyramid" for path in paths),
    ]
    assert layers == (*probed, *(f"logits, {path}" for path in paths), "logits")
    assert list(found.networks[0].paths) == paths


def test_features_after_the_modules_are_those_that_the_gate_is_given(run):
    """SDM weighs each frame by 1 + m, with one m for all channels."""
    folder, _, _ = run
    table = folder / "test/features.parquet"
    before, after = (
        read_layer(table, "maagn", f"path res{SPEC.levels[0]}, {part}").forward
        for part in ("input", "after SDM")
    )
    weight = (after / np.where(before == 0, np.nan, before)) - 1
    spread = np.nanmax(weight, axis=2) - np.nanmin(weight, axis=2)
    assert np.nanmax(spread) < 1e-3
    assert np.nanmin(weight) > 0
    assert np.nanmax(weight) < 1


def test_logits_in_reverse_are_of_the_reversed_frames(run, models):
    folder, _, _ = run
    logits = read_layer(folder / "test/features.parquet", "maagn", "logits")
    model = models[0]
    video = two_classes("test", per_class=12).videos[5]
    frames = video.draw(model.spec.frames, model.transform.resize)
    clip = from_frames(frames, seconds=np.arange(len(frames), dtype=float))
    both = reversal(model, prepare(model, clip))
    assert logits.truth[5] == video.label == 1
    np.testing.assert_allclose(logits.forward[5, 0], both.forward.logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(logits.backward[5, 0], both.backward.logits, rtol=1e-4, atol=1e-5)


def test_what_is_written_is_read(run, tmp_path):
    folder, found, _ = run
    assert read_order(folder / PROBE) == found
    assert found.command == "a test"
    with pytest.raises(ResultsError, match=r"no probe\.json yet"):
        read_order(tmp_path / PROBE)
    (tmp_path / PROBE).write_text('{"format": "other"}')
    with pytest.raises(ResultsError, match="make it again"):
        read_order(tmp_path / PROBE)


def test_too_few_clips_for_the_folds_are_refused(models, tmp_path):
    with pytest.raises(RunError, match="2 clips per class are too few"):
        measure_order(models, tmp_path, per_class=2)
    assert list(tmp_path.iterdir()) == []
