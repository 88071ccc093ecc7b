"""Each layout as it is published, with what goes wrong in real copies of it."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from app.gallery.catalogue import FOLDER
from maagn.cli import app
from maagn.config import SamplingSpec
from maagn.data.check import check
from maagn.data.mapping import relabelled
from maagn.data.open import layout_of, open_videos
from maagn.data.read import read_video
from maagn.errors import DatasetError, TooFewFrames, UnreadableClip
from maagn.labels import something_something_v2
from maagn.video.encode import write_mp4

CLIP = min(FOLDER.glob("*.mp4"))
SHARED = Path(__file__).parents[3] / "shared" / "clips" / "frames"


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def video(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CLIP, path)


def short_video(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mp4(path, np.zeros((3, 64, 64, 3), np.uint8), seconds=np.arange(3) / 10)


def pictures(folder, count, *, size=(40, 30), ending="jpg"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        grey = Image.new("RGB", size, (number * 10,) * 3)
        grey.save(folder / f"{number:05d}.{ending}", "JPEG", quality=95)


def found(folder, **options):
    return {(one.kind, one.id) for one in check(folder, **options)}


def test_something_v1(tmp_path):
    prefix = "something-something-v1-"
    put(tmp_path / f"{prefix}labels.csv", 'Holding something\r\nShowing "something", twice\r\n')
    rows = '100;Holding something\r\n7;Showing "something", twice\r\n\r\n8;Holding something\r\n'
    put(tmp_path / f"{prefix}train.csv", "\ufeff" + rows + "9;Holding something\r\n")
    put(tmp_path / f"{prefix}test.csv", "100\n")
    frames = tmp_path / "20bn-something-something-v1"
    pictures(frames / "100", 12)
    pictures(frames / "7", 3)
    (frames / "8").mkdir()
    assert layout_of(tmp_path) == "something-v1"
    videos = open_videos(tmp_path, split="train")
    assert [(one.id, one.label) for one in videos.videos] == [
        ("100", 0),
        ("7", 1),
        ("8", 0),
        ("9", 0),
    ]
    assert videos.labels[1] == 'Showing "something", twice'
    assert found(videos) == {("too short", "7"), ("too short", "8"), ("missing", "9")}
    clip = read_video(videos.videos[0], samplings=[SamplingSpec(4)])
    assert clip.frames[:, 0, 0, 0].tolist() == [20, 50, 80, 110]  # frames 2, 5, 8 and 11 of 12
    assert clip.seconds.tolist() == pytest.approx([1 / 12, 4 / 12, 7 / 12, 10 / 12])
    with pytest.raises(TooFewFrames, match="7 has 3 frames; 8 are needed"):
        read_video(videos.videos[1], samplings=[SamplingSpec(8)])
    assert open_videos(tmp_path, split="test").videos[0].label is None


def test_damaged_and_uneven_frames_are_named(tmp_path):
    pictures(tmp_path / "list" / "a", 8)
    put(tmp_path / "list" / "a" / "00003.jpg", "no picture")
    pictures(tmp_path / "list" / "b", 8)
    Image.new("RGB", (9, 9)).save(tmp_path / "list" / "b" / "00008.jpg")
    put(tmp_path / "list" / "val.txt", "a 8 0\nb 8 0\n")
    put(tmp_path / "list" / "labels.txt", "one\n")
    damaged, uneven = open_videos(tmp_path / "list" / "val.txt").videos
    with pytest.raises(UnreadableClip, match=r"a has a damaged frame, 00003\.jpg"):
        read_video(damaged, samplings=[SamplingSpec(8)])
    with pytest.raises(UnreadableClip, match="b has frames of several sizes"):
        read_video(uneven, samplings=[SamplingSpec(8)])


def test_something_v2(tmp_path):
    labels = {"Holding something": "0", 'Showing "something" to camera': "1"}
    put(tmp_path / "labels" / "labels.json", json.dumps(labels))
    rows = [
        {"id": "2", "label": 'holding 4" pipe', "template": "Holding [something]"},
        {
            "id": "5",
            "label": "x",
            "template": 'Showing "[something]" to camera',
            "placeholders": [],
        },
        {"id": "6", "label": "x", "template": "Holding [something]"},
        {"id": "7", "label": "x", "template": "Holding [something]"},
    ]
    put(tmp_path / "labels" / "validation.json", json.dumps(rows))
    put(tmp_path / "labels" / "test.json", '[{"id": "9"}]')
    folder = tmp_path / "20bn-something-something-v2"
    video(folder / "2.webm")
    put(folder / "5.webm", "")
    short_video(folder / "6.webm")
    video(folder / "11.webm")
    assert layout_of(tmp_path) == "something-v2"
    videos = open_videos(tmp_path)
    assert [one.label for one in videos.videos] == [0, 1, 0, 0]
    expected = {("unreadable", "5"), ("missing", "7")}
    assert found(videos) == {*expected, ("unlisted", "20bn-something-something-v2/11.webm")}
    assert ("too short", "6") in found(videos, read=True)
    assert open_videos(tmp_path, split="test").videos[0].label is None
    put(tmp_path / "labels" / "test-answers.csv", '9;Showing "something" to camera\n')
    assert open_videos(tmp_path, split="test").videos[0].label == 1


def test_kinetics(tmp_path):
    head = "label,youtube_id,time_start,time_end,split\r\n"
    rows = (
        '"petting animal (not cat)",-abc_DEF123,3,13,val\r\n'
        "abseiling,zzzzzzzzzzz,1,11,val\r\n"
        "abseiling,yyyyyyyyyyy,100,110,val\r\n"
        "abseiling,xxxxxxxxxxx,0,10,val\r\n"
    )
    put(tmp_path / "val.csv", head + rows)
    put(tmp_path / "train.csv", head + "zumba,ttttttttttt,0,10,train\n")
    video(tmp_path / "val" / "petting_animal (not cat)" / "-abc_DEF123_000003_000013.MP4")
    put(tmp_path / "val" / "abseiling" / "yyyyyyyyyyy_000100_000110.mp4", "")
    video(tmp_path / "val" / "zumba" / "xxxxxxxxxxx_000000_000010.mp4")
    assert layout_of(tmp_path) == "kinetics"
    videos = open_videos(tmp_path)
    assert videos.labels == ("abseiling", "petting animal (not cat)", "zumba")
    assert [one.label for one in videos.videos] == [1, 0, 0, 0]
    assert found(videos, read=True) == {
        ("missing", "zzzzzzzzzzz_000001_000011"),
        ("unreadable", "yyyyyyyyyyy_000100_000110"),
        ("mislabelled", "xxxxxxxxxxx_000000_000010"),
    }
    assert open_videos(tmp_path / "val.csv").videos == videos.videos
    with pytest.raises(DatasetError, match="no videos of the split test"):
        open_videos(tmp_path, split="test")


def test_frame_lists(tmp_path):
    lines = "my clips/a 12 1\r\nmy clips/b 20 0\r\n\r\nfilm one.mp4 1\r\nmy clips/c 1 9 0\r\n"
    put(tmp_path / "val.txt", lines)
    put(tmp_path / "classInd.txt", "1 Opening something\r\n2 Closing something\r\n")
    for name, count in (("a", 12), ("b", 9), ("c", 9)):
        pictures(tmp_path / "my clips" / name, count, ending="JPG")
    video(tmp_path / "film one.mp4")
    assert layout_of(tmp_path / "val.txt") == "frame-list"
    videos = open_videos(tmp_path / "val.txt")
    assert [(one.id, one.frames, one.label) for one in videos.videos] == [
        ("my clips/a", 12, 1),
        ("my clips/b", 20, 0),
        ("film one.mp4", None, 1),
        ("my clips/c", 9, 0),
    ]
    assert videos.labels == ("Opening something", "Closing something")
    assert found(videos, read=True) == {("missing", "my clips/b")}
    for one in videos.videos:
        assert len(read_video(one, samplings=[SamplingSpec(8)]).frames) == 8
    elsewhere = tmp_path / "elsewhere" / "list.txt"
    put(elsewhere, "a 12 0\n")
    with pytest.raises(DatasetError, match="--names FILE"):
        open_videos(elsewhere)
    named = tmp_path / "classInd.txt"
    moved = open_videos(elsewhere, labels=named, root=tmp_path / "my clips")
    assert moved.videos[0].path == tmp_path / "my clips" / "a"
    for bad, why in (("a twelve zero\n", "is not `path"), ("a 12 7\n", "class 7"), ("", "empty")):
        put(elsewhere, bad)
        with pytest.raises(DatasetError, match=why):
            open_videos(elsewhere, labels=named)
    put(elsewhere, "a 12 0\na 12 1\n")
    with pytest.raises(DatasetError, match="lists a twice"):
        open_videos(elsewhere, labels=named)


def test_class_folders(tmp_path):
    video(tmp_path / "val" / "opening" / "A.MP4")
    video(tmp_path / "val" / "opening" / ".hidden.mp4")
    video(tmp_path / "val" / "closing" / "b.WebM")
    short_video(tmp_path / "val" / "closing" / "c.mov")
    put(tmp_path / "val" / "closing" / "notes.txt", "no video")
    put(tmp_path / "val" / "papers" / "notes.txt", "no video")
    videos = open_videos(tmp_path)
    assert videos.layout == "class-folders"
    assert [(one.id, one.label) for one in videos.videos] == [
        ("closing/b.WebM", 0),
        ("closing/c.mov", 0),
        ("opening/A.MP4", 1),
    ]
    assert found(videos, read=True) == {("too short", "closing/c.mov")}


def test_the_shared_frames():
    if not SHARED.is_dir():
        pytest.skip("the shared clips are not beside this repository")
    videos = open_videos(SHARED / "annotations.txt", labels=_two_names())
    assert [one.frames for one in videos.videos] == [17, 18, 15, 15]
    assert {one.kind for one in check(videos, read=True)} == set()


def _two_names():
    path = Path(__file__).parent / "two_classes.txt"
    assert path.read_text(encoding="utf-8").splitlines() == ["jumping", "running"]
    return path


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "..", ".x", ""])
def test_identities_that_lead_elsewhere_are_refused(tmp_path, name):
    put(tmp_path / "labels" / "labels.json", '{"Holding something": 0}')
    rows = [{"id": name, "template": "Holding [something]"}]
    put(tmp_path / "labels" / "train.json", json.dumps(rows))
    with pytest.raises(DatasetError, match="no file can be called"):
        open_videos(tmp_path, split="train")


def test_classes_are_numbered_as_the_network_numbers_them(tmp_path):
    for name in ("opening something.", "Closing  [something]"):
        video(tmp_path / name / "a.mp4")
    videos = open_videos(tmp_path)
    labels = something_something_v2()
    mapped = relabelled(videos, labels)
    names = [labels[one.label] for one in mapped.videos]
    assert names == ["Closing something", "Opening something"]
    assert mapped.digest != videos.digest
    with pytest.raises(DatasetError, match=r"1 of the 2 classes .* 'opening something\.'"):
        relabelled(videos, ("Closing something", "Folding something"))


def test_what_is_no_set_is_named(tmp_path):
    with pytest.raises(DatasetError, match="There is no"):
        open_videos(tmp_path / "nothing")
    with pytest.raises(DatasetError, match="none of something-v1, something-v2"):
        open_videos(tmp_path)
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    put(tmp_path / "labels.txt", "one\n")
    with pytest.raises(DatasetError, match="no UTF-8 text"):
        open_videos(tmp_path / "list.txt")


def test_the_check_command_counts_lists_and_changes_nothing(tmp_path):
    folder = tmp_path / "set"
    video(folder / "Opening something" / "a.mp4")
    put(folder / "Opening something" / "b.mp4", "")
    video(folder / "Dancing" / "c.mp4")
    before = sorted(folder.rglob("*"))
    out = tmp_path / "found.csv"
    ran = CliRunner().invoke(
        app, ["data", "check", str(folder), "--model", "tsm-demo", "--out", str(out)]
    )
    assert ran.exit_code == 1
    assert out.read_text().splitlines() == [
        "kind,id,reason",
        "mislabelled,Dancing,The network has no class 'Dancing': 1 video.",
        "unreadable,Opening something/b.mp4,b.mp4 is empty.",
    ]
    assert sorted(folder.rglob("*")) == before
    shutil.rmtree(folder / "Dancing")
    (folder / "Opening something" / "b.mp4").unlink()
    assert CliRunner().invoke(app, ["data", "check", str(folder)]).exit_code == 0
    ran = CliRunner().invoke(app, ["data", "check", str(tmp_path / "nothing")])
    assert ran.exit_code == 2
