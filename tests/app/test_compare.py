from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cache
from app.views.compare import p_words
from app.views.compare_choice import sides_of
from app.views.recorded import Recorded, Source
from maagn.errors import ResultsError
from maagn.evaluate.results import Results
from maagn.figures.palette import OTHER, colour
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.evaluate.made import answered, results

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 60


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=WAIT_SECONDS)
    return app.switch_page("../pages/compare.py")


def run(app: AppTest) -> str:
    app.run()
    assert not app.exception
    return " ".join(item.value for item in [*app.markdown, *app.caption])


def test_maagn_against_tsm_at_first(app):
    text = run(app)
    assert app.header[0].value == "Where does MAAGN beat TSM?"
    assert "MAAGN alone is right on 43 clips, TSM alone on 102: p < 0.0001" in text
    assert "**MAAGN** is right on **87.6 %** of 2,040 test clips (95 % interval 86.1 to" in text
    assert "-2.9 percentage points" in text
    assert "n = 60 a class" in text


def test_the_title_and_numbers_follow_the_choice(app):
    run(app)
    app.selectbox(key="a").select("TPN")
    app.selectbox(key="b").select("TSN")
    text = run(app)
    assert app.header[0].value == "Where does TPN beat TSN?"
    assert "p < 0.0001" in text
    assert "Such a difference may well be due to chance" not in text


def test_nothing_is_compared_with_itself(app):
    run(app)
    app.selectbox(key="b").select("MAAGN")
    run(app)
    assert "same network" in " ".join(info.value for info in app.info)


def test_a_link_opens_a_class_with_its_clips(app):
    label = OPPOSITES_LABELS[0]
    app.query_params["class_"] = label
    app.query_params["b"] = "TSN"
    text = run(app)
    assert app.header[0].value == "Where does MAAGN beat TSN?"
    assert f"**{label}**, n = 60: MAAGN alone is right on" in text
    opened = [button for button in app.button if button.key and button.key.startswith("open-0-")]
    assert 0 < len(opened) <= 12
    assert "MAAGN gives" in text
    assert "✗ wrong" in text


def test_no_network_is_loaded(app, monkeypatch):
    def refuse(*_args: object) -> None:
        raise AssertionError("a network was loaded")

    monkeypatch.setattr(cache, "model", refuse)
    run(app)


def test_without_results_the_page_says_how_to_make_them(app, monkeypatch):
    def missing(*_: object) -> Results:
        raise ResultsError("There is no x.parquet yet: make it.")

    monkeypatch.setattr(cache, "results", missing)
    app.run()
    assert not app.exception
    assert "make it" in app.error[0].value


def test_two_models_of_one_kind_keep_their_own_names(monkeypatch):
    made = results(
        *(answered([0], [0], model=name) for name in ("maagn-a", "maagn-b", "tsm-demo", "gone"))
    )
    kinds = {"maagn-a": "MAAGN", "maagn-b": "MAAGN", "tsm-demo": "TSM", "gone": None}
    monkeypatch.setattr(Recorded, "kind", lambda _self, model: kinds[model])
    sources = {model: Source(model, None) for model in kinds}
    sides = sides_of(Recorded(made, sources, None, (), ()))
    assert [side.name for side in sides] == ["maagn-a", "maagn-b", "TSM", "gone"]
    assert [side.colour for side in sides] == [colour("MAAGN")] * 2 + [colour("TSM"), OTHER]


@pytest.mark.parametrize(
    ("p", "words"), [(0.00131, "p = 0.0013"), (1, "p = 1"), (1e-9, "p < 0.0001")]
)
def test_p_in_words(p, words):
    assert p_words(p) == words
