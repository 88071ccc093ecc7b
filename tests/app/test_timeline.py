"""The page of answers over time, without a browser."""

import base64
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import cache
from app.errors import Cancelled
from app.gallery import film
from app.gallery.catalogue import FIRST
from app.jobs import Job
from app.selection import Question, Selection
from app.views import timeline, timeline_result
from app.views.timeline import Asked
from maagn.explain.timeline import NetworkTimeline, Timeline
from maagn.section import Section
from maagn.video.overview import Overview

ROOT = Path(__file__).parents[2]
OPEN, CLOSE, UP = "Opening something", "Closing something", "Moving something up"


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=240)
    for key, value in link.items():
        app.query_params[key] = value
    app.switch_page(str(ROOT / "pages" / "timeline.py")).run()
    assert not app.exception
    return app


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def texts(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.markdown, *app.info, *app.caption, *app.error))


def answers(name: str, *labels: str) -> NetworkTimeline:
    card = cache.card(name)
    logits = np.zeros((len(labels), len(card.labels)), np.float32)
    logits[np.arange(len(labels)), [card.labels.index(label) for label in labels]] = 3
    return NetworkTimeline(card, logits)


def made(*networks: NetworkTimeline, complete: bool = True) -> Timeline:
    count = len(networks[0].logits)
    starts = np.arange(count) * 1.0
    return Timeline(
        "film.mp4", "0" * 64, count + 10.0, starts, starts + 2.0, (), networks, complete
    )


def test_a_clip_of_one_window_says_what_to_do_and_leads_to_the_example():
    app = opened(clip=FIRST)
    assert "lasts 2.3 s, which is one window" in texts(app)
    button(app, "Try it on a film of twelve gallery clips").click().run()
    assert "".join(app.query_params["clip"]) == film.LINK


def test_a_clip_that_is_no_file_is_told():
    assert "Only video files have a timeline" in texts(opened(clip="test-6-0"))


def test_a_window_that_there_is_not_is_told():
    app = opened(clip=film.LINK, window="banana", step="3 s")
    assert [one.value for one in app.warning] == [
        "The window 'banana' of this link is unknown; ignored.",
        "The step '3 s' of this link is unknown; ignored.",
    ]


def test_networks_are_asked_when_the_button_is_pressed_and_the_result_stays():
    app = opened(clip=film.LINK, window="4 s", step="4 s")
    assert "7 windows of 4 s, each seen by 4 networks" in texts(app)
    assert "Where do they differ?" not in [one.value for one in app.subheader]
    button(app, "Ask the networks").click().run()
    assert not app.exception
    said = texts(app)
    assert "Of 7 windows the top answer is the class that is shown at their middle" in said
    assert "windows of 4 s, each seen" not in said
    again = opened(clip=film.LINK, window="4 s", step="4 s")  # another visitor
    assert "Of 7 windows the top answer" in texts(again)
    assert "Ask the networks" not in [one.label for one in again.button]
    code = next(one.value for one in again.code if "timeline(path" in one.value)
    assert "window=4.0, step=4.0" in code


def test_a_button_opens_the_window_in_explore_as_a_section():
    app = opened(clip=film.LINK, window="4 s", step="4 s")
    if any(one.label == "Ask the networks" for one in app.button):
        button(app, "Ask the networks").click().run()
    slider = next(one for one in app.select_slider if one.label == "One window")
    slider.set_value(2).run()
    button(app, "Open in Explore").click().run()
    assert "".join(app.query_params["clip"]) == film.LINK
    section = tuple(float("".join(app.query_params[key])) for key in ("start", "end"))
    assert section == pytest.approx((8.0, 12.0), abs=0.09)  # whole frames


def test_what_was_found_until_a_stop_is_kept_and_says_until_where(monkeypatch):
    choice = film.film()
    asked = Asked(choice, ("tsn-demo",), ("a",), 2.5, 1.0)

    def stopped(*_: object, cancelled, progress, **__: float) -> Timeline:
        progress(0.3)
        assert not cancelled()
        job.cancel()
        progress(0.4)  # must not end it: what was found would be lost
        assert cancelled()
        return made(answers("tsn-demo", OPEN, OPEN), complete=False)

    monkeypatch.setattr(timeline, "timeline", stopped)
    job = Job()
    with pytest.raises(Cancelled):
        timeline._work(asked, job)
    found = cache.timeline(asked)
    assert not found.complete
    assert found.name == film.LINK
    assert cache.timeline(replace(asked, step=2.0)) is None


