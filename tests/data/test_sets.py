"""Sets of videos as they lie on people's disks: older names, other folders, no lists."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.config import SamplingSpec
from maagn.data.check import check
from maagn.data.index import Index
from maagn.data.open import layout_of, open_videos
from maagn.data.read import read_video
from maagn.data.registry import find, register
from maagn.errors import DatasetError
from tests.data.test_layouts import pictures, put, video

CASES = Path(__file__).parents[3] / "shared" / "cases"
V2 = "something-something-v2-"
CLASSES = {"Closing something": "0", "Opening something": "1"}


def kinds(videos, **options):
    return {(one.kind, one.id) for one in check(videos, **options)}


def command(*words):
    ran = CliRunner().invoke(app, ["data", *map(str, words)], env={"COLUMNS": "400"})
    return ran.exit_code, ran.output


def older_v2(folder, *, prefix=V2):
    put(folder / f"{prefix}labels.json", json.dumps(CLASSES))
    rows = [
        {"id": 7, "template": "Closing [something]"},
        {"id": "8", "template": "Opening something"},
    ]
    put(folder / f"{prefix}validation.json", json.dumps(rows))
    put(
        folder / f"{prefix}train.json", json.dumps([{"id": "9", "template": "Opening [something]"}])
    )
    put(folder / f"{prefix}test.json", json.dumps([{"id": "10"}]))


PLACES = [
    *((V2, place) for place in ("", "annotations", "labels", "V2 annotations")),
    *(("", place) for place in ("", "annotations", "labels")),
]


@pytest.mark.parametrize(("prefix", "place"), PLACES)
@pytest.mark.parametrize("videos", ["20bn-something-something-v2", "videos", "mp4 files", ""])
@pytest.mark.parametrize("ending", [".webm", ".mp4"])
def test_something_v2_as_people_have_it(tmp_path, prefix, place, videos, ending):
    older_v2(tmp_path / place, prefix=prefix)
    for name in (7, 8, 9, 10, 11):
        put(tmp_path / videos / f"{name}{ending}", "x")
    assert layout_of(tmp_path) == "something-v2"
    video_set = open_videos(tmp_path)
    assert [(one.id, one.label, one.path.name) for one in video_set.videos] == [
        ("7", 0, f"7{ending}"),
        ("8", 1, f"8{ending}"),
    ]
    unlisted = str(Path(videos, f"11{ending}"))
    assert kinds(video_set) == {("unlisted", unlisted)}  # 9 and 10 are of other splits
    assert open_videos(tmp_path, split="test").videos[0].path.exists()


def test_labels_json_in_a_folder_of_another_name_may_be_of_any_set(tmp_path):
    older_v2(tmp_path / "V2 annotations", prefix="")
    put(tmp_path / "videos" / "7.mp4", "x")
    with pytest.raises(DatasetError, match="only one folder holds videos"):
        layout_of(tmp_path)


def test_videos_on_another_disk(tmp_path):
    older_v2(tmp_path / "set")
    for name in (7, 8):
        video(tmp_path / "disk" / f"{name}.mp4")
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    (tmp_path / "set" / "20bn-something-something-v2").symlink_to(tmp_path / "disk")
    (reason,) = {one.reason.split(" leads")[1] for one in check(open_videos(tmp_path / "set"))}
    assert "--videos" in reason
    for folder in ("disk", "link"):
        video_set = open_videos(tmp_path / "set", videos=tmp_path / folder)
        assert check(video_set) == []
        kept = register(video_set, name=folder, root=tmp_path / "sets")
        again = Index(find(kept.name, root=tmp_path / "sets")).video("7")
        assert len(read_video(again, samplings=[SamplingSpec(8)]).frames) == 8
    with pytest.raises(DatasetError, match="There is no folder"):
        open_videos(tmp_path / "set", videos=tmp_path / "nothing")
    (tmp_path / "disk" / "8.mp4").unlink()
    (tmp_path / "disk" / "8.mp4").symlink_to("/dev/zero")
    video_set = open_videos(tmp_path / "set", videos=tmp_path / "link")
    assert kinds(video_set) == {("unreadable", "8")}  # links out of that folder stay refused


def test_v2_without_its_labels_or_its_list_is_named(tmp_path):
    put(tmp_path / f"{V2}validation.json", "[]")
    video(tmp_path / "20bn-something-something-v2" / "7.webm")
    with pytest.raises(DatasetError, match=f"{V2}labels.json cannot be opened"):
        open_videos(tmp_path)
    put(tmp_path / f"{V2}labels.json", json.dumps(CLASSES))
    with pytest.raises(DatasetError, match="lists no videos of the split val"):
        open_videos(tmp_path)
    with pytest.raises(DatasetError, match=f"{V2}train.json cannot be opened"):
        open_videos(tmp_path, split="train")
    with pytest.raises(DatasetError, match="give the folder"):
        open_videos(tmp_path / f"{V2}validation.json")


@pytest.mark.parametrize("place", ["", "annotations"])
def test_holes_of_v1_are_missing(tmp_path, place):
    prefix = tmp_path / place / "something-something-v1-"
    put(Path(f"{prefix}labels.csv"), "Opening something\n")
    put(Path(f"{prefix}validation.csv"), "1;Opening something\n2;Opening something\n")
    put(Path(f"{prefix}train.csv"), "3;Opening something\n")
    for name in ("1", "2", "3", "4"):
        pictures(tmp_path / "frames" / name, 20)
    for number in (1, 2, 3, 9):
        (tmp_path / "frames" / "2" / f"{number:05d}.jpg").unlink()
    found = check(open_videos(tmp_path, videos=tmp_path / "frames"))
    assert [(one.kind, one.id) for one in found] == [("missing", "2"), ("unlisted", "4")]
    assert found[0].reason == "It lacks 4 pictures (1 to 3, 9); 16 are there."


@pytest.mark.parametrize(
    ("head", "row", "name"),
    [
        ("label, youtube_id, time_start, time_end, split", "up, abcdefghijk, 3, 13, val", "k.csv"),
        ("label,youtube_id,time_start,time_end", "up,abcdefghijk,3,13", "val.csv"),
        ("label,youtube_id,time_start,time_end", "up,abcdefghijk,3,13", "kinetics_700_val.csv"),
        ("label,youtube_id,time_start,time_end,split", "up,abcdefghijk,3,13,Val", "k.csv"),
        ("label,youtube_id,time_start,time_end,split", "up,abcdefghijk,3,13,validation", "k.csv"),
        (
            '\ufeff"label","youtube_id","time_start","time_end","split"',
            '"up","abcdefghijk",3,13,"val"',
            "k.csv",
        ),
        (
            "Label,YouTube_ID,time_start,time_end,split,is_cc",
            "up,abcdefghijk,3.0,13.0,val,0",
            "k.csv",
        ),
        ("label\tyoutube_id\ttime_start\ttime_end\tsplit", "up\tabcdefghijk\t3\t13\tval", "k.csv"),
    ],
)
def test_kinetics_as_people_have_it(tmp_path, head, row, name):
    put(tmp_path / name, f"{head}\r\n{row}\r\n")
    put(tmp_path / "train.csv", "label,youtube_id,time_start,time_end,split\nup,ttt,0,10,Train\n")
    for part in ("abcdefghijk_000003_000013", "ttt_000000_000010", "zzz_000000_000010"):
        put(tmp_path / "all" / f"{part}.mp4", "x")
    assert layout_of(tmp_path) == "kinetics"
    video_set = open_videos(tmp_path)
    assert [(one.id, one.label) for one in video_set.videos] == [("abcdefghijk_000003_000013", 0)]
    assert kinds(video_set) == {("unlisted", "all/zzz_000000_000010.mp4")}
    assert open_videos(tmp_path, split="train").videos[0].id == "ttt_000000_000010"
    (tmp_path / "all").rename(tmp_path / "moved")
    (tmp_path / "lists").mkdir()
    for path in tmp_path.glob("*.csv"):
        path.rename(tmp_path / "lists" / path.name)
    elsewhere = open_videos(tmp_path / "lists", videos=tmp_path / "moved")
    assert kinds(elsewhere) == {("unlisted", "zzz_000000_000010.mp4")}


@pytest.mark.parametrize("split", ["", "val", "validation"])
def test_two_levels_of_frame_folders(tmp_path, split):
    root = tmp_path / split
    for name in ("Opening/a", "Opening/b 2", "Closing/c"):
        pictures(root / name, 9)
    for flow in ("u", "v"):
        pictures(root / "Closing" / "c" / flow, 9)
    (root / "Closing" / "empty").mkdir()
    assert layout_of(tmp_path) == "class-folders"
    videos = open_videos(tmp_path)
    assert [(one.id, videos.labels[one.label]) for one in videos.videos] == [
        ("Closing/c", "Closing"),
        ("Closing/empty", "Closing"),
        ("Opening/a", "Opening"),
        ("Opening/b 2", "Opening"),
    ]
    assert kinds(videos) == {("too short", "Closing/empty")}
    (root / "Opening" / "a" / "00004.jpg").unlink()
    assert kinds(videos, frames=4) >= {("missing", "Opening/a")}
    assert len(read_video(videos.videos[3], samplings=[SamplingSpec(8)]).frames) == 8


def test_clips_called_v1_and_y2_are_no_flow(tmp_path):
    for name in ("Opening/v1", "Opening/v2", "Closing/y1"):
        pictures(tmp_path / name, 9)
    videos = open_videos(tmp_path)
    assert [video.id for video in videos.videos] == ["Closing/y1", "Opening/v1", "Opening/v2"]
    assert kinds(videos) == set()


def _tree(folder, names):
    for name in names:
        put(folder / name, "x" if not name.endswith((".json", ".csv", ".txt")) else names[name])


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ({"one/a.mp4": "", "one/b.mp4": "", "x.json": "[]"}, "only one folder holds videos, one"),
        ({"one/a.mp4": "", "two/x.json": "[]"}, "only one folder holds videos, one"),
        ({"20bn-something-something-v2/1.webm": ""}, "is hardly the name of a class"),
        ({"val/videos_mp4/1.mp4": ""}, "is hardly the name of a class"),
        ({"20bn-something-something-v2/1.webm": "", "x.json": "[]"}, "only one folder"),
        ({"videos/a.mp4": "", "clips/b.mp4": ""}, "is hardly the name of a class"),
        ({"videos_train/a.mp4": "", "videos_val/b.mp4": ""}, "is hardly the name of a class"),
        (
            {"p01/v1001.mp4": "", "p02/v1002.mp4": "", "a.json": '{"v1001": 3, "v1002": 1}'},
            "a.json beside the folders names their videos",
        ),
        (
            {"p01/a.mp4": "", "p02/b.mp4": "", "split.csv": "id,x\np01/a.mp4,r\np02/b.mp4,r\n"},
            "split.csv beside",
        ),
        ({"a.mp4": ""}, "videos without a list"),
        ({"img_00001.jpg": "", "img_00002.jpg": ""}, "pictures, which are one clip"),
        ({"a/img_1.jpg": "", "b/img_1.jpg": ""}, "have no classes"),
        ({"a/img_1.jpg": "", "a/u/1.jpg": "", "a/v/1.jpg": ""}, "have no classes"),
        ({"a/rgb/1.jpg": "", "a/flow/1.jpg": "", "b/rgb/1.jpg": ""}, "none of something-v1"),
        ({"notes.txt": "nothing"}, "none of something-v1"),
    ],
)
def test_what_is_not_recognised_is_refused(tmp_path, names, why):
    folder = tmp_path / "set"
    _tree(folder, names)
    with pytest.raises(DatasetError, match=why):
        open_videos(folder)
    for words in (("check", folder), ("register", folder)):
        code, said = command(*words)
        assert (code, said.count("\n")) == (2, 1)


def test_doubtful_class_folders_are_read_where_asked(tmp_path):
    _tree(tmp_path, {"one/a.mp4": "", "one/b.mp4": "", "x.json": "[]"})
    assert command("check", tmp_path, "--layout", "class-folders")[0] == 0
    (tmp_path / "x.json").unlink()
    assert command("check", tmp_path)[0] == 0  # one class and nothing else


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.txt", "Opening a door; see a.mp4 for one."),
        ("found.csv", "kind,id,reason\nmissing,Opening/a.mp4,x\nmissing,Closing/b.mp4,x\n"),
        ("meta.json", '{"author": "me"}'),
    ],
)
def test_other_files_beside_classes_are_no_list(tmp_path, name, text):
    _tree(tmp_path, {"Opening/a.mp4": "", "Closing/b.mp4": "", name: text})
    assert layout_of(tmp_path) == "class-folders"


def test_an_unknown_class_is_named_once_with_its_videos(tmp_path):
    for number in range(30):
        put(tmp_path / "Dancing" / f"{number}.mp4", "x")
    put(tmp_path / "Opening something" / "a.mp4", "x")
    code, said = command("check", tmp_path, "--model", "tsm-demo")
    assert code == 1
    assert said.count("Dancing: The network has no class 'Dancing': 30 videos.") == 1
    assert "mislabelled │     30" in said


def test_another_list_beside_a_list_names_its_videos(tmp_path):
    put(tmp_path / "val.txt", "a.mp4 0\n")
    put(tmp_path / "train.txt", "b.mp4 0\nc d 2.mp4 0\n")
    put(tmp_path / "labels.txt", "up\ndown\n")
    for name in ("a", "b", "c d 2", "e"):
        put(tmp_path / f"{name}.mp4", "x")
    assert kinds(open_videos(tmp_path / "val.txt")) == {("unlisted", "e.mp4")}


@pytest.mark.parametrize(
    ("folder", "code", "said"),
    [
        ("multilabel", 2, "multi-label"),
        ("sthv2-old", 1, "missing: 101"),
        ("tsn-frames", 0, "2 videos, frame-list"),
        ("tsn-frames/both", 2, "one clip"),
        ("v1-hole", 1, "It lacks 5 pictures (6 to 10); 15 are there."),
        ("", 2, "as a set of its own has"),
    ],
)
def test_the_shared_cases(folder, code, said):
    if not CASES.is_dir():
        pytest.skip("the shared cases are not beside this repository")
    ended, output = command("check", CASES / folder)
    assert ended == code, output
    assert said in output


def test_the_commands_take_the_options_of_a_set(tmp_path, monkeypatch):
    monkeypatch.setattr("maagn.data.registry.FOLDER", tmp_path / "sets")
    put(tmp_path / "lists" / "val.txt", "one 9 1\n")
    put(tmp_path / "lists" / "labels.txt", "up\n")
    pictures(tmp_path / "disk" / "one", 9)
    options = [
        *("--videos", tmp_path / "disk", "--pictures", "{:05d}.jpg"),
        *("--columns", "path frames class", "--classes-from", "1"),
    ]
    assert command("check", tmp_path / "lists" / "val.txt", *options)[0] == 0
    assert command("register", tmp_path / "lists", "--name", "mine", *options)[0] == 0
    kept = find("mine")
    assert (kept.folder, kept.pictures) == (tmp_path / "disk", "{:05d}.jpg")
    words = ["--data", tmp_path / "lists", "--model", "tsn-demo", "--out", tmp_path / "run"]
    for name in ("evaluate", "explain-dataset"):
        ran = CliRunner().invoke(app, [name, *map(str, [*words, *options])])
        assert (ran.exit_code, "'up'" in ran.output) == (2, True)  # the set was opened
