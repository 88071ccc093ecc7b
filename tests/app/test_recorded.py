"""Results are those of the networks that are chosen, or there are none on the page."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cache
from app.views.recorded import Source, of_networks
from maagn import checkpoint
from maagn.evaluate import runner
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan
from maagn.evaluate.results import Origin, Results, write_results
from maagn.evaluate.store import RESULTS
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split
from tests.app.own_networks import OPPOSITES_TITLE, TEN, TEN_TITLE, save_own, write_own_networks
from tests.app.test_errors import VIEWS
from tests.app.test_explore import page_text, settle
from tests.evaluate.made import random_answers
from tests.tiny import BASELINES, SPEC

ROOT = Path(__file__).parents[2]
DEMONSTRATION = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
OWN = ("own-maagn", "own-tsn")
OTHERS = ("82.7", "2,040", "Pairs, most confused first")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    write_own_networks(tmp_path / "networks")
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path / "networks")
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    return tmp_path


def keep(names: Sequence[str], *, split: Split = "test", per_class: int = 2) -> EvaluationRun:
    """An evaluation of the Settings page, done."""
    cards = [cache.card(name) for name in names]
    kept = EvaluationRun(benchmark_plan(cards, split=split, per_class=per_class))
    kept.begin()
    predictions = tuple(
        replace(
            random_answers(card.name, per_class * 34, paths=card.spec.arch == "maagn"), split=split
        )
        for card in cards
    )
    digests = {card.name: card.digest for card in cards}
    write_results(kept.folder / RESULTS, Results(predictions, Origin(digests)))
    return kept


def opened(page: str, **link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    for key, value in link.items():
        app.query_params[key] = value
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception
    return app


def test_the_shipped_results_are_the_demonstration_networks_own():
    found = of_networks(DEMONSTRATION)
    assert found.results.models == DEMONSTRATION
    assert found.missing == ()
    assert found.sources == {name: Source(name, None) for name in DEMONSTRATION}


def test_other_weights_under_the_same_name_are_asked_anew(folder):
    path = folder / "networks" / "mine-maagn.safetensors"
    first = settle(opened("explore", networks=TEN_TITLE))
    save_own(path, replace(SPEC, neck_width=16), TEN)
    second = settle(opened("explore", networks=TEN_TITLE))
    assert page_text(first) != page_text(second)


def test_the_same_file_under_another_name_has_its_results_and_other_weights_have_none(folder):
    networks = folder / "networks"
    (networks / "mine.safetensors").symlink_to((networks / "tsn-demo.safetensors").resolve())
    (networks / "tsm-demo.safetensors").unlink()
    save_own(networks / "tsm-demo.safetensors", BASELINES["tsm"], OPPOSITES_LABELS)
    found = of_networks(("mine", "tsm-demo"))
    assert found.sources == {"mine": Source("tsn-demo", None)}
    assert found.results.of("mine").model == "mine"
    assert found.missing == ("tsm-demo",)


def test_the_clips_that_most_networks_were_asked_about_then_the_test_split_then_more_clips():
    keep(("own-maagn",), split="test", per_class=3)
    assert of_networks(OWN).missing == ("own-tsn",)
    keep(OWN, split="val", per_class=2)
    found = of_networks(OWN)
    assert [result.split for result in found.results] == ["val", "val"]
    keep(("own-tsn",), split="test", per_class=3)  # another evaluation, the same clips
    found = of_networks(OWN)
    assert {(result.split, len(result)) for result in found.results} == {("test", 102)}
    assert found.missing == ()


@pytest.mark.parametrize("page", ["compare", "errors", "gating", "attention"])
@pytest.mark.parametrize("title", [TEN_TITLE, OPPOSITES_TITLE])
def test_nothing_of_other_networks_is_shown(page, title):
    app = opened(page, networks=title)
    text = page_text(app)
    assert not any(figure in text for figure in OTHERS)
    assert not any("test clips" in block.proto.body for block in app.get("html"))
    assert "Custom weights" in app.info[0].value
    if page == "attention":
        return
    assert "There are no results of" in text
    if title == TEN_TITLE:
        given = next(block.value for block in app.code if "--data" in block.value)
        models = "--model mine-maagn"
        models = models if page != "compare" else f"{models} --model mine-tsn"
        assert given.startswith(f"maagn evaluate {models} --data ")
    else:
        assert "Data asks them" in text


def test_an_evaluation_of_own_networks_is_compared():
    keep(OWN, split="val")
    app = opened("compare", networks=OPPOSITES_TITLE)
    assert app.header[0].value == "Where does MAAGN beat TSN?"
    text = page_text(app)
    assert "of 68 val clips" in text
    assert "82.7" not in text


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_errors_shows_an_evaluation_of_own_networks(view):
    keep(OWN, split="val")
    app = opened("errors", networks=OPPOSITES_TITLE, view=view)
    assert not app.error
    if view != "Notes":
        assert "68 clips of the benchmark's val split" in page_text(app)
    app.selectbox(key="m").select("own-tsn")
    settle(app)
    assert not app.error


def test_who_was_not_asked_is_named():
    keep(("own-tsn",))
    app = opened("errors", networks=OPPOSITES_TITLE)
    assert app.selectbox(key="m").value == "own-tsn"
    assert "Not evaluated on these clips yet: own-maagn" in page_text(app)
    app.selectbox(key="m").select("own-maagn")
    text = page_text(settle(app))
    assert "There are no results of **own-maagn** yet" in text
    assert "clips of the benchmark" not in text
    text = page_text(opened("compare", networks=OPPOSITES_TITLE))
    assert "There are results of own-tsn" in text
    assert "There are no results of **own-maagn** yet" in text


def test_notes_are_written_without_results():
    app = opened("errors", networks=TEN_TITLE, view="Notes")
    assert "A note on" in page_text(app)


def test_the_lines_for_a_notebook_read_the_evaluation():
    kept = keep(OWN)
    for page in ("compare", "errors"):
        code = opened(page, networks=OPPOSITES_TITLE).code[-1].value
        assert kept.key in code
        exec(compile(code, page, "exec"), {})


def test_data_evaluates_own_networks_that_know_the_benchmark():
    app = opened("data", networks=OPPOSITES_TITLE, view="Evaluate")
    choice = next(one for one in app.multiselect if one.label == "Networks")
    assert set(choice.options) == {*DEMONSTRATION, *OWN}
    assert choice.value == list(OWN)


def test_the_tour_is_about_the_demonstration_networks_and_says_so():
    text = page_text(opened("learn", networks=TEN_TITLE))
    assert "about the demonstration networks, maagn-demo, tpn-demo, tsm-demo, tsn-demo" in text
    assert "mine-maagn, mine-tsn, are not asked here" in text
    assert "Custom weights" not in text


def test_a_network_that_only_bears_the_name_is_no_demonstration(folder):
    save_own(folder / "networks" / "fine-demo.safetensors", BASELINES["tsn"], TEN)
    app = opened("paper", networks="10 classes: mine-maagn, fine-demo, mine-tsn")
    assert not app.warning
    assert "Custom weights" in app.info[0].value


@pytest.mark.parametrize("page", ["explore", "evidence"])
def test_two_networks_of_one_kind_are_told_apart(folder, page):
    for name in ("first", "second"):
        save_own(folder / "networks" / f"{name}.safetensors", BASELINES["tsn"], TEN[:6])
    app = opened(page, networks="6 classes: first, second", view="Is it faithful?")
    assert not app.error
    text = page_text(app) + " ".join(one.value for one in app.subheader)
    assert "first" in text
    assert "second" in text
