import base64
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import cache, predictions
from app.components.player.payload import to_json
from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.selection import ClipChoice, Question
from app.views import stage
from maagn.errors import MaagnError
from maagn.figures.heat import overlay, top_of_scale
from maagn.video.encode import write_mp4

ROOT = Path(__file__).parents[2]
NAMES = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
WAIT_SECONDS = 60
MAP_STEP = 2 / 255  # of the map's peak: two of the 255 steps that it is drawn in


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=WAIT_SECONDS)


def settle(app: AppTest) -> AppTest:
    """Run to the end, which is when the answer is there."""
    app.run()
    assert not app.exception
    assert not app.get("progress")
    return app


def page_text(app: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in app.get("html")) + " ".join(
        item.value for item in [*app.markdown, *app.caption, *app.info, *app.error]
    )


def test_the_first_screen_answers_about_a_gallery_clip(app):
    settle(app)
    text = page_text(app)
    for network in ("MAAGN", "TPN", "TSM", "TSN"):
        assert f">{network}</b>" in text
    assert "MAAGN&#x27;s paths" in text
    assert f"True class: **{clip_named(FIRST).label}**" in text
    assert "Demonstration weights" in app.info[0].value
    assert not re.search(r"[0-9a-f]{20}", app.info[0].value)  # a dozen digits of a digest


def test_another_class_neither_decodes_nor_runs_the_network_again(app, monkeypatch):
    app.query_params["clip"] = "08-covering-something-with-something-0.mp4"
    settle(app)
    assert not app.warning
    calls: list[str] = []
    monkeypatch.setattr(cache, "read_video", lambda *_, **__: calls.append("decode"))
    monkeypatch.setattr(cache, "trace", lambda *_, **__: calls.append("forward"))
    app.selectbox(key="class").select("Moving something up")
    settle(app)
    app.selectbox(key="method").select("hirescam")
    settle(app)
    assert calls == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("notes.mp4", b"not a video at all\n" * 40, "notes"),
        ("empty.mp4", b"", "empty"),
        ("<img src=x onerror=alert(1)>.mp4", b"<html>" * 90, "onerror"),
    ],
)
def test_a_bad_upload_is_named_in_place_and_the_page_goes_on(app, name, content, says):
    settle(app)
    app.file_uploader(key="upload").upload(name, content, "video/mp4")
    settle(app)
    assert len(app.error) == 1
    assert says in app.error[0].value
    app.file_uploader(key="upload").clear()
    settle(app)


def test_a_bad_link_opens_the_first_clip(app):
    app.query_params["clip"] = "../../etc/passwd"
    settle(app)
    assert f"True class: **{clip_named(FIRST).label}**" in page_text(app)
    assert "passwd" in app.warning[0].value


@pytest.mark.parametrize(
    ("key", "value"), [("class", "Banana"), ("method", "magic"), ("layer", "res9"), ("moment", "8")]
)
def test_a_bad_value_of_a_link_is_left_out_with_a_note(app, key, value):
    app.query_params[key] = value
    settle(app)
    assert len(app.warning) == 1
    assert value in app.warning[0].value


def test_a_link_with_the_old_name_of_a_choice_still_opens(app):
    app.query_params["class"] = "The first model's answer"
    settle(app)
    assert len(app.warning) == 0
    assert app.selectbox(key="class").value == "The first model's prediction"


def test_a_link_opens_a_clip_of_the_test_split_with_the_answer_on_record(app):
    recorded = cache.results().of("maagn-demo")
    row = 7 + 34 * 3
    label, index = int(recorded.truth[row]), int(recorded.clip[row])
    question = Question(
        ClipChoice.of_test(label, index), NAMES[:1], None, "gradcam", "backbone.res4"
    )
    found = predictions.answer(question, Job()).reports[0].prediction
    assert np.allclose(found.logits, recorded.logits[row], atol=2e-2)  # kept in float16
    app.query_params["clip"] = question.clip.link
    settle(app)
    assert f"True class: **{question.clip.label}**" in page_text(app)


def test_the_first_screen_loads_no_network_and_decodes_nothing(app, monkeypatch):
    for name in ("_model", "_CLIPS", "_TRACES"):
        getattr(cache, name).clear()
    calls: list[str] = []
    monkeypatch.setattr(cache.checkpoint, "load_model", lambda *_: calls.append("load"))
    monkeypatch.setattr(cache, "read_video", lambda *_, **__: calls.append("decode"))
    settle(app)
    assert ">MAAGN</b>" in page_text(app)
    assert calls == []


@pytest.fixture(scope="module")
def stored_and_worked_out() -> tuple[predictions.Answer, predictions.Answer]:
    """The first screen's answer as it came with the app, and from the networks as they are here."""
    choice = clip_named(FIRST).choice()
    question = Question(choice, NAMES, None, "gradcam", "backbone.res4")
    asked = replace(question, clip=replace(choice, link=None))
    return predictions.answer(question, Job()), predictions.answer(asked, Job())


