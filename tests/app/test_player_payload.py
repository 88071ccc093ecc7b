import base64
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from app.components.player import Arrows, Overlay, PlayerView, Series, TimeChart
from app.components.player.payload import STILLS_BYTES, quantise, to_json
from maagn.figures.palette import CIVIDIS
from maagn.types import Crop

BUDGET_BYTES = 1_500_000


def clip(*, frames, overlays=(), charts=()):
    seconds = np.arange(len(frames)) * 0.5
    return PlayerView(
        title="clip.mp4",
        seconds=seconds,
        positions=np.arange(len(frames)) * 12,
        duration=len(frames) * 0.5,
        frames=frames,
        overlays=overlays,
        charts=charts,
    )


def decoded(text, dtype=np.uint8):
    return np.frombuffer(base64.b64decode(text), dtype)


def test_levels_worked_by_hand():
    maps = np.array([[[0.0, 1.0, 2.0]], [[0.0, 0.001, 0.004]], [[0, 0, 0]]], np.float32)
    levels, peaks = quantise(maps)
    # 1 / 2 * 255 = 127.5, which rounds to the even 128; 0.001 / 0.004 * 255 = 63.75.
    assert levels.tolist() == [[[0, 128, 255]], [[0, 64, 255]], [[0, 0, 0]]]
    assert np.allclose(peaks, [2.0, 0.004, 0.0])


@given(
    npst.arrays(
        np.float32,
        (3, 4, 5),
        elements=st.floats(0, 1e6, width=32, allow_subnormal=False),
    )
)
def test_a_level_is_off_by_no_more_than_half_a_step_of_its_own_frame(maps):
    levels, peaks = quantise(maps)
    back = levels * peaks[:, None, None].astype(np.float64) / 255
    assert (np.abs(back - maps) <= peaks[:, None, None] / 510 * (1 + 1e-6)).all()


def test_a_faint_frame_keeps_its_levels_beside_a_strong_one():
    rows = np.linspace(0, 1, 256, dtype=np.float32)
    levels, _ = quantise(np.stack([rows * 1000, rows * 0.001])[:, :, None])
    assert len(np.unique(levels[0])) == len(np.unique(levels[1])) == 256


def test_a_frame_arrives_with_its_colours_in_place_and_nearly_untouched():
    frame = np.zeros((32, 32, 3), np.uint8)
    frame[:, :16] = (200, 30, 10)
    frame[:, 16:] = (10, 60, 220)
    sent = to_json(clip(frames=frame[None]), key="k")["frames"][0]
    shown = cv2.imdecode(decoded(sent), cv2.IMREAD_COLOR)[:, :, ::-1].astype(int)
    assert np.abs(shown - frame).max() <= 6


def test_the_ramp_is_cividis_dark_to_bright():
    ramp = decoded(to_json(clip(frames=np.zeros((1, 8, 8, 3), np.uint8)), key="k")["ramp"])
    assert ramp.reshape(256, 3).tolist() == CIVIDIS.tolist()
    lightness = CIVIDIS @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > -1).all()
    assert lightness[0] < 40
    assert lightness[-1] > 210


def test_overlays_and_charts_carry_their_numbers():
    maps = np.array([[[0.0, 0.5]]], np.float32)
    overlay = Overlay("TSM", "TSM", "gives 34 %", maps, np.array([0.25]), 2.0)
    line = Series("sum", "MTAM", np.array([0.0, 0.5]), np.array([1 / 3, 2.0]), "dashed")
    chart = TimeChart("MTAM", "0 to 3", 0, 3, (line,), "Path res3")
    frames = np.zeros((2, 8, 8, 3), np.uint8)
    sent = to_json(clip(frames=frames, overlays=(overlay,), charts=(chart,)), key="k")
    (heat,) = sent["overlays"]
    assert decoded(heat["levels"]).tolist() == [0, 255]
    assert heat["peaks"] == [0.5]
    assert heat["scale"] == 2.0
    assert heat["colour"] == "#D55E00"
    assert (heat["rows"], heat["columns"], heat["empty"]) == (1, 2, False)
    (drawn,) = sent["charts"]
    assert (drawn["low"], drawn["high"], drawn["group"]) == (0, 3, "Path res3")
    assert drawn["series"][0]["values"] == [0.333333, 2.0]
    assert drawn["series"][0]["mark"] == "dashed"


def test_the_part_that_networks_see_and_the_arrows_are_numbers_of_the_picture():
    flow = np.zeros((1, 1, 2, 2), np.float32)
    flow[0, 0, 1] = (3, -4)  # 5 a second, the fastest
    frames = np.zeros((2, 8, 16, 3), np.uint8)
    view = replace(
        clip(frames=frames), crop=Crop(4.0, 0.0, 8.0, 8.0), arrows=Arrows(flow, "pixels per second")
    )
    sent = to_json(view, key="k", film="media/film.mp4")
    assert (sent["width"], sent["height"], sent["crop"]) == (16, 8, [4, 0, 8, 8])
    assert decoded(sent["arrows"]["levels"], np.int8).tolist() == [0, 0, 76, -102]  # of 127
    assert sent["arrows"]["fastest"] == 5
    assert (sent["film"], sent["filmed"]) == ("media/film.mp4", False)


@pytest.mark.parametrize("shape", [(960, 540), (540, 960), (960, 960)])
def test_frames_are_as_fine_as_their_bytes_allow(shape):
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (8, *shape, 3), dtype=np.uint8)
    smooth = np.broadcast_to(np.linspace(0, 255, shape[1])[None, :, None], noise.shape)
    for frames, whole in ((noise, False), (smooth.astype(np.uint8), True)):
        stills = to_json(clip(frames=frames), key="k")["frames"]
        assert sum(len(still) for still in stills) <= STILLS_BYTES * 4 / 3 + 4 * len(stills)
        size = cv2.imdecode(decoded(stills[0]), cv2.IMREAD_COLOR).shape[:2]
        assert (size == shape) == whole
        assert size[0] / size[1] == pytest.approx(shape[0] / shape[1], rel=0.02)


@pytest.mark.parametrize("kind", ["grainy", "pure noise"])  # noise is the dearest picture there is
def test_eight_frames_and_three_networks_stay_under_the_budget(kind):
    random = np.random.default_rng(0)
    ramp = np.linspace(40, 210, 540)[:, None, None]
    grain = random.normal(0, 4, (8, 540, 960, 3))
    noise = random.integers(0, 256, (8, 540, 960, 3))
    frames = noise if kind == "pure noise" else np.clip(ramp + grain, 0, 255)
    seconds = np.arange(8) * 0.5
    maps = random.random((8, 28, 28)).astype(np.float32)
    overlays = tuple(
        Overlay(name, name, "gives 61 %", maps, seconds, 1.0) for name in ("MAAGN", "TSM", "TPN")
    )
    line = Series("sum", "MTAM", seconds, random.random(8))
    charts = (TimeChart("masks", "0 to 3", 0, 3, (line,) * 4, "Path res3"),) * 15
    view = clip(frames=frames.astype(np.uint8), overlays=overlays, charts=charts)
    size = len(json.dumps(to_json(view, key="k"), allow_nan=False))
    assert size < BUDGET_BYTES
