from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cache
from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.networks import DEMONSTRATION, groups
from app.predictions import stepped
from app.selection import Question, Selection
from app.views.attention import charts
from maagn.evaluate.results import class_means
from tests.app.test_explore import page_text, settle

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["attention", "gating"])
def app(request) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    app.run()
    return app.switch_page(str(ROOT / "pages" / f"{request.param}.py"))


@pytest.mark.parametrize("path", ["res3, rate 1", "res5, rate 4"])
def test_the_page_opens_on_every_path(app, path):
    settle(app)
    app.segmented_control(key="path").select(path)
    settle(app)
    assert not app.error
    level = path.split(",")[0]
    groups = [group.label for group in app.segmented_control]
    assert f"On path {level}" in page_text(app) or f"Frame of path {level}" in groups
    formulas = [one for one in app.get("markdown") if "Eq. " in one.value]
    assert len(formulas) in (13, 3)


def test_another_path_runs_no_network(app, monkeypatch):
    settle(app)
    calls: list[str] = []
    monkeypatch.setattr(cache, "read_video", lambda *_, **__: calls.append("decode"))
    monkeypatch.setattr(cache, "trace", lambda *_, **__: calls.append("forward"))
    app.segmented_control(key="path").select("res4, rate 2")
    settle(app)
    assert not app.error
    assert calls == []


def test_the_class_mean_beside_the_clip_is_that_of_its_class():
    question = Question(
        clip_named(FIRST).choice(), groups()[DEMONSTRATION], None, "gradcam", "backbone.res4"
    )
    selection = Selection(question, path=1)
    answer, found = stepped(selection, Job())
    sdm, _, total = charts(answer, found, selection)
    predictions = cache.results().of("maagn-demo")
    number = predictions.labels.index(question.clip.label)
    means = class_means(predictions, 1)
    assert sdm.series[1].values == pytest.approx(means.sdm[number], abs=1e-6)
    assert total.series[1].values == pytest.approx(means.mtam[number], abs=1e-6)
    assert total.series[0].values == pytest.approx(found.tensors["mtam"].mean(axis=1))
