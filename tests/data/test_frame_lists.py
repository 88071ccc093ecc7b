"""Lists of videos as people have them: what is read, what is asked, and what is refused."""

import json

import pytest

from maagn.config import SamplingSpec
from maagn.data.check import check
from maagn.data.index import Index
from maagn.data.open import layout_of, open_videos
from maagn.data.read import read_video
from maagn.data.registry import register
from maagn.errors import DatasetError, UnreadableClip
from tests.data.test_layouts import pictures, put

NAMES = "".join(f"class {number}\n" for number in range(5))


def a_list(folder, text, *, names=NAMES, name="val.txt"):
    put(folder / name, text)
    put(folder / "labels.txt", names)
    return folder / name


def rows(videos):
    return [(video.id, video.frames, video.label) for video in videos.videos]


def kinds(videos, **options):
    return {(one.kind, one.id) for one in check(videos, **options)}


def renamed(folder, template):
    for path in sorted(folder.iterdir()):
        path.rename(folder / template.format(int(path.stem)))


MULTI_LABEL = [
    "a.mp4 12 2\n",
    "a.mp4 10 20 30\n",
    "a.mp4 1\nb.mp4 1 2\n",
    "a.mp4 1\nb.mp4 1 2 3 4\n",
    "a.mp4 1,2\n",
    "a.mp4 1\nb.mp4 1,2\n",
    "a.mp4,1,2\n",
    'a.mp4,"1,2"\n',
    'path,label\na.mp4,"1,2"\n',
    "a.mp4\t1\t2\n",
    "a.mp4 0 1 0 0 1\n",
    "folder 24 1 2\n",
    "folder 24 1 2 3\n",
    "folder 1\nother 1 2\n",
    "".join(f"{number}.mp4 {number % 5} 2\n" for number in range(40)),
]


@pytest.mark.parametrize("text", MULTI_LABEL)
@pytest.mark.parametrize("there", [True, False])
def test_several_classes_a_line_are_refused_by_name(tmp_path, text, there):
    source = a_list(tmp_path, text)
    if there:
        for name in ("a.mp4", "b.mp4"):
            (tmp_path / name).touch()
        for name in ("folder", "other"):
            pictures(tmp_path / name, 2)
    with pytest.raises(DatasetError, match="multi-label"):
        open_videos(source)


def test_two_numbers_after_a_file_are_counts_where_they_can_be_nothing_else(tmp_path):
    source = a_list(tmp_path, "a.mp4 12 2\n")
    assert rows(open_videos(source, columns="path frames class")) == [("a.mp4", 12, 2)]
    many = "".join(f"{number}.mp4 {number + 6} {number % 5}\n" for number in range(12))
    assert rows(open_videos(a_list(tmp_path, many)))[7] == ("7.mp4", 13, 2)
    pictures(tmp_path / "film.mp4", 12)  # a folder that is called as files are
    assert rows(open_videos(a_list(tmp_path, "film.mp4 12 2\n"))) == [("film.mp4", 12, 2)]


@pytest.mark.parametrize(
    ("line", "there", "row"),
    [
        ("take 2 16 1", ["take 2"], ("take 2", 16, 1)),
        ("take 2 16 1", ["take"], ("take", 15, 1)),
        ("take 2 16 1", ["take", "take 2"], ("take 2", 16, 1)),
        ("take 2 1", ["take 2"], ("take 2", None, 1)),
        ("take 2 1", ["take"], ("take", 2, 1)),
        ("take 2 1 16 1", ["take 2"], ("take 2", 16, 1)),
        ("s/take 1 2 16 1", ["s/take 1 2"], ("s/take 1 2", 16, 1)),
        ("take 2 16 1", [], ("take", 15, 1)),
    ],
)
def test_of_several_readings_the_path_that_is_there_is_taken(tmp_path, line, there, row):
    for name in there:
        pictures(tmp_path / name, 2)
    assert rows(open_videos(a_list(tmp_path, f"{line}\n"))) == [row]


def test_what_other_lines_are_decides_between_two_paths_that_are_there(tmp_path):
    for name in ("take", "take 16", "take 2"):
        pictures(tmp_path / name, 2)
    source = a_list(tmp_path, "take 16 1\ntake 2 8 0\nother 3 0\n")
    pictures(tmp_path / "other", 2)
    assert [frames for _, frames, _ in rows(open_videos(source))] == [16, 8, 3]


@pytest.mark.parametrize(
    "text",
    [
        "a.mp4 0\nb c.mp4 4\n",
        "a.mp4,0\nb c.mp4,4\n",
        "a.mp4, 0\r\nb c.mp4, 4\r\n",
        "a.mp4\t0\nb c.mp4\t4\n",
        "\ufeffpath,label\na.mp4,0\nb c.mp4,4\n",
        '"a.mp4",0\n"b c.mp4",4\n',
        "path,class\na.mp4,class 0\nb c.mp4,Class 4\n",
        "a.mp4;0\nb c.mp4;4\n",
    ],
)
@pytest.mark.parametrize("name", ["val.csv", "val.txt"])
def test_a_path_and_a_class_in_any_separation(tmp_path, text, name):
    source = a_list(tmp_path, text, name=name)
    assert layout_of(source) == "frame-list"
    assert rows(open_videos(source)) == [("a.mp4", None, 0), ("b c.mp4", None, 4)]


