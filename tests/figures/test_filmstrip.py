from dataclasses import replace

import numpy as np
import pytest

from maagn.explain.report import explain
from maagn.figures.filmstrip import CELL, Band, answer, bar_rows, filmstrip, fit
from maagn.figures.layout import percent
from maagn.figures.palette import MODULES
from tests.tiny import BASELINES, SPEC, tiny_clip, tiny_model

LEFT = 28 + 168
TOP = 124
STEP = CELL + 8
EVIDENCE = TOP + CELL + 30  # under the plain frames and the line with their times


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return explain(tiny_model(tmp_path_factory.mktemp("model")), tiny_clip())


def with_map(report, values):
    return replace(report, cam=replace(report.cam, values=np.asarray(values, dtype=np.float32)))


def cell(strip, column, *, top):
    return strip[top : top + CELL, LEFT + column * STEP : LEFT + column * STEP + CELL]


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_only_the_hot_frame_differs_from_what_the_network_saw(made):
    values = np.zeros_like(made.cam.values)
    values[3, 1, 1] = 1.0
    strip = filmstrip(with_map(made, values))
    for column in range(8):
        same = np.array_equal(cell(strip, column, top=TOP), cell(strip, column, top=EVIDENCE))
        assert same == (column != 3)


def test_the_plain_row_shows_the_sampled_frames_in_order(made):
    strip = filmstrip(made)
    for column, picture in enumerate(made.inputs.pictures):
        middle = cell(strip, column, top=TOP)[3::7, 3::7]  # 32 pixels, seven times larger
        assert np.abs(middle.astype(int) - picture).mean() < 3


def test_the_bars_are_the_masks(made):
    rows = bar_rows(made)
    assert [row.title for row in rows] == [
        "Mean evidence",
        "Path 1, res3",
        "Path 2, res4",
        "Path 3, res5",
    ]
    sdm, mtam = rows[3].bars
    assert sorted(sdm.by_frame) == [0, 4]  # every fourth of eight frames
    mask = next(m for m in made.masks if m.name == "paths.2.mtam.sum")
    assert list(mtam.by_frame.values()) == pytest.approx(mask.values.tolist())
    assert (sdm.top, mtam.top) == (1, 3)


def test_a_bar_is_as_high_as_its_number(made):
    full = [
        replace(m, values=np.ones_like(m.values) if "sdm" in m.name else np.zeros_like(m.values))
        for m in made.masks
    ]
    strip = filmstrip(replace(made, masks=tuple(full)))
    column = (strip == rgb(MODULES["SDM"])).all(axis=-1)[:, LEFT + CELL // 4 - 30]
    # Three paths have the first frame: three bars of 60 pixels and their floor.
    assert column.sum() == 3 * 61
    mtam = (strip == rgb(MODULES["MTAM"])).all(axis=-1)[:, LEFT + 3 * CELL // 4 - 30]
    assert mtam.sum() == 0


def test_a_network_without_masks_has_evidence_alone(tmp_path):
    made = explain(tiny_model(tmp_path, spec=BASELINES["tsn"]), tiny_clip())
    assert [row.title for row in bar_rows(made)] == ["Mean evidence"]
    assert filmstrip(made).shape[1] == LEFT + 8 * STEP - 8 + 28


def test_sixteen_frames_make_two_blocks(tmp_path):
    spec = replace(BASELINES["tsm"], frames=16)
    strip = filmstrip(explain(tiny_model(tmp_path, spec=spec), tiny_clip(20)))
    eight = filmstrip(explain(tiny_model(tmp_path, spec=BASELINES["tsm"]), tiny_clip(20)))
    assert strip.shape[1] == eight.shape[1]
    assert strip.shape[0] - eight.shape[0] > 2 * CELL


def test_a_frame_that_a_path_skips_says_whose_map_it_bears(tmp_path):
    made = explain(tiny_model(tmp_path), tiny_clip(), layer="paths.1.output")
    strip = filmstrip(with_map(made, np.zeros_like(made.cam.values)))
    labelled = [
        bool((cell(strip, column, top=EVIDENCE) != cell(strip, column, top=TOP)).any())
        for column in range(8)
    ]
    assert labelled == [False, True] * 4  # the path keeps every second frame


def test_nothing_positive_is_said_and_drawn_as_nothing(made):
    strip = filmstrip(with_map(made, np.full_like(made.cam.values, -1.0)))
    np.testing.assert_array_equal(cell(strip, 0, top=TOP), cell(strip, 0, top=EVIDENCE))


def test_the_title_is_the_answer(made):
    sure = np.array([0.02, 0.61, 0.2, 0.1, 0.04, 0.03])
    prediction = replace(made.prediction, probabilities=sure)
    assert (
        answer(replace(made, prediction=prediction, target=1))
        == "MAAGN gives 61 % to Closing something"
    )
    assert answer(replace(made, prediction=prediction, target=0)) == (
        "MAAGN gives 2.0 % to Opening something, and most, 61 %, to Closing something"
    )
    assert made.model.spec.arch == SPEC.arch


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.61, "61 %"),
        (0.0994, "9.9 %"),
        (0.0996, "10 %"),
        (0.996, "99.6 %"),
        (0.99951, "over 99.9 %"),
        (0.0001, "under 0.1 %"),
        (0.0, "under 0.1 %"),
    ],
)
def test_probabilities_never_read_as_certain(probability, words):
    assert percent(probability) == words


def test_words_are_cut_to_their_room():
    assert fit("Opening something", room=1000, size=16) == "Opening something"
    cut = fit("Opening something", room=80, size=16)
    assert cut.endswith("…")
    assert "Opening something".startswith(cut[:-1])


def test_any_file_name_can_be_written():
    band = Band(200, 40)
    band.write("a\nb\udcff", at=(5, 20))
    assert (band.pixels < 200).any()
