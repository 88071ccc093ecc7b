"""What the app is started with: `--clip` and `--folder`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import command_line
from app.controls import files_on_command_line
from app.errors import CommandLineError
from app.gallery.catalogue import FOLDER

ROOT = Path(__file__).parents[2]
CLIP = FOLDER / "06-opening-something-2.mp4"


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two clips among what a person's folder also holds."""
    for name in ("b.MP4", "a.mp4", "._a.mp4"):
        shutil.copy(CLIP, tmp_path / name)
    for name in ("notes.txt", ".DS_Store", "list.csv"):
        (tmp_path / name).touch()
    for name in ("deeper", "called.mp4"):
        (tmp_path / name).mkdir()
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "nowhere")
    return tmp_path


def test_a_folder_tells_what_it_holds_and_what_is_left_out(folder):
    assert command_line.check(["--", "--folder", str(folder)]) == [
        f"2 clips of {folder}; left out: 5 files of other kinds (.DS_Store, ._a.mp4, gone.mp4, "
        "...) and 2 folders (called.mp4, deeper)."
    ]
    clips, told = command_line.found(["--folder", str(folder)])
    assert [clip.name for clip in clips] == ["a.mp4", "b.MP4"]
    assert told == "2 clips of the folder; left out: 5 files of other kinds and 2 folders."


def test_files_and_folders_may_be_given_again(folder):
    clips, _ = command_line.found(["--clip", str(CLIP), "--folder", str(folder), "--clip", "x.mp4"])
    assert [clip.name for clip in clips] == [CLIP.name, "x.mp4", "a.mp4", "b.MP4"]


EMPTY, NESTED, PICTURES = "empty", "nested", "pictures"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--folder", "nowhere"], "There is no folder nowhere: check its name."),
        (["--folder", EMPTY], "empty holds nothing: give a folder with videos."),
        (["--folder", NESTED], "nested holds no clips, only 1 folder (walks): give one of its"),
        (
            ["--folder", PICTURES],
            "a folder with one picture per frame is one clip, give it to --clip",
        ),
        (["--folder", "a.mp4"], "a.mp4 is no folder: give a file to --clip."),
        (["--clip", "nowhere.mp4"], "There is no file nowhere.mp4: check its name and folder."),
        (["--clip=-x.mp4"], "There is no file -x.mp4: check its name and folder."),
        (["--clip", NESTED], "nested is a folder without pictures: give a video file to --clip"),
        (["--folder"], "Argument --folder: expected one argument."),
        (["--folde", "x"], "There is no option --folde: after -- give --clip FILE, --folder"),
    ],
)
def test_what_is_not_there_is_one_sentence(folder, monkeypatch, given, says):
    (folder / EMPTY).mkdir()
    (folder / NESTED / "walks").mkdir(parents=True)
    shutil.copy(CLIP, folder / NESTED / "walks")
    (folder / PICTURES).mkdir()
    (folder / PICTURES / "00001.jpg").touch()
    monkeypatch.chdir(folder)
    with pytest.raises(CommandLineError, match=r"^[^\n]+$") as error:
        command_line.check(["--", *given])
    assert says in str(error.value)


def test_a_clip_and_a_folder_of_pictures_are_opened(folder):
    (folder / PICTURES).mkdir()
    (folder / PICTURES / "00001.jpg").touch()
    assert command_line.check(["--", "--clip", str(folder / PICTURES), "--clip", str(CLIP)]) == []


@pytest.mark.parametrize("dashes", [["--"], []])
@pytest.mark.parametrize("given", [["--folder", "nowhere"], ["--clip", "nowhere.mp4"]])
def test_the_server_does_not_start_without_them(tmp_path, dashes, given):
    said = subprocess.run(
        [sys.executable, "-m", "app", "--server.port", "0", *dashes, *given],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.count("\n") == 1
    assert f"There is no {given[0][2:].replace('clip', 'file')} nowhere" in said.stderr


def test_the_page_offers_the_clips_and_tells_what_is_left_out(folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["main.py", "--folder", str(folder)])
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.run()
    assert not app.exception
    (own,) = [box for box in app.selectbox if box.label == "Of your own clips"]
    assert own.options == ["1. a.mp4", "2. b.MP4"]
    captions = [caption.value for caption in app.sidebar.caption]
    told = "2 clips of the folder; left out: 5 files of other kinds and 2 folders."
    assert told in captions
    assert not any(str(folder) in caption for caption in captions)


def test_a_folder_that_goes_while_the_app_runs_is_told_and_its_clips_go(folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["main.py", "--folder", str(folder / "deeper")])
    (folder / "deeper").rmdir()
    assert files_on_command_line() == ()
    assert command_line.found()[1] == (
        "The folder that the explorer was started with cannot be read."
    )