def test_class_names_in_a_csv_need_no_list_of_them(tmp_path):
    put(tmp_path / "val.csv", "path,label\na.mp4,running\nb.mp4,jumping\n")
    videos = open_videos(tmp_path / "val.csv")
    assert (videos.labels, [video.label for video in videos.videos]) == (
        ("jumping", "running"),
        [1, 0],
    )


@pytest.mark.parametrize(
    ("text", "names", "file", "why"),
    [
        ("a 9 1\nb 9 5\n", NAMES, "labels.txt", "from 1, so that all are off by one"),
        ("a 9 1\nb 9 2\n", "1 Up\n2 Down\n", "classInd.txt", "as classInd.txt does"),
        ("Up/a 9 1\nDown/b 9 2\n", "Up\nDown\nIn\n", "labels.txt", "--classes-from 1"),
        ("a 9 1\nb 9 1\n", "1 Up\n2 Down\n3 In\n", "classInd.txt", "has no class 0"),
    ],
)
def test_numbers_from_one_are_said_and_read_where_asked(tmp_path, text, names, file, why):
    put(tmp_path / "val.txt", text)
    put(tmp_path / file, names)
    with pytest.raises(DatasetError, match=why):
        open_videos(tmp_path / "val.txt")
    videos = open_videos(tmp_path / "val.txt", classes_from=1)
    first = int(text.split()[2])
    assert videos.videos[0].label == first - 1


def test_numbers_from_zero_stay_so(tmp_path):
    for text in ("a 9 0\nb 9 4\n", "a 9 1\nb 9 3\n", "class_1/a 9 1\n"):
        videos = open_videos(a_list(tmp_path, text))
        assert videos.videos[0].label == int(text.split("\n")[0].split()[2])
    with pytest.raises(DatasetError, match="has class 0, but there are names for 5 from 1"):
        open_videos(a_list(tmp_path, "a 9 0\n"), classes_from=1)
    with pytest.raises(DatasetError, match="for lists with numbers"):
        open_videos(tmp_path, layout="class-folders", classes_from=1)


@pytest.mark.parametrize(
    ("train", "val"),
    [
        ("train.txt", "val.txt"),
        ("train.csv", "val.csv"),
        ("train_list.txt", "val_list.txt"),
        ("train_videos.txt", "val_videos.txt"),
        ("train_videofolder.txt", "val_videofolder.txt"),
        ("sthv2_train_list_rawframes.txt", "sthv2_val_list_rawframes.txt"),
        ("trainlist01.txt", "validationlist01.txt"),
        ("annotations/train.txt", "annotations/val.txt"),
    ],
)
def test_a_folder_of_lists(tmp_path, train, val):
    put(tmp_path / train, "one/a.mp4 0\n")
    put(tmp_path / val, "one/b.mp4 4\n")
    put(tmp_path / "labels.txt", NAMES)
    put(tmp_path / "videos" / "one" / "a.mp4", "x")
    put(tmp_path / "videos" / "one" / "b.mp4", "x")
    put(tmp_path / "videos" / "one" / "c.mp4", "x")
    assert layout_of(tmp_path) == "frame-list"
    assert rows(open_videos(tmp_path, split="train")) == [("one/a.mp4", None, 0)]
    videos = open_videos(tmp_path)
    assert videos.videos[0].path == tmp_path / "videos" / "one" / "b.mp4"
    assert [(one.kind, one.id) for one in check(videos)] == [("unlisted", "one/c.mp4")]
    with pytest.raises(DatasetError, match=r"no list of the split test .*train"):
        open_videos(tmp_path, split="test")


def test_ucf101(tmp_path):
    lists = tmp_path / "ucfTrainTestlist"
    put(lists / "classInd.txt", "1 ApplyEyeMakeup\r\n2 Archery\r\n")
    put(lists / "trainlist01.txt", "ApplyEyeMakeup/v_1.avi 1\r\nArchery/v_2.avi 2\r\n")
    put(lists / "testlist01.txt", "Archery/v_3.avi\r\n")
    for name in ("ApplyEyeMakeup/v_1.avi", "Archery/v_2.avi", "Archery/v_3.avi"):
        put(tmp_path / "UCF-101" / name, "x")
    assert rows(open_videos(tmp_path, split="test")) == [("Archery/v_3.avi", None, 1)]
    with pytest.raises(DatasetError, match=r"as classInd\.txt does.*--classes-from 1"):
        open_videos(tmp_path, split="train")
    videos = open_videos(tmp_path, split="train", classes_from=1)
    assert [video.label for video in videos.videos] == [0, 1]
    assert check(videos) == []
    put(lists / "testlist02.txt", "Archery/v_2.avi\n")
    with pytest.raises(DatasetError, match="several lists of the split test, testlist01"):
        open_videos(tmp_path, split="test")


