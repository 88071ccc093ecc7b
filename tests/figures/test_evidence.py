from dataclasses import replace

import numpy as np
import pytest

from maagn.explain.faithfulness import Curves, Faithfulness
from maagn.explain.report import explain
from maagn.figures.faithfulness import CELL, curves, figure_row
from maagn.figures.heat import colours, flow_pictures
from tests.tiny import BASELINES, tiny_clip, tiny_model


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    models = [tiny_model(folder), *(tiny_model(folder, spec=one) for one in BASELINES.values())]
    return [explain(model, tiny_clip(), target=0) for model in models]


def test_the_row_has_frames_and_three_maps(reports):
    drawn = figure_row(reports)
    assert drawn.shape[0] > 4 * CELL
    one = figure_row(reports[:1])
    assert one.shape[1] == drawn.shape[1]
    assert one.shape[0] < 3 * CELL


def test_all_rows_of_the_row_share_the_largest_map_s_scale(reports):
    maagn, tsn, tsm = reports
    strong = replace(maagn, cam=replace(maagn.cam, values=1000 * np.abs(maagn.cam.values)))
    top = slice(0, 44 + 2 * (CELL + 6))  # title, frames, TSN
    pale = figure_row([strong, tsn, tsm])[top].astype(int)
    alone = figure_row([tsn])[top].astype(int)
    frames = slice(44 + CELL + 6, None)
    width = alone.shape[1]
    plain = figure_row([replace(tsn, cam=replace(tsn.cam, values=0 * tsn.cam.values))])[top]
    off = [np.abs(x - plain.astype(int))[frames, :width].sum() for x in (pale, alone)]
    assert off[0] < off[1] / 10


def test_maps_of_two_classes_make_no_row(reports):
    with pytest.raises(ValueError, match="one class"):
        figure_row([reports[0], replace(reports[1], target=2)])


def test_flow_pictures_are_cividis_by_speed():
    values = np.zeros((2, 32, 32, 2), np.float32)
    values[1, ..., 0] = 5
    drawn = flow_pictures(values, scale=5.0)
    assert drawn.shape == (2, 224, 224, 3)
    assert (drawn[0] == colours(np.zeros(1))[0]).all()
    assert (drawn[1, 0, 0] == colours(np.ones(1))[0]).all()
    assert not (drawn[1] == drawn[1, 0, 0]).all()  # arrows


def test_curves_show_the_map_the_random_weights_and_the_band(reports):
    rows = np.linspace(1, 0, 9) * np.linspace(0.1, 1, 10)[:, None]
    faithfulness = Faithfulness(
        reports[0].cam, reports[0].cam, Curves(np.linspace(0, 1, 9), rows, rows[:, ::-1]), "cells"
    )
    low, high, random, own = curves(faithfulness, network="MAAGN").data[:4]
    assert np.allclose(own.y, 100 * rows[0])
    assert np.allclose(random.y, 100 * rows[1])
    assert np.allclose(low.y, 100 * rows[2])
    assert np.allclose(high.y, 100 * rows[9])
