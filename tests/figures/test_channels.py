from dataclasses import replace

import numpy as np
import pytest

from maagn.explain.report import explain
from maagn.figures.channels import by_peak, channel_heat
from maagn.figures.filmstrip import CELL, CHANNELS_HEIGHT, bar_rows, draw_channels, filmstrip
from maagn.figures.palette import CIVIDIS, DIVERGING, SEQUENTIAL
from tests.tiny import SPEC, tiny_clip, tiny_model

# Three frames of four channels: channel 1 is largest in frame 0, channels 0 and 3 in frame 1 (of
# which 3 is the larger), channel 2 in frame 2.
WEIGHTS = np.array([[0.1, 0.9, 0.0, 0.2], [0.5, 0.3, 0.1, 0.6], [0.4, 0.2, 0.7, 0.1]])
SECONDS = np.array([0.08, 0.42, 1.25])
PEAKS = [1, 3, 0, 2]


def heat(**changes):
    settings = {"seconds": SECONDS, "bounds": (0.0, 1.0)} | changes
    return channel_heat(WEIGHTS, **settings)


def test_channels_are_sorted_by_their_peak_and_the_larger_first():
    assert by_peak(WEIGHTS).tolist() == PEAKS
    assert by_peak(np.full((2, 3), 0.5)).tolist() == [0, 1, 2]  # alike: in their own order


def test_a_row_is_a_channel_and_a_column_a_frame_from_bound_to_bound():
    fig = heat()
    (cells,) = fig.data
    np.testing.assert_array_equal(cells.z, WEIGHTS.T[PEAKS])
    assert (cells.zmin, cells.zmax) == (0, 1)
    assert [tuple(stop) for stop in cells.colorscale] == list(SEQUENTIAL)
    assert fig.layout.yaxis.range == (3.5, -0.5)  # the first row on top
    assert cells.colorbar.ticktext == ("0", "0.5", "1")
    assert heat(bounds=(0.0, 3.0)).data[0].zmax == 3


def test_frames_are_labelled_with_their_times_and_a_cell_says_what_it_is():
    fig = heat()
    assert fig.layout.xaxis.ticktext == ("0<br>0.08", "1<br>0.42", "2<br>1.25")
    assert fig.layout.yaxis.title.text == "4 channels"
    (cells,) = fig.data
    assert cells.text[0][1] == "frame 1 · 0.42 s · channel 1 · 0.30"
    assert cells.text[3][2] == "frame 2 · 1.25 s · channel 2 · 0.70"
    assert cells.hovertemplate == "%{text}<extra></extra>"


def test_with_an_average_the_cells_are_what_is_more_or_less():
    average = WEIGHTS - np.array(
        [[-0.4, 0.1, 0.0, 0.0], [0.0, 0.0, 0.2, 0.0], [0.3, 0.0, 0.0, 0.1]]
    )
    (cells,) = heat(average=average).data
    # More by 0.1 in frame 0 (channel 1), 0.2 in frame 1 (2), 0.3 and 0.1 in frame 2 (0 and 3).
    np.testing.assert_allclose(
        cells.z, [[0.1, 0, 0], [0, 0.2, 0], [-0.4, 0, 0.3], [0, 0, 0.1]], atol=1e-12
    )
    assert cells.text[2][0] == "frame 0 · 0.08 s · channel 0 · -0.40"
    assert cells.text[2][2] == "frame 2 · 1.25 s · channel 0 · +0.30"
    assert (cells.zmin, cells.zmax) == pytest.approx((-0.4, 0.4))  # white in the middle
    assert [tuple(stop) for stop in cells.colorscale] == list(DIVERGING)


def test_what_hardly_differs_is_drawn_pale():
    (cells,) = heat(average=WEIGHTS + 0.01, bounds=(0.0, 3.0)).data
    assert (cells.zmin, cells.zmax) == pytest.approx((-0.3, 0.3))


def test_the_chosen_cell_is_framed_and_its_channel_named():
    fig = heat(chosen=(2, 0))
    assert {(s.x0, s.x1, s.y0, s.y1) for s in fig.layout.shapes} == {(1.5, 2.5, 1.5, 2.5)}
    assert (fig.layout.yaxis.tickvals, fig.layout.yaxis.ticktext) == ((2,), ("0",))
    assert not heat().layout.shapes


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    model = tiny_model(tmp_path_factory.mktemp("m"), spec=replace(SPEC, pooling="channel"))
    return explain(model, tiny_clip())


def test_the_filmstrip_has_every_channel_under_its_mean(made):
    sdm, _ = bar_rows(made)[1].bars
    mask = next(one for one in made.masks if one.name == "paths.0.sdm.mask")
    order = by_peak(mask.values)
    assert list(sdm.channels) == list(range(8))
    np.testing.assert_array_equal(sdm.channels[3], mask.values[3, order])
    assert sdm.by_frame[3] == pytest.approx(sdm.channels[3].mean())
    values = np.zeros_like(mask.values)
    values[3, 5] = 1.0  # of 16 channels, eight pixels each, the only one that peaks late: the last
    masks = tuple(replace(one, values=values) if one is mask else one for one in made.masks)
    row = bar_rows(replace(made, masks=masks))[1]
    band = draw_channels(row, [(3, 100)], width=100 + CELL, cell=CELL, gutter=0).pixels
    drawn = band[:CHANNELS_HEIGHT, 100 + CELL // 4]
    np.testing.assert_array_equal(drawn[:-8], np.broadcast_to(CIVIDIS[0], (120, 3)))
    np.testing.assert_array_equal(drawn[-8:], np.broadcast_to(CIVIDIS[255], (8, 3)))


def test_masks_of_frames_have_no_channels_to_draw(made, tmp_path):
    plain = explain(tiny_model(tmp_path), tiny_clip())
    assert not any(bars.channels for row in bar_rows(plain) for bars in row.bars)
    extra = filmstrip(made).shape[0] - filmstrip(plain).shape[0]
    assert extra == 3 * (CHANNELS_HEIGHT + 14)  # a band for each path
