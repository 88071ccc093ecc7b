"""Videos of a set lie in its folder: links out of it, pipes and devices are refused by name."""

import os
import shutil

import pytest
from typer.testing import CliRunner

from app import cache, dataset_links
from app.gallery.catalogue import FOLDER
from app.views import data as view
from maagn.cli import app as command
from maagn.config import SamplingSpec
from maagn.data import registry
from maagn.data.check import check
from maagn.data.index import Index
from maagn.data.open import open_videos
from maagn.data.read import read_video
from maagn.errors import ClipError, UnreadableClip

CLIP = FOLDER / "06-opening-something-2.mp4"
EIGHT = [SamplingSpec(8)]
NAMES = {
    "Opening something/a-inside.mp4": None,
    "Opening something/b-link-inside.mp4": None,
    "Opening something/c-link-outside.mp4": "leads out of the folder",
    "Opening something/d-link-up.mp4": "leads out of the folder",
    "Opening something/e-loop.mp4": "Too many levels",
    "Opening something/f-pipe.mp4": "is not a regular file",
    "Opening something/g-device.mp4": "leads out of the folder",
    "Closing something/h-linked-class.mp4": "leads out of the folder",
}


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A registered set whose videos were replaced after it was registered."""
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "sets")
    folder, outside = tmp_path / "videos", tmp_path / "outside"
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CLIP, folder / name)
    found = registry.register(open_videos(folder), name="set")
    outside.mkdir()
    shutil.copy(CLIP, outside / "h-linked-class.mp4")
    for name in list(NAMES)[1:]:
        (folder / name).unlink()
    (folder / "Opening something/b-link-inside.mp4").symlink_to("a-inside.mp4")
    (folder / "Opening something/c-link-outside.mp4").symlink_to(outside / "h-linked-class.mp4")
    (folder / "Opening something/d-link-up.mp4").symlink_to("../../outside/h-linked-class.mp4")
    (folder / "Opening something/e-loop.mp4").symlink_to("e-loop.mp4")
    os.mkfifo(folder / "Opening something/f-pipe.mp4")
    (folder / "Opening something/g-device.mp4").symlink_to("/dev/zero")
    (folder / "Closing something").rmdir()
    (folder / "Closing something").symlink_to(outside)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_registered_video_is_opened_in_its_folder_alone(data, name):
    video = Index(data).video(name)
    assert video is not None
    choice = dataset_links.linked(f"data/{data.name}/{name}")
    assert choice is not None
    if NAMES[name] is None:
        assert len(read_video(video, samplings=EIGHT).frames) == 8
        assert len(cache.clip(choice, ("tsn-demo",)).frames) == 8
    else:
        with pytest.raises(ClipError, match=NAMES[name]):
            read_video(video, samplings=EIGHT)
        with pytest.raises(ClipError, match=NAMES[name]):
            cache.clip(choice, ("tsn-demo",))


def test_pictures_for_browsing_are_of_videos_in_the_folder_alone(data):
    view._STILLS.clear()
    videos = [video for name in NAMES if (video := Index(data).video(name)) is not None]
    made = dict(view.pictures(videos))
    assert [made[place] is not None for place in range(len(NAMES))] == [
        reason is None for reason in NAMES.values()
    ]
    assert dict(view.pictures(videos)) == made


def test_the_folder_itself_may_be_a_link(data, tmp_path):
    (tmp_path / "elsewhere").symlink_to(data.folder)
    found = registry.register(open_videos(tmp_path / "elsewhere"), name="linked")
    video = Index(found).video("Opening something/a-inside.mp4")
    assert video is not None
    assert len(read_video(video, samplings=EIGHT).frames) == 8


def test_the_check_and_the_command_line_name_them(data, tmp_path):
    found = {one.id: one.reason for one in check(open_videos(data.folder), read=True)}
    assert "leads out of the folder" in found["Opening something/c-link-outside.mp4"]
    out = tmp_path / "out"
    ran = CliRunner().invoke(
        command,
        ["evaluate", "--data", str(data.folder), "--model", "tsn-demo", "--out", str(out)],
        env={"COLUMNS": "400"},
    )
    assert ran.exit_code == 0, ran.output
    assert "leads out of the folder" in ran.output


def test_frames_lie_in_the_folder_too(tmp_path):
    from PIL import Image

    folder, outside = tmp_path / "frames" / "one", tmp_path / "secret.jpg"
    folder.mkdir(parents=True)
    for place in range(8):
        Image.new("RGB", (32, 24), (place, 0, 0)).save(folder / f"{place}.jpg")
    shutil.copy(folder / "0.jpg", outside)
    (tmp_path / "frames" / "list.txt").write_text("one 0\n")
    (tmp_path / "frames" / "labels.txt").write_text("a\n")
    (video,) = open_videos(tmp_path / "frames" / "list.txt").videos
    assert len(read_video(video, samplings=EIGHT).frames) == 8
    for replace in (lambda path: path.symlink_to(outside), os.mkfifo):
        (folder / "4.jpg").unlink()
        replace(folder / "4.jpg")
        with pytest.raises(UnreadableClip, match=r"one .*4\.jpg"):
            read_video(video, samplings=EIGHT)
        assert dict(view.pictures([video])) == {0: None}
