import csv
import dataclasses
from importlib.resources import files

import numpy as np
import pytest

from maagn.opposites.camera import _scatter
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS, Pace, draw_clip
from maagn.opposites.factors import factors, occlusion

TIMES = np.array([0.0, 0.3, 0.55, 1.0])
FORWARD = OPPOSITES_LABELS[::2]


def _share_that_changes(clip):
    """Share of the pixels that the action makes something else altogether within half a clip."""
    camera = dataclasses.replace(clip.camera, sway=0.0)
    lens = dataclasses.replace(clip.lens, noise=0.0, drift=0.0)
    place = dataclasses.replace(clip.backdrop, distractors=())
    clip = dataclasses.replace(clip, camera=camera, lens=lens, backdrop=place)
    frames = clip.render([0.0, 0.5, 1.0], size=48).astype(int)
    change = np.abs(np.diff(frames, axis=0)).max(axis=-1)
    return (change > 30).mean(axis=(1, 2)).max()


def test_labels_are_something_something_s_own():
    text = (files("maagn") / "label_sets" / "something_something_v2.txt").read_text("utf-8")
    assert set(OPPOSITES_LABELS) <= set(text.splitlines())
    assert len(set(OPPOSITES_LABELS)) == len(OPPOSITES_LABELS) == 2 * len(OPPOSITES_PAIRS) >= 30


def test_pairs_are_time_reversals_in_the_label_set():
    with (files("maagn") / "label_sets" / "opposites.csv").open(encoding="utf-8") as file:
        known = {
            frozenset((row["label"], row["opposite"]))
            for row in csv.DictReader(file)
            if row["kind"] == "time-reversal"
        }
    assert {frozenset(pair) for pair in OPPOSITES_PAIRS} <= known


@pytest.mark.parametrize("label", OPPOSITES_LABELS)
def test_every_class_renders(label):
    frames = draw_clip(label, index=3).render(TIMES, size=48)
    assert frames.shape == (4, 48, 48, 3)
    assert frames.dtype == np.uint8
    assert frames.std() > 10


@pytest.mark.parametrize("label", FORWARD)
@pytest.mark.parametrize("index", [0, 7])
def test_opposite_is_the_same_scene_backwards_to_the_pixel(label, index):
    forward = draw_clip(label, split="val", index=index)
    backward = draw_clip(forward.opposite, split="val", index=index)
    # A third has no exact float: 1 - (1 - t) must still be t.
    times = np.array([0.0, 1 / 3, 0.1, 0.55, 1.0])
    np.testing.assert_array_equal(
        backward.render(times, size=48), forward.render(1 - times, size=48)
    )


@pytest.mark.parametrize("label", FORWARD)
def test_members_of_a_pair_share_every_factor_but_the_direction(label):
    forward = draw_clip(label, index=5)
    backward = draw_clip(forward.opposite, index=5)
    assert backward == dataclasses.replace(
        forward, label=forward.opposite, opposite=forward.label, reverse=True
    )


def test_rendering_is_pure_and_each_frame_stands_alone():
    clip = draw_clip(4, index=11)
    frames = clip.render(TIMES, size=40)
    np.testing.assert_array_equal(frames, draw_clip(4, index=11).render(TIMES, size=40))
    np.testing.assert_array_equal(frames[2:3], clip.render(TIMES[2:3], size=40))
    np.testing.assert_array_equal(frames[::-1], clip.render(TIMES[::-1], size=40))


def test_splits_and_indices_are_different_scenes():
    clips = [draw_clip(0, split=s, index=i) for s in ("train", "val", "test") for i in (0, 1)]
    pictures = {clip.render([0.5], size=32).tobytes() for clip in clips}
    assert len(pictures) == 6


@pytest.mark.parametrize("label", FORWARD)
def test_motion_is_visible(label):
    for index in range(6):
        clip = draw_clip(label, index=index)
        assert _share_that_changes(clip) > 1 / 40
        stopped = dataclasses.replace(clip, pace=dataclasses.replace(clip.pace, done=(0.5, 0.5)))
        assert _share_that_changes(stopped) == 0


def test_a_larger_size_shows_the_same_scene():
    clip = draw_clip(4, index=1)
    lens = dataclasses.replace(clip.lens, noise=0.0, quality=100, shutter=0.0)
    clip = dataclasses.replace(clip, lens=lens)
    small = clip.render([0.4], size=48)[0].astype(float)
    large = clip.render([0.4], size=192)[0].astype(float)
    pooled = large.reshape(48, 4, 48, 4, 3).mean(axis=(1, 3))
    # Fine weave looks otherwise when it is too small to see; everything else agrees.
    assert np.corrcoef(pooled.ravel(), small.ravel())[0, 1] > 0.9


