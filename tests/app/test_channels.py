"""The heat of frame by channel, for networks whose masks have one number per channel of a frame."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import audits, cache
from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.predictions import stepped
from app.selection import Question, Selection
from maagn import checkpoint
from maagn.evaluate.audit_file import read_audit
from maagn.evaluate.mask_statistics import band
from maagn.explain.attention import MASKS, MTAM, SDM
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text, settle
from tests.tiny import SPEC

ROOT = Path(__file__).parents[2]
NAME = "mine"
OF_CHANNELS = replace(SPEC, pooling="channel", min_hidden=12)
FRAMES, CHANNELS = (8, 4, 2), (16, 32, 64)


@pytest.fixture
def mine(monkeypatch, tmp_path):
    """The only network there is, whose masks are of channels."""
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_own(tmp_path / f"{NAME}.safetensors", OF_CHANNELS, OPPOSITES_LABELS)
    return cache.card(NAME)


@pytest.fixture
def audited(mine, monkeypatch):
    """An audit of it as of three clips; the averages of its masks, by path and mask."""
    (shipped,) = (one for one in read_audit() if one.model == "maagn-demo")
    rng, averages, parts = np.random.default_rng(0), {}, []
    for part in shipped.parts:
        mask = next((one for one in MASKS if one.key == part.key), None)
        if mask is None or part.path is None:
            parts.append(part)
            continue
        frames, channels = FRAMES[part.path], CHANNELS[part.path]
        assert mask.bounds is not None
        values = mask.bounds[1] * rng.random((3, frames, channels))
        known = band(values.reshape(3, -1), frames=frames)
        averages[part.path, mask.name] = values.mean(axis=0)
        parts.append(replace(part, channels=channels, band=known))
    audit = replace(shipped, model=NAME, digest=mine.digest, parts=tuple(parts))
    monkeypatch.setattr(audits, "_shipped", lambda: {mine.digest: audit})
    return averages


def opened(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    for key, value in query.items():
        app.query_params[key] = value
    app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    return settle(app)


def heats(app: AppTest) -> list[dict]:
    """The heats on the page, as Plotly has them."""
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    return [figure["data"][0] for figure in figures if figure["data"][0]["type"] == "heatmap"]


def cells(trace: dict) -> np.ndarray:
    """Weights by frame and channel, read back from what hovering tells."""
    read = {}
    for text in (text for row in trace["text"] for text in row):
        frame, _, channel, value = text.split(" · ")
        read[int(frame.removeprefix("frame ")), int(channel.removeprefix("channel "))] = value
    found = np.empty((1 + max(f for f, _ in read), 1 + max(c for _, c in read)))
    for place, value in read.items():
        found[place] = float(value)
    return found


def masks_of(path: int) -> dict[str, np.ndarray]:
    question = Question(clip_named(FIRST).choice(), (NAME,), None, "gradcam", "backbone.res4")
    return stepped(Selection(question, path=path), Job())[1].tensors


@pytest.mark.usefixtures("mine")
def test_masks_of_channels_are_drawn_cell_by_cell():
    app = opened("attention")
    own = masks_of(0)
    sdm, total = heats(app)
    assert cells(sdm) == pytest.approx(own[SDM.name], abs=0.0051)
    assert cells(total) == pytest.approx(own[MTAM.name], abs=0.0051)
    app.segmented_control(key="angle0").select("both")
    settle(app)
    assert cells(heats(app)[1]) == pytest.approx(own["mtam_both"], abs=0.0051)
    assert "No averages of channels are known for mine" in page_text(app)
    assert "Heat of" not in [control.label for control in app.segmented_control]
    app.segmented_control(key="path").select("res5, rate 4")
    settle(app)
    assert cells(heats(app)[0]).shape == (2, 64)


@pytest.mark.usefixtures("mine")
def test_the_framed_cell_is_the_mask_value_of_the_equations():
    app = opened("attention")
    app.segmented_control(key="frame0").select(5)
    settle(app)
    (figure, _) = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    channel = int(figure["layout"]["yaxis"]["ticktext"][0])
    frame = figure["layout"]["shapes"][0]["x0"] + 0.5
    row = figure["layout"]["shapes"][0]["y0"] + 0.5
    text = figure["data"][0]["text"][int(row)][int(frame)]
    assert text.startswith("frame 5 · ")
    assert f"channel {channel} · " in text
    value = float(masks_of(0)[SDM.name][5, channel])
    said = page_text(app)
    assert f"in channel {channel} at row" in said
    assert f"its mask, one value a frame: **{value:.3g}** for frame 5" in said
    assert f"Eq. 5** · One weight per channel of a frame, here of channel {channel}" in said
    assert f"= {value:.4g}" in " ".join(one.value for one in app.get("latex"))
    assert "12 hidden units" in said


def test_the_clips_own_part_is_what_the_average_leaves(audited):
    app = opened("attention")
    app.segmented_control(key="heat0").select("this clip minus the average")
    settle(app)
    own = masks_of(0)
    for trace, mask in zip(heats(app), (SDM, MTAM), strict=True):
        expected = own[mask.name] - audited[0, mask.name]
        assert cells(trace) == pytest.approx(expected, abs=0.0052)
    assert "No averages of channels" not in page_text(app)


def test_what_if_puts_the_average_of_each_channel_in_place(audited):
    app = opened("whatif", edit="Modules")
    app.segmented_control(key="masks0").select("their average over clips")
    settle(app)
    (code,) = (one.value for one in app.code if "sdm=(" in one.value)
    for mask in (SDM, MTAM):
        values = audits.average_of(cache.card(NAME), mask, 0)
        assert np.array(values) == pytest.approx(audited[0, mask.name], abs=1e-4)
        assert f"{mask.name}={values!r}" in code
    assert "the mean over a frame's channels" in page_text(app)


@pytest.mark.usefixtures("audited")
def test_of_an_audit_without_channels_no_average_is_made_up(mine, monkeypatch):
    (audit,) = audits._shipped().values()
    parts = tuple(
        replace(part, band=part.band and replace(part.band, by_channel=())) for part in audit.parts
    )
    monkeypatch.setattr(audits, "_shipped", lambda: {mine.digest: replace(audit, parts=parts)})
    assert audits.average_of(mine, SDM, 0) is None
    app = opened("attention")
    assert len(heats(app)) == 2
    assert "No averages of channels are known for mine" in page_text(app)
    assert (
        "their average over clips"
        not in opened("whatif", edit="Modules").segmented_control(key="masks0").options
    )


def test_masks_of_frames_have_no_heat(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_own(tmp_path / "plain.safetensors", SPEC, OPPOSITES_LABELS)
    app = opened("attention")
    assert "A mask is one number per frame" in page_text(app)
    assert not app.get("plotly_chart")
    assert "Channel by channel" not in [one.value for one in app.subheader]