def test_names_of_classes_as_json(tmp_path):
    put(tmp_path / "val.txt", "a 9 1\n")
    put(tmp_path / "names.json", json.dumps({"Down": "1", "Up": "0"}))
    assert open_videos(tmp_path / "val.txt", labels=tmp_path / "names.json").labels == (
        "Up",
        "Down",
    )
    put(tmp_path / "names.json", json.dumps({"Down": "7"}))
    with pytest.raises(DatasetError, match="does not number"):
        open_videos(tmp_path / "val.txt", labels=tmp_path / "names.json")


def test_flow_beside_the_frames_and_wrong_counts(tmp_path):
    for name in ("both", "more", "fewer", "unknown"):
        pictures(tmp_path / name, 12)
    renamed(tmp_path / "both", "img_{:05d}.jpg")
    for flow in ("flow_x", "flow_y"):
        pictures(tmp_path / flow, 12)
        renamed(tmp_path / flow, flow + "_{:05d}.jpg")
        for path in sorted((tmp_path / flow).iterdir()):
            path.rename(tmp_path / "both" / path.name)
        (tmp_path / flow).rmdir()
    renamed(tmp_path / "unknown", "left_{:05d}.jpg")
    source = a_list(tmp_path, "both 12 0\nmore 9 0\nfewer 20 0\n")
    videos = open_videos(source)
    expected = {("wrong count", "more"), ("missing", "fewer"), ("unlisted", "unknown")}
    assert kinds(videos) == expected
    clip = read_video(videos.videos[0], samplings=[SamplingSpec(4)])
    assert clip.frames[:, 0, 0, 0].tolist() == [20, 50, 80, 110]
    assert "left out: flow_x_{:05d}.jpg, flow_y_{:05d}.jpg" in clip.notices[0]
    more = read_video(videos.videos[1], samplings=[SamplingSpec(4)])
    assert more.notices == ("The list says 9 frames; 12 are there.",)


def test_pictures_of_a_given_name_go_with_a_registered_set(tmp_path):
    pictures(tmp_path / "one", 9)
    renamed(tmp_path / "one", "left_{:05d}.jpg")
    pictures(tmp_path / "other", 12)
    renamed(tmp_path / "other", "right_{:05d}.jpg")
    for path in (tmp_path / "other").iterdir():
        path.rename(tmp_path / "one" / path.name)
    source = a_list(tmp_path, "one 12 0\n")
    (finding,) = check(open_videos(source))
    assert finding.kind == "unreadable"
    for words in ("left_{:05d}.jpg", "right_{:05d}.jpg", "--pictures"):
        assert words in finding.reason
    with pytest.raises(UnreadableClip, match="--pictures"):
        read_video(open_videos(source).videos[0], samplings=[SamplingSpec(4)])
    chosen = open_videos(source, pictures="right_{:05d}.jpg")
    assert check(chosen) == []
    assert chosen.digest != open_videos(source).digest
    video = Index(register(chosen, name="set", root=tmp_path / "sets")).video("one")
    assert len(read_video(video, samplings=[SamplingSpec(4)]).source_seconds) == 12
    with pytest.raises(DatasetError, match="no template"):
        open_videos(source, pictures="right.jpg")


@pytest.mark.parametrize("declared", [15, 20])
def test_holes_of_a_list_are_missing_and_not_read_over(tmp_path, declared):
    pictures(tmp_path / "one", 20)
    for number in range(6, 11):
        (tmp_path / "one" / f"{number:05d}.jpg").unlink()
    (video,) = (videos := open_videos(a_list(tmp_path, f"one {declared} 0\n"))).videos
    (finding,) = check(videos)
    assert (finding.kind, finding.reason) == (
        "missing",
        "It lacks 5 pictures (6 to 10); 15 are there.",
    )
    with pytest.raises(UnreadableClip, match=r"lacks 5 pictures \(6 to 10\)"):
        read_video(video, samplings=[SamplingSpec(8)])


def test_videos_of_a_list_on_another_disk(tmp_path):
    pictures(tmp_path / "disk" / "one", 9)
    (tmp_path / "set").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    source = a_list(tmp_path / "set", "one 9 0\n")
    for option in ("videos", "root"):
        videos = open_videos(source, **{option: tmp_path / "link"})
        assert check(videos) == []
        assert len(read_video(videos.videos[0], samplings=[SamplingSpec(8)]).frames) == 8
    with pytest.raises(DatasetError, match="give one of them"):
        open_videos(source, root=tmp_path, videos=tmp_path)


def test_commas_in_paths_that_spaces_end(tmp_path):
    source = a_list(tmp_path, "left, right 12 0\nup, down 12 4\n")
    assert rows(open_videos(source)) == [("left, right", 12, 0), ("up, down", 12, 4)]
