from dataclasses import replace

import numpy as np
import pytest

from app.components.player.view import Arrows, Overlay, PlayerView, Series, TimeChart
from maagn.types import Crop

SECONDS = np.array([0.5, 1.5])


def overlay(**changes):
    given = {
        "name": "MAAGN",
        "colour": "MAAGN",
        "headline": "gives 61 % to Opening",
        "maps": np.array([[[0.0, 0.2]], [[0.1, 0.0]]], np.float32),
        "map_seconds": SECONDS,
        "scale_max": 0.25,
    }
    return Overlay(**given | changes)


def series(**changes):
    given = {"label": "mask", "colour": "SDM", "seconds": SECONDS, "values": np.array([0.2, 0.9])}
    return Series(**given | changes)


def chart(**changes):
    given = {"title": "SDM mask", "unit": "weight", "low": 0, "high": 1, "series": (series(),)}
    return TimeChart(**given | changes)


def view(**changes):
    given = {
        "title": "clip.mp4",
        "seconds": SECONDS,
        "positions": np.array([3, 9]),
        "duration": 2.0,
        "frames": np.zeros((2, 8, 12, 3), np.uint8),
    }
    return PlayerView(**given | changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "ResNet"}, "a colour belongs to one of .* got 'ResNet'"),
        ({"map_seconds": np.array([0.5])}, r"maps \(2, 1, 2\) for 1 times"),
        ({"maps": np.zeros((2, 0, 2), np.float32)}, "needs one map a time"),
        ({"maps": np.array([[[-0.1]], [[0.1]]], np.float32)}, "finite and at least 0"),
        ({"maps": np.array([[[np.nan]], [[0.1]]], np.float32)}, "finite and at least 0"),
        ({"scale_max": 0.15}, "must reach its largest value 0.2, got 0.15"),
        ({"scale_max": np.inf}, "scale_max"),
        ({"map_seconds": np.array([1.5, 0.5])}, "strictly increasing"),
    ],
)
def test_an_overlay_that_would_draw_a_falsehood_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        overlay(**changes)


def test_a_scale_equal_to_the_largest_float32_value_is_accepted():
    maps = np.array([[[0.1]], [[0.3]]], np.float32)
    overlay(maps=maps, scale_max=float(maps.max()))


def test_an_overlay_is_empty_only_when_no_cell_of_any_frame_speaks():
    assert not overlay().empty
    assert overlay(maps=np.zeros((2, 1, 2), np.float32)).empty


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"values": np.array([0.2])}, r"got \(1,\) for \(2,\)"),
        ({"values": np.array([0.2, np.nan])}, "must be finite"),
        ({"values": np.array([]), "seconds": np.array([])}, "needs one value a time"),
        ({"seconds": np.array([-0.1, 0.5])}, "at least 0"),
        ({"seconds": np.array([0.5, 0.5])}, "strictly increasing"),
        ({"colour": "#123456"}, "a colour belongs to"),
    ],
)
def test_a_series_needs_a_finite_value_at_each_of_its_rising_times(changes, words):
    with pytest.raises(ValueError, match=words):
        series(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"low": 1.0}, "must rise, got 1 to 1"),
        ({"high": np.nan}, "must rise"),
        ({"series": ()}, "has no series"),
        ({"high": 0.8}, "series mask of SDM mask leaves its axis 0 to 0.8: 0.2 to 0.9"),
        ({"low": 0.3}, "leaves its axis"),
    ],
)
def test_a_chart_needs_an_axis_that_holds_its_values(changes, words):
    with pytest.raises(ValueError, match=words):
        chart(**changes)


def test_rounding_over_the_end_of_an_axis_is_forgiven():
    chart(series=(series(values=np.array([0.0, 1.0005])),))
    with pytest.raises(ValueError, match="leaves its axis"):
        chart(series=(series(values=np.array([0.0, 1.002])),))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frames": np.zeros((2, 8, 12, 3), np.float32)}, r"uint8 \(t, h, w, 3\), got float32"),
        ({"frames": np.zeros((2, 8, 12), np.uint8)}, r"uint8 \(t, h, w, 3\)"),
        ({"frames": np.zeros((2, 8, 961, 3), np.uint8)}, "sides up to 960, got 8 x 961"),
        ({"frames": np.zeros((3, 8, 12, 3), np.uint8)}, "3 frames need as many"),
        ({"positions": np.array([1])}, "got 2 and 1"),
        ({"seconds": np.array([1.5, 0.5])}, "strictly increasing"),
        ({"crop": Crop(5.0, 0.0, 8.0, 8.0)}, "leaves the picture of 12 x 8"),
        ({"opening": 2}, "2 frames, none numbered 2"),
        ({"arrows": Arrows(np.zeros((2, 1, 1, 2), np.float32), "")}, "one field of arrows fewer"),
        ({"duration": 1.4}, "reach the last frame at 1.5 s, got 1.4"),
    ],
)
def test_a_view_whose_parts_disagree_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        view(**changes)


def test_frames_may_be_shown_in_reverse():
    backwards = replace(view(), positions=np.array([9, 3]))
    assert list(backwards.positions) == [9, 3]


def test_the_part_that_networks_see_is_cut_from_the_frames():
    frames = np.arange(2 * 8 * 12 * 3).reshape(2, 8, 12, 3).astype(np.uint8)
    shown = view(frames=frames, crop=Crop(2.4, 0.0, 8.0, 8.0))
    assert np.array_equal(shown.seen_frames, frames[:, :, 2:10])
    assert np.array_equal(view(frames=frames).seen_frames, frames)
