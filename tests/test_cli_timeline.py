"""`maagn timeline`: its files, what it prints, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.video.encode import write_mp4
from tests.tiny import BASELINES, LABELS, save_tiny, square_frames


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("given")


@pytest.fixture(scope="module")
def film(folder):
    path = folder / "square.mp4"
    write_mp4(path, np.concatenate([square_frames(30)] * 4), seconds=np.arange(120) / 20)
    return path


@pytest.fixture(scope="module")
def networks(folder):
    opening = save_tiny(folder / "opens.safetensors", spec=BASELINES["tsn"], always=0)
    return [opening, save_tiny(folder / "tiny-tsm.safetensors", spec=BASELINES["tsm"])]


def timeline(film, *words):
    return CliRunner().invoke(app, ["timeline", *map(str, words), "--", str(film)])


def test_timeline_writes_its_files(film, networks, tmp_path):
    out = tmp_path / "new" / "out"
    given = [word for path in networks for word in ("--model", path)]
    done = timeline(film, *given, "--window", 2, "--step", 1, "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "timeline-opens.vtt",
        "timeline-tiny-tsm.vtt",
        "timeline.csv",
        "timeline.json",
    ]
    said = json.loads((out / "timeline.json").read_text())
    assert said["schema"] == "maagn-timeline-1"
    assert said["complete"]
    starts = said["windows"]["start"]
    assert starts == pytest.approx([0, 1, 2, 3, 4], abs=0.03)
    opens, tsm = said["models"]
    assert {one["label"] for one in opens["segments"]} == {LABELS[0]}
    assert np.shape(tsm["probabilities"]) == (5, len(LABELS))
    table = pd.read_csv(out / "timeline.csv")
    assert table["model"].tolist() == ["opens"] * 5 + ["tiny-tsm"] * 5
    assert table["answer_1"][0] == LABELS[0]
    assert (
        "00:00:00.000 --> 00:00:06.000\nOpening something ("
        in (out / "timeline-opens.vtt").read_text()
    )
    assert "0.00 to 6.00 s" in done.output
    assert "5 windows of 2.00 s over 6.00 s" in done.output


def test_timeline_prints_without_writing(film, networks):
    done = timeline(film, "--model", networks[0])
    assert done.exit_code == 0, done.output
    assert "Opening something" in done.output
    assert "Written" not in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--window", 0.1], "needs 8: choose a longer window."),
        (["--window", -1], "A window must last more than 0 s"),
        (["--step", 5, "--window", 2], "would not be seen"),
        (["--model", "none-such"], "none-such"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(film, networks, words, said):
    done = timeline(film, "--model", networks[0], *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_a_film_that_is_not_there_is_refused(networks, tmp_path):
    done = timeline(tmp_path / "none.mp4", "--model", networks[0])
    assert done.exit_code == 2
    assert "There is no file none.mp4" in done.stderr