def test_pace_starts_and_ends_where_it_says():
    pace = Pace(pause=(0.1, 0.2), done=(0.05, 0.9), bend=1.3, waver=0.0, beats=1.0, entry=0.0)
    curve = np.array([pace.progress(t) for t in np.linspace(0, 1, 101)])
    assert np.all(np.diff(curve) >= 0)
    assert curve[:10] == pytest.approx(0.05)
    assert curve[81:] == pytest.approx(0.9)
    # Half of the moving time, 0.1 + 0.35, is half of the way.
    assert pace.progress(0.45) == pytest.approx(0.475)


def test_a_wavering_hand_goes_back_and_still_arrives():
    pace = Pace(pause=(0.0, 0.0), done=(0.1, 0.9), bend=1.0, waver=0.2, beats=3.0, entry=0.0)
    curve = np.array([pace.progress(t) for t in np.linspace(0, 1, 101)])
    assert np.any(np.diff(curve) < 0)
    assert curve[[0, -1]] == pytest.approx([0.1, 0.9])


def test_a_loop_starts_and_ends_at_the_moment_it_was_entered_at():
    pace = Pace(pause=(0.0, 0.0), done=(0.0, 1.0), bend=1.0, waver=0.0, beats=1.0, entry=0.25)
    assert pace.looped
    forward = [pace.scene_time(t, reverse=False) for t in (0.0, 0.5, 0.75, 1.0)]
    assert forward == [0.25, 0.75, 1.0, 0.25]
    assert [pace.scene_time(t, reverse=True) for t in (1.0, 0.5, 0.25, 0.0)] == forward


def test_some_clips_are_loops_and_most_are_not():
    looped = np.mean([draw_clip(0, index=i).pace.looped for i in range(300)])
    assert 0.3 < looped < 0.5


def test_splits_share_no_object_hand_texture_or_scene():
    seen = {}
    for split in ("train", "val", "test"):
        clips = [draw_clip(label, split=split, index=i) for label in FORWARD for i in range(40)]
        rows = [factors(clip) for clip in clips]
        surfaces = {clip.backdrop.table for clip in clips} | {clip.backdrop.wall for clip in clips}
        names = {row[key] for row in rows for key in ("thing_name", "hand_name")} - {"none"}
        looks = {clip.camera for clip in clips}
        assert {name.split("-")[0] for name in names} == {split}
        seen[split] = surfaces | names | looks
    assert not seen["train"] & seen["val"]
    assert not seen["train"] & seen["test"]
    assert not seen["val"] & seen["test"]


def test_occlusion_is_what_the_hand_covers():
    held = [occlusion(draw_clip("Moving something up", index=i)) for i in range(12)]
    filmed = occlusion(draw_clip("Turning the camera left while filming something"))
    assert 0.05 < np.mean(held) < 0.95
    assert filmed == 0


def test_camera_classes_move_everything_and_hand_classes_do_not():
    for label, turns in (
        ("Approaching something with your camera", True),
        ("Opening something", False),
    ):
        clip = draw_clip(label, index=2)
        corner = (slice(None), slice(0, 24), slice(0, 24))
        lens = dataclasses.replace(clip.lens, noise=0.0, drift=0.0, shutter=0.0)
        camera = dataclasses.replace(clip.camera, sway=0.0)
        pace = dataclasses.replace(clip.pace, entry=0.0)
        place = dataclasses.replace(clip.backdrop, distractors=())
        clip = dataclasses.replace(clip, lens=lens, camera=camera, pace=pace, backdrop=place)
        still, moved = clip.render([0.0, 1.0], size=96)[corner].astype(int)
        assert (np.abs(still - moved).mean() > 3) == turns


def test_noise_windows_do_not_move_evenly_with_time():
    # A constant stride would have opposite signs in the two members of a pair.
    places = [_scatter(t << 17) % 900 for t in range(9)]
    assert len(set(np.diff(places).tolist())) == 8


def test_factors_are_plain_and_flat():
    row = factors(draw_clip("Opening something", split="test", index=2))
    assert row["pair"] == "Open"
    assert row["direction"] == "forward"
    assert row["hand_name"].startswith("test-hand-")
    assert {type(value) for value in row.values()} <= {str, int, float, bool}
    backward = factors(draw_clip("Closing something", split="test", index=2))
    changed = {key for key in row if row[key] != backward[key]}
    assert changed == {"label", "opposite", "direction"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"label": 99}, "classes, got 99"),
        ({"label": "Juggling"}, "Juggling"),
        ({"label": 0, "index": -1}, "index must not be negative, got -1"),
    ],
)
def test_what_does_not_exist_is_refused(arguments, said):
    label = arguments.pop("label")
    with pytest.raises(ValueError, match=said):
        draw_clip(label, **arguments)
