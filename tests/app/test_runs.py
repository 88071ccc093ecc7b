"""A run of the command line is chosen once, and pages speak of it and of nothing else."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from app import cache, controls, runs
from app.networks import DEMONSTRATION, groups
from app.runs import BENCHMARK
from app.views.recorded import Source, of_run
from maagn import checkpoint
from maagn.cli import app as commands
from maagn.data.measures import read_measures
from maagn.data.videos import Video, VideoSet
from maagn.evaluate import runner
from maagn.evaluate import runs as stored
from maagn.evaluate.compare import by_pair, gains, overall, table
from maagn.evaluate.metrics import confused_pairs
from maagn.evaluate.neighbours import reduce_features
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.runs import read_run
from maagn.evaluate.store import ANSWERS, SOURCE
from maagn.evaluate.stored_features import read_features
from maagn.video.encode import write_mp4
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text, settle
from tests.app.test_notebook import run
from tests.tiny import BASELINES, SPEC, square_frames

ROOT = Path(__file__).parents[2]
LABELS = ("Opening something", "Closing something", "Folding something")
CLIPS = 9


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> VideoSet:
    """Nine short clips of three classes, of which two are opposites."""
    folder = tmp_path_factory.mktemp("data") / "doors"
    (folder / "deep").mkdir(parents=True)
    rows = []
    for number in range(CLIPS):
        path = folder / "deep" / f"clip {number}.mp4"
        frames = square_frames().copy()
        frames[:, 32:] = 25 * number
        write_mp4(path, frames, seconds=np.arange(len(frames)) / 10)
        rows.append(Video(f"clip {number}", path, number % 3, root=folder))
    return VideoSet("doors", "class-folders", folder, "val", LABELS, tuple(rows))


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path, videos) -> Path:
    """Two networks evaluated together, another of the same classes in a run of its own."""
    networks = tmp_path / "networks"
    networks.mkdir()
    kinds = {"door-maagn": SPEC, "door-tsn": BASELINES["tsn"], "late-tsm": BASELINES["tsm"]}
    for name, spec in kinds.items():
        save_own(networks / f"{name}.safetensors", spec, LABELS)
    for path in checkpoint.FOLDER.glob("*-demo.safetensors"):
        (networks / path.name).symlink_to(path)
    monkeypatch.setattr(checkpoint, "FOLDER", networks)
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "runs" / "evaluations")
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "runs")
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    evaluate(tmp_path / "runs" / "mine" / "first", videos, "door-maagn", "door-tsn")
    few = replace(videos, videos=videos.videos[:6])
    evaluate(tmp_path / "runs" / "later", few, "late-tsm")
    return tmp_path


def evaluate(out: Path, videos: VideoSet, *names: str, features: bool = False) -> None:
    models = [cache.model(name) for name in names]
    plan = Plan.of(models, videos, features=features)
    runner.run(out, plan, videos, PredictionRows(plan, models))


def opened(page: str, **link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    for key, value in link.items():
        app.query_params[key] = value
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    app = settle(app)
    assert not app.exception
    return app


def test_all_are_offered_under_their_folders_names():
    there = runs.choices()
    assert list(there)[:3] == [BENCHMARK, "later", "mine/first"]
    assert there["later"].about == "late-tsm; 6 clips of doors, val"
    app = opened("compare")
    shown = next(one for one in app.sidebar.selectbox if one.label == "Predictions on record")
    assert shown.value == controls.AUTOMATIC
    assert "mine/first" in shown.options


def test_compare_shows_the_run_and_its_figures(folder):
    app = opened("compare", run="mine/first")
    assert app.header[0].value == "Where does MAAGN beat TSN?"
    text = page_text(app)
    assert "9 clips of doors, val" in text
    results = read_run(folder / "runs" / "mine" / "first")
    found = overall(*results.predictions)
    assert f"**{100 * found.gain.value:+.1f} percentage points**" in text
    assert f"of {CLIPS} val clips" in text


@pytest.mark.parametrize("view", ["Pairs", "Matrix", "Wrong clips"])
def test_errors_shows_clips_of_the_set_itself(view):
    app = opened("errors", run="mine/first", view=view, cell="0-0")
    text = page_text(app)
    assert "9 clips of doors, val" in text
    assert not app.error
    options = next(one for one in app.main.selectbox if one.label == "Network").options
    assert list(options) == ["door-maagn", "door-tsn"]


def test_a_clip_of_a_run_is_opened_by_its_link(folder, videos):
    run = runs.choices()["mine/first"]
    choice = run.clip(run.results(), 1, 4)
    assert choice.path == videos.videos[4].path
    assert (choice.label, choice.root) == (LABELS[1], videos.folder)
    assert controls.linked(choice.link) == choice
    app = opened("explore", clip=choice.link)
    assert not app.error
    for wrong in ("run/mine%2Ffirst/deep/none.mp4", "run/none/deep/clip 4.mp4", "run/", "run"):
        assert controls.linked(wrong) is None
    (folder / "runs" / "mine" / "first" / SOURCE).unlink()
    assert not run.clip(read_run(run.path), 1, 4).path.exists()


def test_networks_of_two_runs_meet_on_their_common_clips():
    app = opened("compare", run="later", b="door-maagn, of mine/first")
    assert app.header[0].value == "Where does TSM beat door-maagn, of mine/first?"
    assert "Both networks have seen 6 of these 6 clips." in page_text(app)
    app = opened("compare", run="mine/first", b="late-tsm, of later")
    assert "Both networks have seen 6 of these 9 clips." in page_text(app)


def test_where_two_runs_have_no_clip_in_common_the_page_says_so(folder, videos):
    others = replace(videos, videos=videos.videos[6:])
    evaluate(folder / "runs" / "others", others, "door-tsn")
    app = opened("compare", run="later", b="door-tsn, of others")
    assert "have no clip in common" in app.error[0].value


def test_one_network_alone_has_nothing_to_be_compared_with(folder):
    for name in ("mine",):
        (folder / "runs" / name).rename(folder / "elsewhere")
    app = opened("compare", run="later")
    assert any("A comparison needs two networks" in one.value for one in app.info)


def test_an_unknown_run_of_a_link_is_named():
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.query_params["run"] = "no such run"
    app.switch_page(str(ROOT / "pages" / "errors.py")).run()
    assert any("'no such run' of this link is unknown" in one.value for one in app.warning)


def test_networks_that_are_gone_keep_the_names_of_the_run(folder):
    (folder / "networks" / "door-tsn.safetensors").unlink()
    run = runs.choices()["mine/first"]
    found = of_run(run, groups()[DEMONSTRATION])
    assert found.results.models == ("door-maagn", "door-tsn")
    assert [found.kind(name) for name in found.results.models] == ["MAAGN", None]
    assert found.readers == ("door-maagn",)
    assert found.sources["door-tsn"] == Source("door-tsn", run.path)
    app = opened("compare", run="mine/first")
    assert app.header[0].value == "Where does MAAGN beat door-tsn?"


def test_a_network_under_another_name_is_known_by_its_digest(folder):
    networks = folder / "networks"
    (networks / "door-tsn.safetensors").rename(networks / "renamed.safetensors")
    found = of_run(runs.choices()["mine/first"], ())
    assert found.results.models == ("door-maagn", "renamed")
    assert found.sources["renamed"].model == "door-tsn"


def test_the_lines_for_a_notebook_read_the_run(capsys):
    for page, link in (
        ("compare", {}),
        ("compare", {"b": "late-tsm, of later"}),
        ("errors", {}),
    ):
        code = opened(page, run="mine/first", **link).code[-1].value
        exec(compile(code, page, "exec"), {})
    assert "PairConfusion" not in capsys.readouterr().err


def test_the_page_the_command_line_and_python_give_the_same_figures(folder):
    """To the digits that each of them shows."""
    path = folder / "runs" / "mine" / "first"
    asked = CliRunner().invoke(commands, ["compare", str(path), "--json"])
    assert asked.exit_code == 0, asked.output
    told = json.loads(asked.stdout)
    results = read_run(path)
    found = overall(*results.predictions)
    assert told["overall"] == {
        "first": asdict(found.first),
        "second": asdict(found.second),
        "gain": asdict(found.gain),
        "test": asdict(found.test),
    }
    rows = table(pair for pair in by_pair(*results.predictions) if pair.first.trials)
    assert told["pairs"] == rows.to_dict("records")
    classes = table(gains(*results.predictions))
    assert told["classes"] == classes.to_dict("records")
    app = opened("compare", run="mine/first")
    text = page_text(app)
    for name, one in (("MAAGN", found.first), ("TSN", found.second)):
        assert f"**{name}** is right on **{100 * one.value:.1f} %** of 9 val clips" in text
        assert f"(95 % interval {100 * one.low:.1f} to {100 * one.high:.1f} %)" in text
    alone = f"MAAGN alone is right on {found.test.first} clips, TSN alone on {found.test.second}"
    assert alone in text
    shown = next(one.value for one in app.dataframe if "pair of opposites" in one.value)
    assert shown["p"].tolist() == rows["p"].tolist()
    assert shown["n"].tolist() == rows["clips"].tolist()
    asked = CliRunner().invoke(commands, ["confused", str(path), "--model", "door-tsn", "--json"])
    (listed,) = json.loads(asked.stdout)
    pairs = confused_pairs(results.of("door-tsn"))
    assert [one["opposite"] for one in listed["opposites"]] == [
        asdict(one.opposite) for one in pairs
    ]
    errors = opened("errors", run="mine/first", m="door-tsn", view="Pairs")
    shown = next(one.value for one in errors.dataframe if "preferred" in one.value)
    assert shown["clips"].tolist() == [pair.clips for pair in pairs]
    assert shown["opposite"].tolist() == [f"{100 * pair.opposite.value:.1f} %" for pair in pairs]


def test_titles_with_signs_go_through_an_address(folder):
    (folder / "runs" / "later").rename(folder / "runs" / "50 % & more?")
    choice = runs.choices()["50 % & more?"]
    link = choice.clip(choice.results(), 0, 0).link
    assert link.startswith(f"run/{quote('50 % & more?', safe='')}/")
    assert controls.linked(link).path.exists()


def test_the_clips_of_a_run_are_measured_into_its_folder(folder):
    app = opened("errors", run="mine/first", view="Slices")
    next(button for button in app.button if button.label == "Measure the clips").click()
    app = settle(app)
    assert not app.error
    measures = read_measures(folder / "runs" / "mine" / "first" / "measures.parquet")
    assert list(measures.path) == [f"deep/clip {number}.mp4" for number in range(CLIPS)]
    assert measures.brightness.is_monotonic_increasing
    assert "brightness" in app.selectbox(key="slice_factor").options
    assert read_run(folder / "runs" / "mine" / "first").models == ("door-maagn", "door-tsn")


@pytest.mark.parametrize("features", [False, True])
def test_neighbours_are_those_of_the_run(folder, videos, features):
    """The page says what its map is made of, and its lines give the same map."""
    out = folder / "runs" / "near"
    evaluate(out, videos, "door-maagn", "door-tsn", features=features)
    app = opened("errors", run="near", view="Neighbours", m="door-tsn", near="4")
    assert not app.error
    text = page_text(app)
    assert "Chosen: clip 4: 1 clip" in text
    assert f"Its nearest neighbours: {CLIPS - 1} clips" in text
    assert ("There are no features of these clips" in text) is not features
    commands = [block.value for block in app.code if block.language == "bash"]
    assert any(command.endswith(" --features") for command in commands) is not features
    results = read_run(out)
    read = results.of("door-tsn").logits
    if features:
        read = read_features(out / ANSWERS, "door-tsn", results.of("door-tsn").clip)
    (code,) = [block.value for block in app.code if block.language == "python"]
    names = run(code, folder)
    assert np.array_equal(names["reduced"].plane, reduce_features(read).plane)


@pytest.mark.parametrize("page", ["compare", "errors"])
def test_the_banner_and_the_report_are_about_the_networks_of_the_run(page):
    """Not about those of the sidebar, which know other classes."""
    app = opened(page, run="mine/first")
    assert "3 classes" in app.info[0].value
    facts = app.session_state["sheet"].facts
    assert [one.checkpoint for one in facts.networks] == ["door-maagn", "door-tsn"]


def test_weights_of_the_run_that_are_not_here_are_named(folder):
    (folder / "networks" / "door-tsn.safetensors").unlink()
    for page in ("compare", "errors"):
        assert "The weights of door-tsn are not here." in page_text(opened(page, run="mine/first"))


def test_networks_of_two_runs_are_both_in_the_banner():
    app = opened("compare", run="later", b="door-maagn, of mine/first")
    facts = app.session_state["sheet"].facts
    assert [one.checkpoint for one in facts.networks] == ["late-tsm", "door-maagn"]


def test_networks_are_chosen_for_a_clip_that_those_at_hand_do_not_know(folder, videos):
    labels = ("Going in", "Going out", "Staying")
    save_own(folder / "networks" / "in-tsn.safetensors", BASELINES["tsn"], labels)
    evaluate(folder / "runs" / "in", replace(videos, labels=labels), "in-tsn")
    run = runs.choices()["in"]
    link = run.clip(run.results(), 1, 4).link
    for asked, networks in (({}, "in-tsn"), ({"networks": DEMONSTRATION}, DEMONSTRATION)):
        app = opened("explore", clip=link, **asked)
        shown = next(one for one in app.selectbox if one.label == "Class set").value
        assert networks in shown


def test_one_clip_without_a_prediction_is_counted_in_words(folder, videos):
    gone = Video("gone", videos.folder / "gone.mp4", 0, root=videos.folder)
    with_it = replace(videos, videos=(*videos.videos, gone))
    evaluate(folder / "runs" / "most", with_it, "door-maagn", "door-tsn")
    text = page_text(opened("compare", run="most"))
    assert "9 clips of doors, val. 1 more has no class or no prediction." in text
