"""The tour's last steps: filmed clips of people, with the figures of the files that came along."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.gallery.catalogue import FILMED, SOURCE
from app.networks import TAUGHT
from app.tour import people_steps
from app.tour.people import ACTIONS, NETWORKS, people
from app.tour.people_steps import NO, PEOPLE_STEPS, YES, steps
from app.tour.steps import STEPS
from app.views import learn_people
from maagn import checkpoint
from maagn.evaluate.intervals import Estimate, share
from maagn.evaluate.results import read_results
from maagn.figures.left_out import leanings
from maagn.teach.report import LEFT_OUT, read_teaching
from maagn.teach.report import TAUGHT as FIGURES
from tests.app.test_learn import ROOT, WAIT_SECONDS, settle

FOLDER = checkpoint.FOLDER / FILMED
RECORD = read_results(FOLDER / LEFT_OUT)
FIRST, LAST = len(STEPS) + 1, len(STEPS) + len(PEOPLE_STEPS)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=WAIT_SECONDS)
    app.run()
    app.switch_page(str(ROOT / "pages" / "learn.py"))
    return app


@pytest.fixture
def walking():
    return people()


def with_report(walking, **changes):
    return replace(walking, report=replace(walking.report, **changes))


def test_the_figures_are_those_of_the_left_out_predictions(walking):
    for kind, own in zip(NETWORKS, RECORD, strict=True):
        figures = walking.network(kind)
        assert own.model == figures.name
        assert figures.right == share(own.answer == own.truth)
        assert figures.reversed == share(own.reversed_answer == own.opposites[own.truth])
        ratios = walking.log_ratios(kind)
        assert np.array_equal(ratios, own.logits[:, 0] - own.logits[:, 1])
        assert list(walking.table()[kind]) == ratios.tolist()
    assert list(walking.table()["class"]) == [ACTIONS[n] for n in RECORD.predictions[0].truth]
    assert walking.report == read_teaching(FOLDER)


def test_tsn_gives_both_classes_the_same_and_is_at_chance(walking):
    assert np.abs(walking.log_ratios("TSN")).max() < 0.05
    finding = people_steps.left_out(walking)
    assert "TSN" not in finding.right
    assert f"TSN tells {walking.network('TSN').right.hits} of {len(RECORD.predictions[0])}" in (
        finding.words
    )
    assert "gives 50 % to Walking in" in finding.words


@pytest.mark.parametrize(
    ("lows", "right"),
    [
        ((0.6, 0.7, 0.51, 0.2), ("MAAGN", "TPN", "TSM")),
        ((0.6, 0.5, 0.4, 0.2), ("MAAGN",)),
        ((0.5, 0.5, 0.5, 0.5), ()),
    ],
)
def test_above_chance_are_those_whose_whole_interval_is(walking, lows, right):
    networks = tuple(
        replace(network, interval=Estimate(0.9, low, 1.0))
        for network, low in zip(walking.report.networks, lows, strict=True)
    )
    finding = people_steps.left_out(with_report(walking, networks=networks))
    assert finding.right == right
    assert f"**{', '.join(right) or 'none'}**" in finding.words


def test_chance_is_the_larger_class(walking):
    assert with_report(walking, clips=(3, 9)).chance == 0.75


def test_pictures_give_it_away_where_a_reader_is_better_than_chance(walking):
    leaks = walking.report.leaks
    finding = people_steps.given_away(walking)
    assert finding.right == ((YES,) if any(leak.tells for leak in leaks) else (NO,))
    for leak in leaks:
        assert f"{leak.right.hits} of {leak.right.trials}" in finding.words
    half = share(np.arange(12) % 2 == 0)
    silent = tuple(replace(leak, right=half) for leak in leaks)
    finding = people_steps.given_away(with_report(walking, leaks=silent))
    assert finding.right == (NO,)
    assert "TSN 6 of 12" in finding.words
    assert "seen from behind" not in finding.words
    one = (*silent[:-1], replace(silent[-1], right=share(np.ones(12, bool))))
    assert people_steps.given_away(with_report(walking, leaks=one)).right == (YES,)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path) -> Path:
    """The same networks and collection in another folder, to be changed."""
    for path in checkpoint.FOLDER.glob("*-demo.safetensors"):
        (tmp_path / path.name).symlink_to(path)
    shutil.copytree(FOLDER, tmp_path / FILMED)
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    return tmp_path / FILMED


def rewrite(folder: Path, change) -> None:
    path = folder / FIGURES
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


CHANGES = {
    "gone": shutil.rmtree,
    "no figures": lambda folder: (folder / FIGURES).unlink(),
    "damaged figures": lambda folder: (folder / FIGURES).write_text("{", "utf-8"),
    "no predictions": lambda folder: (folder / LEFT_OUT).unlink(),
    "damaged predictions": lambda folder: (folder / LEFT_OUT).write_bytes(b"no"),
    "no network": lambda folder: (folder / "walking-tsn.safetensors").unlink(),
    "another network": lambda folder: shutil.copy(
        folder / "walking-tsm.safetensors", folder / "walking-tsn.safetensors"
    ),
    "other classes": lambda folder: rewrite(
        folder, lambda content: content.update(labels=["Going up", "Going down"])
    ),
    "fewer networks": lambda folder: rewrite(folder, lambda content: content["networks"].pop()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_parts_that_are_missing_or_disagree_leave_the_steps_out(elsewhere, change):
    assert people() is not None
    change(elsewhere)
    assert people() is None
    assert steps(people()) == STEPS


def test_without_the_collection_the_tour_has_its_eleven_steps(app, elsewhere):
    shutil.rmtree(elsewhere)
    app.query_params["step"] = str(FIRST)
    assert f"The link asks for step '{FIRST}', but the tour has 11" in settle(app)
    assert "Step 1 of 11" in [bar.proto.text for bar in app.get("progress")]
    assert not [button for button in app.button if button.key == "tour-skip"]


def test_the_steps_on_people_can_be_skipped_to(app):
    settle(app)
    app.button(key="tour-skip").click()
    settle(app)
    assert app.query_params["step"] == str(FIRST)
    assert PEOPLE_STEPS[0].title in [x.value for x in app.subheader]
    assert "Taught weights, trained on 12 clips of walking" in app.info[0].value
    assert len(app.info) == 1
    app.button(key="tour-back").click()
    settle(app)
    assert STEPS[-1].title in [x.value for x in app.subheader]
    assert "Demonstration weights" in app.info[0].value


def captions(app: AppTest) -> str:
    return " ".join(x.value for x in app.caption)


def test_a_person_comes_in_and_the_same_frames_go_out(app):
    app.query_params["step"] = str(FIRST)
    before = settle(app)
    assert "was filmed as" not in before
    assert SOURCE in captions(app)
    app.radio(key=f"tour-one-{FIRST - 1}").set_value("Walking out")
    app.button(key=f"tour-show-{FIRST - 1}").click()
    after = settle(app)
    assert "✗ You said **Walking out**; computed: **Walking in**." in after
    assert "**As filmed**" in after
    assert "**The same frames, last first**" in after
    assert SOURCE in captions(app)
    app.button(key="tour-further").click()
    assert "True class: **Walking in**" in settle(app)
    assert app.selectbox(key="networks").value == f"{TAUGHT}: {FILMED}"
    assert app.query_params["clip"] == people().clip.link


def test_left_out_figures_are_shown_once_they_were_predicted(app, walking):
    app.query_params["step"] = str(FIRST + 1)
    settle(app)
    assert not app.dataframe
    for name in people_steps.left_out(walking).right:
        app.checkbox(key=f"{FIRST}-{name}").check()
    app.button(key=f"tour-show-{FIRST}").click()
    assert "✓ Right" in settle(app)
    shown = app.dataframe[0].value.set_index("network")
    assert list(shown.index) == list(NETWORKS)
    for kind, own in zip(NETWORKS, RECORD, strict=True):
        assert shown.loc[kind, "right"] == f"{(own.answer == own.truth).sum()} of {len(own)}"
        back = own.reversed_answer == own.opposites[own.truth]
        assert shown.loc[kind, "reversed"] == f"{back.sum()} of {len(own)}"
    assert SOURCE in captions(app)
    assert "filmed in one room" in captions(app)


def test_the_tour_ends_with_its_score_and_a_link_to_teach(app, walking):
    app.query_params["step"] = str(LAST)
    assert "seen from behind" not in settle(app)
    assert SOURCE in captions(app)
    (said,) = people_steps.given_away(walking).right
    app.radio(key=f"tour-one-{LAST - 1}").set_value(said)
    app.button(key=f"tour-show-{LAST - 1}").click()
    settle(app)
    shown = app.dataframe[0].value
    assert list(shown["right"]) == [
        f"{leak.right.hits} of {leak.right.trials}" for leak in walking.report.leaks
    ]
    assert "Teach them your own" in [link.proto.label for link in app.get("page_link")]
    assert app.metric[0].value == f"1 of {sum(step.scored for step in steps(walking))}"
    assert not [button for button in app.button if button.key == "tour-next"]


def test_the_lines_for_a_notebook_give_the_figures(capsys, walking):
    exec(compile(learn_people.people_code(), "<copied>", "exec"), {})
    printed = capsys.readouterr().out
    for network in walking.report.networks:
        assert f"{network.name} {network.right}" in printed
        assert f"{network.name} {network.reversed}" in printed
    for leak in walking.report.leaks:
        assert f"{leak.reader} {leak.right} {leak.chance}" in printed


def test_each_clip_has_a_mark_filled_by_its_class():
    truth = np.array([False, True, False])
    ratios = {"MAAGN": np.array([-2.0, 3.0, 0.5]), "TSN": np.zeros(3)}
    fig = leanings(ratios, truth, label="in <b>", opposite="out")
    one, two = fig.data
    assert list(one.x) == [3.0, -2.0, 0.5]  # those of the class first
    assert [colour == "rgba(0,0,0,0)" for colour in one.marker.color] == [False, True, True]
    assert len(set(two.y)) == 3  # none hides another
    assert max(one.y) < 0.5 < min(two.y)
    assert list(fig.layout.yaxis.ticktext) == ["MAAGN", "TSN"]
    assert "in &lt;b&gt;" in fig.layout.xaxis.title.text
