from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import cache
from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.selection import Question
from app.views.whatif import outcomes
from maagn import checkpoint
from maagn.explain.edits import Edit, reverse
from tests.app.test_explore import NAMES, page_text, settle
from tests.tiny import BASELINES, SPEC, save_tiny

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    app.run()
    return app.switch_page(str(ROOT / "pages" / "whatif.py"))


@pytest.mark.parametrize(
    "kind",
    ["Reverse", "Shuffle", "Freeze", "Swap halves", "Mirror", "Speed", "Blur", "Fewest frames",
     "Modules"],
)  # fmt: skip
def test_every_change_is_answered(app, kind):
    app.query_params["edit"] = kind
    settle(app)
    assert not app.error
    assert app.dataframe
    if kind not in ("Fewest frames", "Modules"):
        assert all(f">{name}</b>" in page_text(app) for name in ("MAAGN", "TPN", "TSM", "TSN"))


def test_dropping_waits_for_frames(app):
    app.query_params["edit"] = "Drop frames"
    settle(app)
    assert not app.dataframe
    assert "Choose one or more frames" in page_text(app)


def test_tsn_is_told_not_to_see_the_reversal_and_maagn_does():
    question = Question(clip_named(FIRST).choice(), NAMES, None, "gradcam", "backbone.res4")
    found = {outcome.name: outcome for outcome in outcomes(question, Edit(reverse(8)), Job())}
    assert found["TSN"].moved < 1e-5
    assert found["MAAGN"].moved > 1
    assert found["MAAGN"].before.top(1)[0][0] == question.clip.label


UNSURE = "20-folding-something-2.mp4"  # to which MAAGN gives 60 %


def test_a_switch_reads_no_frame_and_runs_no_network(app, monkeypatch):
    app.query_params["edit"] = "Modules"
    app.query_params["clip"] = UNSURE
    settle(app)
    before = app.dataframe[0].value
    calls: list[str] = []
    monkeypatch.setattr(cache, "read_video", lambda *_, **__: calls.append("decode"))
    monkeypatch.setattr(cache, "trace", lambda *_, **__: calls.append("forward"))
    app.session_state["off1"] = ["SDM"]
    settle(app)
    after = app.dataframe[0].value
    assert calls == []
    assert not np.isclose(before["p after"], after["p after"]).all()
    app.button(key="own").click()
    settle(app)
    assert app.session_state["off1"] == []
    assert np.isclose(app.dataframe[0].value["p after"], before["p after"]).all()


def test_another_clips_masks_take_the_place_of_its_own(app):
    app.query_params["edit"] = "Modules"
    app.query_params["clip"] = UNSURE
    settle(app)
    app.segmented_control(key="path").select("res4, rate 2")
    settle(app)
    own = app.dataframe[0].value["p after"].to_numpy()
    app.segmented_control(key="masks1").select("another clip's")
    settle(app)
    app.selectbox(key="masks-clip1").select_index(20)
    settle(app)
    other = app.dataframe[0].value["p after"].to_numpy()
    assert not np.isclose(own, other, rtol=1e-6, atol=0).all()
    assert any("sdm=(" in one.value for one in app.code)  # the same in Python
    app.segmented_control(key="masks1").select("their average over clips")
    settle(app)
    average = app.dataframe[0].value["p after"].to_numpy()
    assert not np.isclose(average, other, rtol=1e-6, atol=0).all()
    app.button(key="own").click()
    settle(app)
    np.testing.assert_array_equal(app.dataframe[0].value["p after"], own)


def test_of_a_blur_in_one_frame_the_others_stay(app):
    app.query_params["edit"] = "Blur"
    settle(app)
    everywhere = app.dataframe[0].value
    app.session_state["in"] = [0]
    settle(app)
    once = app.dataframe[0].value
    assert (once["largest logit change"] < everywhere["largest logit change"]).sum() >= 3


def test_a_maagn_of_any_name_has_its_modules(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_tiny(tmp_path / "mine.safetensors")
    own = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    own.run()
    own.switch_page(str(ROOT / "pages" / "whatif.py"))
    own.query_params["edit"] = "Modules"
    settle(own)
    assert "None of these networks has" not in page_text(own)
    assert own.dataframe


def test_without_a_maagn_the_modules_are_missed_by_name(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_tiny(tmp_path / "maagn-not.safetensors", spec=BASELINES["tsm"])
    own = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    own.run()
    own.switch_page(str(ROOT / "pages" / "whatif.py"))
    own.query_params["edit"] = "Modules"
    settle(own)
    assert "None of these networks has SDM, MTAM and AGM" in page_text(own)


def opened(page: str) -> AppTest:
    own = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    own.query_params["edit"] = "Modules"
    own.switch_page(str(ROOT / "pages" / f"{page}.py"))
    return settle(own)


@pytest.mark.parametrize("page", ["attention", "gating", "whatif"])
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mtam_masks": "max"}, "the variant max of Table 5"),
        ({"sdm_combine": "multiply"}, "the variant multiply of Table 4"),
    ],
)
def test_a_variant_is_told_by_its_name(monkeypatch, tmp_path, page, changes, says):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_tiny(tmp_path / "mine.safetensors", spec=replace(SPEC, **changes))
    own = opened(page)
    assert not own.error
    if page == "whatif" and "mtam_masks" in changes:  # what is there can be switched
        assert own.dataframe
        assert own.pills(key="off0").options == ["SDM", "MTAM maximum", "AGM"]
        assert "No logit changed" in page_text(own)
    else:
        assert any(says in info.value for info in own.info)
