import cv2
import numpy as np
import pytest

from maagn.explain.moments import nearest
from maagn.figures.heat import colours, enlarge, overlay, top_of_scale
from maagn.figures.palette import CIVIDIS
from maagn.types import Explanation


def a_map(values, seconds):
    return Explanation(
        kind="cam",
        name="backbone.res4",
        values=np.asarray(values, dtype=np.float32),
        axes=("time", "row", "column"),
        unit="logit",
        bounds=None,
        signed=True,
        seconds=np.asarray(seconds, dtype=np.float64),
    )


def grey(frames, *, side=224):
    return np.full((frames, side, side, 3), 100, dtype=np.uint8)


def test_one_hot_cell_lights_its_part_of_its_frame_alone():
    values = np.zeros((2, 4, 4))
    values[1, 0, 3] = 2.0  # second frame, upper right
    drawn = overlay(grey(2), a_map(values, [0, 1]), seconds=np.array([0.0, 1.0]), scale=2.0)
    np.testing.assert_array_equal(drawn[0], grey(1)[0])
    # The cell is 56 pixels wide and its centre at 28 from both edges; bilinear weights reach zero
    # at the next centre, 84 pixels from the corner.
    changed = (drawn[1] != 100).any(axis=-1)
    assert changed[:56, -56:].all()
    assert not changed[84:].any()
    assert not changed[:, : 224 - 84].any()
    # The full value, opacity 0.8: 0.2 * 100 + 0.8 * the palette's last colour.
    np.testing.assert_array_equal(drawn[1, 10, -10], np.rint(20 + 0.8 * CIVIDIS[255]))


def test_one_scale_a_clip_keeps_frames_comparable():
    values = np.stack([np.full((2, 2), 1.0), np.full((2, 2), 4.0)])
    cam = a_map(values, [0, 1])
    scale = top_of_scale(cam.values)
    assert scale == 4.0
    drawn = overlay(grey(2), cam, seconds=np.array([0.0, 1.0]), scale=scale, opacity=1.0)
    # A quarter of the scale: 1/4 * (2 - 1/4) = 7/16 of the colour at 255 / 4 = 64.
    np.testing.assert_array_equal(drawn[0, 5, 5], np.rint(9 / 16 * 100 + 7 / 16 * CIVIDIS[64]))
    np.testing.assert_array_equal(drawn[1, 5, 5], CIVIDIS[255])


def test_what_speaks_against_is_not_drawn():
    cam = a_map(np.full((1, 2, 2), -3.0), [0])
    assert top_of_scale(cam.values) == 0
    drawn = overlay(grey(1), cam, seconds=np.array([0.0]), scale=0.0)
    np.testing.assert_array_equal(drawn, grey(1))


def test_negative_cells_beside_positive_ones_do_not_eat_into_them():
    drawn = overlay(
        grey(1), a_map([[[1.0, -9.0]]], [0]), seconds=np.array([0.0]), scale=1.0, opacity=1.0
    )
    # Cut off at zero before it is enlarged: halfway between the cells' centres the map is 0.5,
    # which covers 3/4.
    np.testing.assert_allclose(drawn[0, 100, 111], 0.25 * 100 + 0.75 * CIVIDIS[128], atol=2)


def test_every_picture_gets_the_map_nearest_in_time():
    values = np.zeros((2, 1, 1))
    values[1] = 1.0
    drawn = overlay(
        grey(4), a_map(values, [0.0, 1.0]), seconds=np.array([0.0, 0.4, 0.6, 2.0]), scale=1.0
    )
    assert [bool((frame != 100).any()) for frame in drawn] == [False, False, True, True]
    assert nearest(np.array([0.0, 1.0]), to=np.array([0.5])).tolist() == [0]  # the earlier of two


@pytest.mark.parametrize(
    ("side", "large"),
    [(64, 256), (32, 224), (224, 224), (300, 300), (1, 224)],
)
def test_small_pictures_grow_by_a_whole_number(side, large):
    assert enlarge(grey(1, side=side)).shape == (1, large, large, 3)


def test_a_value_over_the_scale_is_drawn_as_the_scale():
    drawn = overlay(grey(1), a_map([[[5.0]]], [0]), seconds=np.array([0.0]), scale=1.0, opacity=1.0)
    np.testing.assert_array_equal(drawn[0, 0, 0], CIVIDIS[255])


def test_cividis_is_opencvs_and_rises_in_lightness():
    assert colours(np.array([0.0, 1.0])).tolist() == [CIVIDIS[0].tolist(), CIVIDIS[255].tolist()]
    lightness = cv2.cvtColor(CIVIDIS[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, :, 0]
    assert (np.diff(lightness) > -0.3).all()
    assert lightness[-1] - lightness[0] > 60