def test_a_stopped_timeline_is_shown_and_begins_again():
    app = opened(clip=film.LINK, window="4 s", step="2 s")
    names = tuple(cache.card(name) for name in ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo"))
    asked = Asked(
        film.film(), tuple(one.name for one in names), tuple(one.digest for one in names), 4.0, 2.0
    )
    cache.keep_timeline(
        asked, made(*(answers(one.name, OPEN, CLOSE) for one in names), complete=False)
    )
    app.run()
    assert "Stopped at 3.0 of 12.0 s" in texts(app)
    button(app, "Begin again").click().run()
    assert not app.exception
    assert "Stopped at" not in texts(app)
    assert cache.timeline(asked).complete


def test_a_step_beyond_the_window_is_refused_in_a_line():
    said = texts(opened(clip=film.LINK, window="1 s", step="2 s"))
    assert "a step that is no longer than the window" in said


def test_moments_are_runs_of_windows_in_which_networks_differ():
    found = made(
        answers("tsm-demo", OPEN, OPEN, OPEN, UP, UP),
        answers("tsn-demo", OPEN, CLOSE, CLOSE, OPEN, UP),
    )
    rows = timeline_result.moments(found, cache.card("tsn-demo").relations)
    assert rows.to_dict("records") == [
        {"first": 1, "last": 2, "opposites": True, "TSM": OPEN, "TSN": CLOSE},
        {"first": 3, "last": 3, "opposites": False, "TSM": UP, "TSN": OPEN},
    ]


def test_networks_that_agree_differ_nowhere():
    found = made(answers("tsm-demo", OPEN, UP), answers("tsn-demo", OPEN, UP))
    assert not len(timeline_result.moments(found, cache.card("tsn-demo").relations))


def test_the_strip_has_pictures_from_all_over_the_film():
    count = 48
    shades = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.full(
        (1, 8, 16, 3), 5, np.uint8
    )
    overview = Overview(48.0, 1.0, shades, np.arange(count) + 0.5, np.zeros(3), np.arange(3.0), ())
    pictures = timeline_result.strip(overview)
    first = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(one.partition(",")[2])))).mean()
        for one in pictures
    ]
    assert len(pictures) == 12
    assert first == pytest.approx(5 * (np.arange(12) * 4 + 1.5), abs=5)


def test_right_is_what_is_shown_at_the_middle_of_a_window():
    shown = film.truth_of(film.film())  # pushing until 2.33 s, pulling until 4.67 s
    push, pull = shown[0].label, shown[1].label
    found = made(answers("tsm-demo", push, push, pull, push))  # middles at 1, 2, 3 and 4 s
    told = timeline_result.right_at_the_middle(found, shown)
    assert told.startswith("Of 4 windows")
    assert "TSM in **3**" in told


def test_the_files_hold_what_is_shown():
    found = made(answers("tsm-demo", OPEN, CLOSE, CLOSE), answers("tsn-demo", UP, UP, UP))
    files = timeline_result._files(found)
    subtitles = files["Subtitles to the film (WebVTT)"]
    assert [one.label for one in subtitles] == ["TSM", "TSN"]
    first = subtitles[0].make().decode()
    assert first.startswith("WEBVTT")
    assert first.count("-->") == 2
    document = json.loads(files["All of it"][0].make())
    assert [len(model["segments"]) for model in document["models"]] == [2, 1]
    rows = pd.read_csv(io.StringIO(timeline_result.timeline_file.csv(found)))
    assert list(rows["answer_1"]) == [OPEN, CLOSE, CLOSE, UP, UP, UP]


def test_the_moment_is_the_films_second_that_other_pages_show():
    found = made(answers("tsn-demo", OPEN, OPEN))
    frames = cache.card("tsn-demo").spec.frames
    question = Question(film.film(), ("tsn-demo",), None, "hirescam", "backbone.res4", ("a",))
    assert timeline_result.moment_of(found, Selection(question)) is None
    later = timeline_result.moment_of(found, Selection(question, moment=1))
    assert later == pytest.approx(12 * 1.5 / frames)  # of a film of 12 s
    part = replace(question, clip=replace(question.clip, section=Section(4.0, 6.0)))
    assert timeline_result.moment_of(found, Selection(part)) is None
    within = timeline_result.moment_of(found, Selection(part, moment=frames - 1))
    assert within == pytest.approx(6 - 1 / frames)