def test_the_stored_answer_is_what_the_networks_say(stored_and_worked_out):
    """To rounding, but for maps: a map is a gradient, and a ReLU's steps from 0 to 1 at its edge.

    Another processor rounds an argument of 1e-7 to the other side, and then a channel's weight is
    another by its share: 0.2 % of the map's peak for one of TSM's.
    """
    for ready, fresh in zip(*(one.reports for one in stored_and_worked_out), strict=True):
        assert ready.target == fresh.target
        both = np.stack([ready.prediction.logits, fresh.prediction.logits])
        assert np.abs(both[0] - both[1]).max() <= 1e-5 * np.abs(both).max()
        first, second = np.sort(both[1])[[-1, -2]]
        assert first - second > 1e-2  # so that no rounding gives another answer
        assert (
            np.abs(ready.cam.values - fresh.cam.values).max() <= MAP_STEP * fresh.cam.values.max()
        )
        assert [mask.name for mask in ready.masks] == [mask.name for mask in fresh.masks]
        for kept, made in zip(ready.masks, fresh.masks, strict=True):
            scale = max(float(np.abs(made.values).max()), 1e-3)
            assert np.abs(kept.values - made.values).max() <= 1e-4 * scale


def test_the_stored_answer_looks_like_a_fresh_one(stored_and_worked_out):
    """No pixel of a picture, and no cell of a map as the page gets it, is off by what one sees."""
    stored, worked = stored_and_worked_out
    for ready, fresh in zip(stored.reports, worked.reports, strict=True):
        assert np.array_equal(ready.inputs.pictures, fresh.inputs.pictures)
        drawn = [
            overlay(
                one.inputs.pictures,
                one.cam,
                seconds=one.inputs.seconds,
                scale=top_of_scale(one.cam.values),
            ).astype(int)
            for one in (ready, fresh)
        ]
        assert np.abs(drawn[0] - drawn[1]).max() <= 3  # of 255
        assert np.abs(drawn[0] - drawn[1]).mean() < 0.1
    sent = [to_json(stage.player_view(one), key="player") for one in (stored, worked)]
    assert sent[0]["frames"] == sent[1]["frames"]
    for ready, fresh in zip(*(one["overlays"] for one in sent), strict=True):
        assert ready["headline"] == fresh["headline"]
        raw = [levels(one) / one["scale"] for one in (ready, fresh)]
        assert np.abs(raw[0] - raw[1]).max() <= MAP_STEP


def levels(overlay):
    """An overlay's maps as the page enlarges and colours them, raw values again."""
    shape = (len(overlay["peaks"]), overlay["rows"] * overlay["columns"])
    kept = np.frombuffer(base64.b64decode(overlay["levels"]), np.uint8).reshape(shape)
    return kept * np.array(overlay["peaks"])[:, None] / 255


def test_a_link_opens_its_clip(app):
    linked = next((ROOT / "app" / "gallery").glob("06-*.mp4"))
    app.query_params["clip"] = linked.name
    settle(app)
    assert "True class: **Opening something**" in page_text(app)


@pytest.fixture(scope="module")
def answered() -> predictions.Answer:
    clip = sorted((ROOT / "app" / "gallery").glob("*.mp4"))[0]
    question = Question(ClipChoice.of(clip), NAMES, None, "gradcam", "backbone.res4")
    return predictions.answer(question, Job())


def test_all_networks_explain_the_first_ones_answer(answered):
    best = answered.reports[0].prediction.top(1)[0][0]
    assert [report.label for report in answered.reports] == [best] * 4


def test_what_is_drawn_is_what_was_computed(answered):
    view = stage.player_view(answered)
    maagn = answered.reports[0]
    assert [overlay.name for overlay in view.overlays] == ["MAAGN", "TPN", "TSM", "TSN"]
    assert np.array_equal(view.overlays[0].maps, np.maximum(maagn.cam.values, 0))
    sdm = [chart for chart in view.charts if chart.title == "SDM mask"]
    assert [len(chart.series[0].values) for chart in sdm] == [8, 4, 2]
    masks = {mask.name: mask.per_frame for mask in maagn.masks}
    assert np.array_equal(sdm[1].series[0].values, masks["paths.1.sdm.mask"])
    assert {chart.group for chart in view.charts} == {
        "Path res3, every frame",
        "Path res4, every 2nd frame",
        "Path res5, every 4th frame",
    }


def test_a_path_stands_for_its_stage_in_networks_without_paths():
    clip = sorted((ROOT / "app" / "gallery").glob("*.mp4"))[0]
    question = Question(ClipChoice.of(clip), NAMES, None, "gradcam", "paths.1.output")
    reports = predictions.answer(question, Job()).reports
    assert [report.cam.name for report in reports] == [
        "paths.1.output",
        "backbone.res4",
        "backbone.res4",
        "backbone.res4",
    ]
    assert [len(report.cam.seconds) for report in reports] == [4, 8, 8, 8]


def test_a_short_clip_says_what_is_needed(tmp_path):
    path = tmp_path / "short.mp4"
    write_mp4(path, np.zeros((3, 64, 64, 3), np.uint8), seconds=np.arange(3) / 10)
    question = Question(ClipChoice.of(path), NAMES, None, "gradcam", "backbone.res4")
    with pytest.raises(MaagnError, match="needs 8"):
        predictions.answer(question, Job())


def test_a_clip_that_stands_still_says_so_beside_the_answer(app, tmp_path):
    path = tmp_path / "still.mp4"
    frames = np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    frames = frames.repeat(12, axis=0).repeat(12, axis=1)[None].repeat(20, axis=0)
    write_mp4(path, frames, seconds=np.arange(20) / 10)
    settle(app)
    assert not app.warning
    app.file_uploader(key="upload").upload("still.mp4", path.read_bytes(), "video/mp4")
    settle(app)
    (told,) = [item.value for item in app.warning]
    assert "same picture: no motion" in told
