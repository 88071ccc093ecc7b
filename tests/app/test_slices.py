"""Slices of a person's own clips: by what is measured, by folder, by columns of a CSV."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from app import left_out, runs
from app.views import slice_factors
from app.work import QUEUE
from maagn import checkpoint
from maagn.data import registry
from maagn.data.measures import read_measures
from maagn.data.open import open_videos
from maagn.evaluate import runner
from maagn.evaluate.results import Origin, Results, write_results
from maagn.teach.report import LEFT_OUT
from maagn.video.encode import write_mp4
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text, settle
from tests.app.test_recorded import opened
from tests.evaluate.made import answered
from tests.tiny import SPEC, square_frames

LABELS = ("Walking in", "Walking out")
CLIPS = tuple(f"{'in' if n % 2 == 0 else 'out'}/{n}.mp4" for n in range(20))
WRONG = range(0, 8)  # the short clips
MEASURE = "Measure the clips"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    """Twenty clips, of which a network errs about the eight that are short."""
    networks = tmp_path / "networks"
    networks.mkdir()
    save_own(networks / "walk.safetensors", SPEC, LABELS)
    monkeypatch.setattr(checkpoint, "FOLDER", networks)
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "datasets")
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    walking = tmp_path / "walking"
    for number, name in enumerate(CLIPS):
        frames = square_frames(number + (8 if number in WRONG else 18))
        (walking / name).parent.mkdir(parents=True, exist_ok=True)
        write_mp4(walking / name, frames, seconds=np.arange(len(frames)) / 10)
    truth = [number % 2 for number in range(20)]
    answers = [1 - label if n in WRONG else label for n, label in enumerate(truth)]
    predictions = answered(
        truth, answers, model="walk", split="left out", labels=LABELS, opposites=[1, 0]
    )
    digests = {"walk": checkpoint.load_card("walk").digest}
    write_results(walking / LEFT_OUT, Results((predictions,), Origin(digests, clips=CLIPS)))
    for module in (runs, left_out):
        monkeypatch.setattr(module, "results_folders", lambda: (walking,))
    return walking


def view():
    app = settle(opened("errors", view="Slices"))
    assert not app.error
    return app


def press(app, label: str):
    next(button for button in app.button if button.label == label).click()
    return settle(app)


def labels(app) -> list[str]:
    return [button.label for button in app.button]


def test_clips_are_measured_on_demand_and_kept(folder):
    app = view()
    assert "20 of 20 clips have not been measured yet" in page_text(app)
    app = press(app, MEASURE)
    assert not app.error
    assert MEASURE not in labels(app)
    assert len(read_measures(folder / "measures.parquet")) == 20
    short = next(one for one in app.selectbox(key="slice").options if one.startswith("duration < "))
    assert short.endswith(" s")
    app.selectbox(key="slice").select(short)
    text = page_text(settle(app))
    assert "100.0 % wrong of 5 clips" in text
    assert "Wrong clips of the slice: " in text


def test_measuring_takes_turns_with_other_work(folder, monkeypatch):
    monkeypatch.setattr(slice_factors, "_TURN_SECONDS", 0.0)
    asked = []
    real = QUEUE.ask
    monkeypatch.setattr(
        QUEUE, "ask", lambda key, *rest, **more: asked.append(key) or real(key, *rest, **more)
    )
    press(view(), MEASURE)
    assert len(read_measures(folder / "measures.parquet")) == 20
    assert sum(key[0] == "measure" for key in asked if isinstance(key, tuple)) >= 2


def test_a_clip_that_cannot_be_read_is_named_and_not_asked_for_again(folder):
    (folder / CLIPS[3]).write_bytes(b"\0\0\0 ftypno")
    app = press(view(), MEASURE)
    assert MEASURE not in labels(app)
    assert "1 of these clips cannot be measured" in page_text(app)


def test_measures_and_columns_of_a_registered_set_are_taken(folder):
    (folder / "mine.csv").write_text(
        "file,room,duration\n" + "".join(f"{name},{'hall' if n in WRONG else 'yard'},9\n"
                                         for n, name in enumerate(CLIPS))
    )  # fmt: skip
    listed = open_videos(folder, layout="class-folders")
    kept = registry.register(listed, name="walking", columns=folder / "mine.csv")
    slice_factors.measured(listed.videos, kept.measures)
    app = view()
    assert MEASURE not in labels(app)
    assert any("room = hall" in option for option in app.selectbox(key="slice").options)
    assert "duration (CSV)" not in app.selectbox(key="slice_factor").options  # the same everywhere
    app.selectbox(key="slice_factor").select("room")
    settle(app)
    app.multiselect(key="slice-room").select("yard")
    text = page_text(settle(app))
    assert "**room = yard**: 0.0 % wrong of 12 clips" in text


def test_the_folder_is_a_factor_before_anything_is_measured():
    app = view()
    assert app.selectbox(key="slice_factor").options == ["nothing more", "folder"]


def test_a_range_is_chosen_with_its_unit():
    app = press(view(), MEASURE)
    app.selectbox(key="slice_factor").select("duration")
    slider = settle(app).slider(key="slice-duration")
    assert slider.label == "duration (s)"
    slider.set_range(slider.min, 2.0)
    text = page_text(settle(app)).replace("\\", "")
    assert "**duration < 2 s**: 100.0 % wrong of 8 clips" in text


def test_a_csv_of_the_visitors_own_is_joined_or_refused_by_name(monkeypatch):
    lines = [f"{n},{'hall' if n in WRONG else 'yard'}\n" for n in range(12)]
    own = BytesIO(("clip,room\n" + "".join(lines)).encode())
    own.name = "mine.csv"
    monkeypatch.setattr(
        "streamlit.file_uploader", lambda *_, key, **__: own if key == "slice-columns" else None
    )
    app = view()
    assert "mine.csv has no line of 8 of 20 clips" in page_text(app)
    assert any("room = hall" in one for one in app.selectbox(key="slice").options)
    own = BytesIO(b"clip,room\n1,hall\n1,yard\n")
    own.name = "mine.csv"
    app = settle(opened("errors", view="Slices"))
    assert "'1' in line 3 again, after line 2" in app.error[0].value
