"""Which part of a film networks see: a proposal, a link's, a visitor's, or all of it."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import page, section, session
from app.components.filmstrip import Strip, to_json
from app.downloads import name_of
from app.facts import asked_of
from app.gallery.catalogue import clip_named
from app.jobs import Job
from app.predictions import answer
from app.selection import ClipChoice, Question
from app.views import notebook
from app.views.stage import facts_of, player_view
from maagn import checkpoint
from maagn.figures.layout import percent
from maagn.inference import predict
from maagn.section import Section
from maagn.video.overview import PROPOSED, Overview
from maagn.video.read import read_clip
from tests.films import CLOSING, write_long_film

ROOT = Path(__file__).parents[2]
CUT = 148 / 12  # seconds
LENGTH = 296 / 12


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("films") / "long.mp4"
    write_long_film(path)
    return path


@pytest.fixture
def app(film, monkeypatch) -> AppTest:
    monkeypatch.setattr(sys, "argv", ["app", "--clip", str(film)])
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)


def settle(app: AppTest) -> str:
    app.run()
    assert not app.exception
    assert not app.error
    return " ".join(str(block.proto.body) for block in app.get("html")) + " ".join(
        item.value for item in [*app.markdown, *app.caption]
    )


def told(app: AppTest) -> str:
    return next(item.value for item in app.markdown if item.value.startswith("Networks see"))


def in_address(app: AppTest) -> tuple[str, ...]:
    asked = (app.query_params.get(key) for key in ("start", "end"))
    return tuple(value[0] if isinstance(value, list) else value for value in asked if value)


def warned_of_cut(app: AppTest) -> bool:
    words = f"There is a cut at {CUT:.2f} s: networks see two scenes as one action."
    return words in [item.value for item in app.warning]


def seen(film: Path, of: Section, name: str = "maagn-demo") -> tuple[str, str]:
    """The first class and its probability that the library gives to a section, as pages do."""
    model = checkpoint.load_model(checkpoint.find(name))
    clip = read_clip(film, samplings=[model.sampling], section=of)
    label, probability = predict(model, clip).top(1)[0]
    return label, percent(probability)


def test_a_long_film_opens_on_the_part_that_moves_most_and_says_so(app, film):
    text = settle(app)
    start, end = map(float, in_address(app))
    assert end - start == pytest.approx(PROPOSED)
    assert any(start < middle < end for middle in (5 + 28 / 24, CUT + 5 + 28 / 24))
    assert f"**{start:.2f} to {end:.2f} s** of 25 s, where most moves" in told(app)
    label, probability = seen(film, Section(start, end))
    assert label in text
    assert probability in text


def test_the_address_restores_a_section_and_networks_see_that_alone(app, film):
    app.query_params["start"], app.query_params["end"] = "17.500", "19.500"
    text = settle(app)
    assert not app.warning
    assert "**17.50 to 19.50 s** of 25 s: 8 frames, one every 0.25 s." in told(app)
    label, probability = seen(film, Section(17.5, 19.5))
    assert label in text
    assert probability in text
    assert in_address(app) == ("17.500", "19.500")


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        ("5", "3", "must end after"),
        ("-1", "3", "cannot begin"),
        ("nan", "3", "numbers of seconds"),
        ("0", "inf", "numbers of seconds"),
        ("1e400", "3", "numbers of seconds"),
        ("one", "3", "'one' is no number"),
        ("2", None, "a start and an end"),
        (None, "2", "a start and an end"),
        ("20", "30", "the film ends at 24.67 s"),
        ("200", "203", "the film ends at 24.67 s"),
        ("1", "1.5", "need 8 frames, which last 0.67 s"),
        ("1" * 20_000, "2" * 20_000, "the film ends"),
    ],
)
def test_a_section_of_a_link_that_cannot_be_is_noted_and_the_proposal_shown(app, start, end, says):
    for key, value in (("start", start), ("end", end)):
        if value is not None:
            app.query_params[key] = value
    settle(app)
    assert says in " ".join(item.value for item in app.warning)
    assert "where most moves" in told(app)
    start, end = map(float, in_address(app))
    assert end - start == pytest.approx(PROPOSED)
    settle(app)
    assert says not in " ".join(item.value for item in app.warning)


def test_a_cut_within_a_section_is_warned_of_and_can_be_left_out(app):
    app.query_params["start"], app.query_params["end"] = "11.000", "14.000"
    settle(app)
    assert warned_of_cut(app)
    app.button(key="section-uncut").click()
    settle(app)
    assert not warned_of_cut(app)
    assert in_address(app) == ("11.000", "12.333")


def test_a_section_that_hardly_begins_before_a_cut_can_begin_after_it(app):
    app.query_params["start"], app.query_params["end"] = "12.200", "14.200"
    settle(app)
    assert warned_of_cut(app)
    assert app.button(key="section-uncut").label == "Begin after the cut"
    app.button(key="section-uncut").click()
    settle(app)
    assert not warned_of_cut(app)
    assert in_address(app) == ("12.333", "14.200")


def test_the_whole_film_and_the_proposal_are_a_click_away(app, film):
    settle(app)
    proposed = in_address(app)
    assert app.button(key="section-proposal").disabled
    app.button(key="section-whole").click()
    settle(app)
    assert "**all 24.67 s**: 8 frames, one every 3.08 s." in told(app)
    assert in_address(app) == ("0.000", "24.667")
    label, probability = seen(film, Section(0.0, LENGTH))
    assert predict_of_all(film) == (label, probability)
    app.button(key="section-proposal").click()
    settle(app)
    assert in_address(app) == proposed


def predict_of_all(film: Path) -> tuple[str, str]:
    model = checkpoint.load_model(checkpoint.find("maagn-demo"))
    label, probability = predict(model, read_clip(film, samplings=[model.sampling])).top(1)[0]
    return label, percent(probability)


def test_the_whole_film_is_restored_from_its_rounded_end(app):
    app.query_params["start"], app.query_params["end"] = "0.000", "24.667"
    settle(app)
    assert "**all 24.67 s**" in told(app)


def test_a_film_that_is_too_long_for_networks_as_a_whole_is_not_offered_whole(app, monkeypatch):
    monkeypatch.setattr(section, "SECTION", replace(section.SECTION, seconds=20.0))
    settle(app)
    assert app.button(key="section-whole").disabled


def test_a_short_clip_is_shown_whole_with_its_strip_folded(app):
    app.query_params["clip"] = CLOSING
    settle(app)
    assert "Section" in [item.label for item in app.expander]
    assert in_address(app) == ()
    assert not any(item.value.startswith("Networks see") for item in app.markdown)


def test_a_short_clip_has_a_section_by_link(app):
    app.query_params["clip"] = CLOSING
    app.query_params["start"], app.query_params["end"] = "0.500", "1.500"
    settle(app)
    assert not app.warning
    assert "**0.50 to 1.50 s** of 2.33 s: 8 frames, one every 0.12 s." in told(app)
    assert in_address(app) == ("0.500", "1.500")


def test_another_clip_does_not_take_the_section_along(app):
    app.query_params["start"], app.query_params["end"] = "17.500", "19.500"
    settle(app)
    app.query_params["clip"] = CLOSING
    settle(app)
    assert "Section" in [item.label for item in app.expander]
    assert not any(item.value.startswith("Networks see") for item in app.markdown)
    assert in_address(app) == ()


def test_a_rendered_clip_has_no_section(app):
    app.query_params["clip"] = "test-6-1"
    app.query_params["start"], app.query_params["end"] = "0.500", "1.500"
    settle(app)
    assert "this clip is no file" in app.warning[0].value
    assert in_address(app) == ()


def test_an_upload_keeps_its_section_out_of_the_address(app, film):
    settle(app)
    app.file_uploader(key="upload").upload("mine.mp4", film.read_bytes(), "video/mp4")
    settle(app)
    assert "where most moves" in told(app)
    assert in_address(app) == ()
    app.button(key="section-whole").click()
    settle(app)
    assert "**all 24.67 s**" in told(app)
    assert in_address(app) == ()


def asked(film: Path, of: Section | None) -> Question:
    clip = replace(ClipChoice.of(film), section=of)
    return Question(clip, ("maagn-demo",), None, "hirescam", "paths.1.output")


def test_two_sections_of_a_film_are_two_answers(film):
    first, second = (answer(asked(film, Section(a, a + 3)), Job()) for a in (4.5, 17.0))
    logits = [found.reports[0].prediction.logits for found in (first, second)]
    assert not np.allclose(*logits)
    assert [found.clip.section for found in (first, second)] == [
        Section(4.5, 7.5),
        Section(17.0, 20.0),
    ]


def test_files_player_and_code_say_which_section_it_is(film):
    found = answer(asked(film, Section(17.5, 19.5)), Job())
    facts = facts_of(found)
    assert facts.section == "17.50 to 19.50 s of 24.67 s"
    assert facts.columns()["section"] == facts.section
    assert str(facts.arrays()["about.section"]) == facts.section
    assert name_of(facts, "explore", "report", ending="html") == (
        "long--17-50-to-19-50-s--explore--report.html"
    )
    assert "0 s is 17.50 s of the film" in player_view(found).note
    assert asked_of(found.question.clip, []).section == "17.50 to 19.50 s"
    code = notebook.explain(found)
    assert "section=(17.5, 19.5)" in code
    names: dict = {}
    exec(code.replace("PATH/TO/long.mp4", str(film)), names)
    assert np.allclose(
        names["reports"][0].prediction.logits, found.reports[0].prediction.logits, atol=1e-5
    )


def test_a_page_is_opened_with_a_section(monkeypatch):
    gone = SimpleNamespace()
    monkeypatch.setattr(st, "switch_page", lambda _, query_params: vars(gone).update(query_params))
    choice = clip_named(CLOSING).choice()
    page.open_clip(replace(choice, section=Section(0.5, 1.25)))
    assert vars(gone) == {"clip": CLOSING, "start": "0.500", "end": "1.250"}


@pytest.mark.parametrize(
    ("sent", "section"),
    [
        ({"start": 1.0004, "end": 2.5}, Section(1.0, 2.5)),
        ({"start": 3, "end": 2}, None),
        ({"start": -1, "end": 2}, None),
        ({"start": "x", "end": 2}, None),
        ({"start": None, "end": 2}, None),
        ({"end": 2}, None),
        ("1 to 2", None),
        (None, None),
    ],
)
def test_what_a_browser_sends_is_a_section_or_nothing(monkeypatch, sent, section):
    monkeypatch.setattr(st, "session_state", {"strip": {"section": sent}})
    assert session.section_of_strip("strip") == section


def overview(motion: np.ndarray) -> Overview:
    thumbnails = np.zeros((100, 9, 16, 3), np.uint8)
    seconds = np.arange(100, dtype=np.float64) * 0.6
    times = np.arange(len(motion)) * 60 / max(1, len(motion))
    return Overview(60.0, 25.0, thumbnails, seconds, motion, times, (20.0,))


def test_the_strip_keeps_peaks_of_motion_and_fewer_pictures_than_there_are():
    motion = np.zeros(1500)
    motion[701] = 4.0
    drawn = to_json(Strip("film", overview(motion), Section(1.0, 5.0), 0.32, "8 frames"))
    heights = [height for _, height in drawn["motion"]]
    assert max(heights) == 1
    assert heights.count(0) == len(heights) - 1
    assert len(drawn["pictures"]) == 48
    assert drawn["cuts"] == [20.0]
    assert (drawn["start"], drawn["end"], drawn["frame"]) == (1, 5, 0.04)


def test_a_film_in_which_nothing_moves_has_a_flat_curve():
    drawn = to_json(Strip("film", overview(np.zeros(9)), Section(1.0, 5.0), 0.32, "8 frames"))
    assert [height for _, height in drawn["motion"]] == [0] * 9


def test_between_cuts_that_are_closer_than_networks_need_the_proposal_crosses_one():
    cuts = tuple(np.arange(0.2, 60, 0.2).tolist())
    film = replace(overview(np.ones(240)), cuts=cuts)
    first = section._proposed(film, 0.32)
    assert first.seconds == pytest.approx(0.32, abs=0.002)
    assert 0 <= first.start < first.end <= 60
