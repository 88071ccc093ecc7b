"""Where a map points, by hand: on pixels that one can count."""

import numpy as np
import pytest
import torch

from maagn.checkpoint import load_model
from maagn.evaluate.pointing import (
    Truth,
    baseline_map,
    masks_seen,
    moving_most,
    per_pixel,
    pointed,
)
from maagn.opposites.clip import draw_clip
from maagn.opposites.dataset import middle_times
from maagn.types import ClipTensor, Crop, Explanation

SIDE = 8


def inputs(pictures: np.ndarray | None = None, *, frames: int = 2) -> ClipTensor:
    if pictures is None:
        pictures = np.zeros((frames, SIDE, SIDE, 3), np.uint8)
    frames, high, wide = pictures.shape[:3]
    return ClipTensor(
        data=torch.zeros(1, 3, frames, high, wide),
        pictures=pictures,
        positions=np.arange(frames),
        seconds=np.arange(frames, dtype=float),
        crop=Crop(0.0, 0.0, float(wide), float(high)),
        digest="by hand",
    )


def cam(values: object, seconds: list[float]) -> Explanation:
    return Explanation(
        kind="cam",
        name="by hand",
        values=np.array(values, np.float32),
        axes=("time", "row", "column"),
        unit="logit",
        bounds=None,
        signed=True,
        seconds=np.array(seconds, float),
    )


def truth() -> Truth:
    """A quarter of the first frame, its upper left; an eighth of all."""
    thing = np.zeros((2, SIDE, SIDE), bool)
    thing[0, :4, :4] = True
    return Truth({"thing": thing})


def test_one_cell_is_its_even_share_of_the_crop_in_the_frames_nearest_to_it():
    one = np.zeros((2, 2, 4))
    one[1, 1, 2] = 3.0
    expected = np.zeros((4, SIDE, SIDE), np.float32)
    expected[2:, 4:, 4:6] = 3.0  # of the map's frames at 0.5 and 2.5 s, the second
    assert np.array_equal(per_pixel(cam(one, [0.5, 2.5]), inputs(frames=4)), expected)


def test_what_speaks_against_the_class_is_nowhere():
    assert not per_pixel(cam([[[-1.0]], [[0.0]]], [0, 1]), inputs()).any()


def test_a_map_that_is_the_truth_has_all_of_its_mass_on_it():
    found = pointed(cam(truth().masks["thing"], [0, 1]), inputs(), truth())["thing"]
    assert (found.share, found.hit) == (1.0, 1.0)


def test_a_uniform_map_has_the_area_s_share_and_hits_as_often():
    found = pointed(baseline_map("uniform", inputs()), inputs(), truth(), tolerance=0.0)["thing"]
    assert found.share == found.hit == truth().area("thing") == 1 / 8


@pytest.mark.parametrize("grid", [(2, 3, 3), (2, 5, 5)])
def test_cells_that_pixels_do_not_divide_evenly_favour_no_place(grid):
    found = pointed(cam(np.ones(grid), [0, 1]), inputs(), truth())["thing"]
    assert found.share == pytest.approx(1 / 8)


def test_mass_is_counted_by_pixels():
    # Of the first frame 3 of 4 parts on the thing, in the second 4 more that are not.
    values = [[[3.0, 1.0], [0.0, -9.0]], [[1.0, 1.0], [1.0, 1.0]]]
    assert pointed(cam(values, [0, 1]), inputs(), truth())["thing"].share == 3 / 8


def test_another_clip_s_truth_tells_what_the_usual_place_gets():
    elsewhere = np.zeros((2, SIDE, SIDE), bool)
    elsewhere[0, :, 4:] = True
    values = [[[3.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
    found = pointed(cam(values, [0, 1]), inputs(), truth(), other=Truth({"thing": elsewhere}))
    assert (found["thing"].share, found["thing"].other) == (3 / 4, 1 / 4)
    blank = pointed(cam(-np.ones((2, 1, 1)), [0, 1]), inputs(), truth(), other=Truth({}))
    assert blank["thing"].other is None


def test_a_map_without_positive_values_points_nowhere():
    found = pointed(cam(-np.ones((2, 2, 2)), [0, 1]), inputs(), truth())["thing"]
    assert (found.share, found.hit) == (0.0, 0.0)


def test_the_maximum_may_be_as_far_away_as_the_tolerance():
    values = np.zeros((2, SIDE, SIDE))
    values[0, 2, 5] = 1.0  # two pixels right of the thing's last column
    at = [
        pointed(cam(values, [0, 1]), inputs(), truth(), tolerance=pixels / SIDE)["thing"].hit
        for pixels in (1, 2)
    ]
    assert at == [0.0, 1.0]
    values[0, 2, 5], values[1, 2, 2] = 0.0, 1.0  # the right place at the wrong time
    assert pointed(cam(values, [0, 1]), inputs(), truth())["thing"].hit == 0.0


def test_the_centre_s_share_is_what_a_gaussian_has_there():
    shape = baseline_map("centre", inputs()).values
    assert shape[0, 3, 4] == shape.max() == shape[1, 4, 3]
    assert shape[0, 0, 3] == pytest.approx(np.exp(-(3.5**2 + 0.5**2) / (2 * 2.0**2)))
    found = pointed(baseline_map("centre", inputs()), inputs(), truth(), tolerance=0.0)["thing"]
    assert found.share == pytest.approx(1 / 8)  # a quarter of the centre's mass, in half the frames
    assert found.hit == 1 / 8  # one of four middle pixels in one of two frames
    values = np.where(np.arange(SIDE) < SIDE / 2, shape, 0)
    assert pointed(cam(values, [0, 1]), inputs(), truth())["thing"].share == pytest.approx(1 / 4)


def test_the_point_is_the_middle_of_every_frame():
    values = baseline_map("point", inputs()).values
    assert values.sum() == 2 * 4
    assert values[:, 3:5, 3:5].all()


def test_what_moves_most_is_a_fifth_of_every_frame_where_the_square_goes():
    pictures = np.full((4, 40, 40, 3), 60, np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    for i, picture in enumerate(pictures):
        picture[14:26, 4 + 4 * i : 16 + 4 * i] = noise
    moving = moving_most(inputs(pictures))
    assert (moving.mean(axis=(1, 2)) == 0.2).all()
    for i, frame in enumerate(moving):
        assert frame[14:26, 4 + 4 * i : 16 + 4 * i].mean() > 0.8
    still = moving_most(inputs(np.repeat(pictures[:1], 3, axis=0)))
    assert not still.any()


def test_the_truth_is_cropped_and_sampled_as_the_network_s_pictures():
    model = load_model("tsn-demo")  # 8 frames of 124 pixels, of which the middle 112 are kept
    clip = draw_clip("Opening something", split="test", index=2)
    whole = clip.masks(middle_times(8), size=124)
    seen = masks_seen(clip, model, times=middle_times(8), size=124)
    assert np.array_equal(seen.thing, whole.thing[:, 6:118, 6:118])
    assert np.array_equal(seen.hand, whole.hand[:, 6:118, 6:118])
    # Of 24 frames of twice the size, the middle one of each three shows the same.
    fine = masks_seen(clip, model, times=middle_times(24), size=180)
    assert (fine.both == seen.both).mean() > 0.98
