"""`maagn data measure` and what is registered with a set to slice by."""

import numpy as np
import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.data import registry
from maagn.data.measures import read_measures
from maagn.video.encode import write_mp4
from tests.tiny import square_frames


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A set of two classes, with a clip that cannot be read."""
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "datasets")
    for name in ("in/a.mp4", "out/b.mp4"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True)
        write_mp4(path, square_frames(16), seconds=np.arange(16) / 8)
    (tmp_path / "set" / "out" / "c.mp4").write_bytes(b"\0\0\0 ftypno")
    return tmp_path / "set"


def command(*words):
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "200"})


def test_a_folder_is_measured_into_a_file(data, tmp_path):
    out = tmp_path / "m.parquet"
    ran = command("data", "measure", data, "--out", out)
    assert ran.exit_code == 0, ran.output
    assert "2 of 3 videos were measured." in ran.stdout
    assert "out/c.mp4: " in ran.stdout
    duration = next(line for line in ran.stdout.splitlines() if "duration" in line)
    assert [word for word in duration.split() if word.isalnum()] == ["duration", "2", "2", "2", "s"]
    assert list(read_measures(out).path) == ["in/a.mp4", "out/b.mp4", "out/c.mp4"]


def test_a_registered_set_keeps_its_measures_and_columns(data, tmp_path):
    (tmp_path / "mine.csv").write_text("clip,place\na.mp4,hall\nz.mp4,hall\n")
    ran = command("data", "register", data, "--name", "mine", "--slices", tmp_path / "mine.csv")
    assert ran.exit_code == 0, ran.output
    assert "mine.csv: 1 columns of 1 clips; 2 clips are not in it, and 1 of its lines" in ran.stdout
    assert command("data", "measure", "mine").exit_code == 0
    kept = registry.find("mine")
    assert len(read_measures(kept.measures)) == 3
    assert command("data", "register", data, "--name", "mine").exit_code == 0
    assert len(read_measures(kept.measures)) == 3
    assert not kept.columns.exists()


def test_what_is_neither_a_path_nor_registered_is_named(data):
    ran = command("data", "measure", "nothing")
    assert ran.exit_code == 2
    assert "There is no data set 'nothing'" in ran.stderr
    assert command("data", "measure", data).exit_code == 2  # nowhere to write to
