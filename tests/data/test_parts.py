"""Training and validation clips of every layout."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maagn.data.open import splits_of
from maagn.data.parts import open_parts
from maagn.data.training import VideoClips
from maagn.errors import DatasetError

SHARED = Path(__file__).parents[3] / "shared" / "teach" / "robot"


def clips(folder: Path, *names: str, frames: int = 8) -> Path:
    """Folders of grey frames: of frame i the grey 10 i."""
    for name in names:
        place = folder / name
        place.mkdir(parents=True)
        for number in range(frames):
            picture = Image.new("RGB", (40, 30), (10 * number,) * 3)
            picture.save(place / f"img_{number:05}.png")
    return folder


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def ids(videos):
    return [video.id for video in videos.videos]


def test_class_folders_without_splits_hold_a_part_out(tmp_path):
    clips(tmp_path, *(f"{way}/{n}" for way in ("in", "out") for n in range(5)))
    assert splits_of(tmp_path) == frozenset()
    parts = open_parts(tmp_path)
    assert ids(parts.validation) == ["in/2", "out/2"]
    assert len(parts.training) == 8
    assert not set(ids(parts.training)) & set(ids(parts.validation))
    assert (parts.told, parts.held_out) == ("2 of 10 clips, every fifth of each class", True)
    assert open_parts(tmp_path).training.digest == parts.training.digest


def test_class_folders_with_splits_are_taken_as_they_are(tmp_path):
    clips(tmp_path, "train/down/1", "train/in/1", "train/out/1", "val/in/2", "val/out/2")
    parts = open_parts(tmp_path)
    assert splits_of(tmp_path) == {"train", "val"}
    assert parts.training.labels == parts.validation.labels == ("down", "in", "out")
    assert [video.label for video in parts.validation.videos] == [1, 2]  # by name
    assert (parts.told, parts.held_out) == ("2 clips of its validation split", False)
    clips(tmp_path, "val/up/3")
    with pytest.raises(DatasetError, match=r"1 of the 3 classes to validate on have .* 'up'"):
        open_parts(tmp_path)


def test_a_test_split_is_never_validated_on(tmp_path):
    clips(tmp_path, *(f"train/{way}/{n}" for way in ("in", "out") for n in range(5)), "test/in/9")
    parts = open_parts(tmp_path)
    assert ids(parts.validation) == ["in/2", "out/2"]


def test_another_folder_can_be_named_to_validate_on(tmp_path):
    clips(tmp_path / "a", "in/1", "out/1", "out/2")
    clips(tmp_path / "b", "in/7")
    parts = open_parts(tmp_path / "a", validation=tmp_path / "b")
    assert (len(parts.training), ids(parts.validation)) == (3, ["in/7"])
    assert parts.told == f"1 clips of {tmp_path / 'b'}"
    same = open_parts(tmp_path / "a", validation=tmp_path / "a")
    assert "3 clips are both trained and validated on" in same.notices[0]


@pytest.mark.parametrize("lists", ["both", "train"])
def test_lists_of_frames(tmp_path, lists):
    names = [f"{n}x" for n in range(10)]
    clips(tmp_path / "frames", *names, "held")
    put(tmp_path / "labels.txt", "in\nout\n")
    put(tmp_path / "train.txt", "".join(f"{name} 8 {n % 2}\n" for n, name in enumerate(names)))
    if lists == "both":
        put(tmp_path / "val.txt", "held 8 1\n")
    parts = open_parts(tmp_path)
    assert ids(parts.validation) == (["held"] if lists == "both" else ["4x", "5x"])
    alone = open_parts(tmp_path / "train.txt", root=tmp_path / "frames")
    assert ids(alone.validation) == ["4x", "5x"]
    frames, label = VideoClips(parts.training, frames=4, resize=30, crop=30).get(1)
    assert (label, frames[:, 0, 0, 0].tolist()) == (1, [10, 30, 50, 70])


def test_something_and_kinetics(tmp_path):
    old = tmp_path / "v1"
    clips(old / "20bn-something-something-v1", "1", "2", "3")
    prefix = "something-something-v1-"
    put(old / f"{prefix}labels.csv", "Folding it\nUnfolding it\n")
    put(old / f"{prefix}train.csv", "1;Folding it\n2;Unfolding it\n")
    put(old / f"{prefix}validation.csv", "3;Unfolding it\n")
    assert ids(open_parts(old).validation) == ["3"]
    new = tmp_path / "v2"
    clips(new / "20bn-something-something-v2", *map(str, range(10)))
    put(new / "labels" / "labels.json", '{"Folding it": "0", "Unfolding it": "1"}')
    rows = [{"id": str(n), "template": ("Folding it", "Unfolding it")[n % 2]} for n in range(10)]
    put(new / "labels" / "train.json", json.dumps(rows))
    assert splits_of(new) == {"train"}
    assert ids(open_parts(new).validation) == ["4", "5"]
    parts = tmp_path / "kinetics"
    put(
        parts / "all.csv",
        "label,youtube_id,time_start,time_end,split\nin,a,0,9,train\nout,b,0,9,train\n"
        "out,d,0,9,train\nin,c,0,9,validate\n",
    )
    for name in "abc":
        put(parts / f"{name}_000000_000009.mp4", "")
    assert splits_of(parts) == splits_of(parts / "all.csv") == {"train", "val"}
    found = open_parts(parts)
    assert ids(found.validation) == ["c_000000_000009"]
    assert found.notices == (
        "1 of the 3 clips of kinetics (train) are missing and left out: `maagn data check` lists "
        "them.",
    )


def test_what_cannot_be_trained_on_is_said_in_a_sentence(tmp_path):
    clips(tmp_path / "one", "in/1", "in/2")
    with pytest.raises(DatasetError, match="one has one class, in: give clips of a second"):
        open_parts(tmp_path / "one")
    clips(tmp_path / "few", "in/1", "out/1")
    with pytest.raises(DatasetError, match=r"one clip a class, too few .* --validation"):
        open_parts(tmp_path / "few")
    put(tmp_path / "several" / "labels.txt", "a\nb\n")
    put(tmp_path / "several" / "train.txt", "1.mp4 0,1\n")
    with pytest.raises(DatasetError, match="several classes"):
        open_parts(tmp_path / "several")
    put(tmp_path / "none" / "labels.txt", "a\nb\n")
    put(tmp_path / "none" / "train.txt", "1.mp4 0\n2.mp4 1\n")
    with pytest.raises(DatasetError, match=r"None of the 2 clips .*1\.mp4: unpack"):
        open_parts(tmp_path / "none")
    kinetics = "label,youtube_id,time_start,time_end,split\nin,a,0,9,train\n,b,0,9,train\n"
    put(tmp_path / "blank" / "list.csv", kinetics + "out,c,0,9,train\n")
    with pytest.raises(
        DatasetError, match=r"1 of the 3 clips .* have no class: training needs one"
    ):
        open_parts(tmp_path / "blank")


def test_jitter_draws_one_frame_of_every_segment_and_short_clips_show_some_twice(tmp_path):
    folder = clips(tmp_path / "long", *(f"{way}/{n}" for way in ("in", "out") for n in range(5)))
    data = VideoClips(open_parts(folder).training, frames=4, jitter=True, resize=30, crop=30)
    seen = set()
    for data.epoch in range(40):
        frames, _ = data.get(0)
        numbers = (frames[:, 0, 0, 0] // 10).tolist()
        assert [number // 2 for number in numbers] == [0, 1, 2, 3]
        seen.add(tuple(numbers))
    assert len(seen) == 16  # of 2 frames in each of 4 segments, drawn one by one
    short = clips(tmp_path / "short", *(f"{way}/{n}" for way in "ab" for n in range(5)), frames=2)
    held = VideoClips(open_parts(short).validation, frames=4, resize=30, crop=30)
    assert (held.get(0)[0][:, 0, 0, 0] // 10).tolist() == [0, 0, 1, 1]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the clips of robot arms")
def test_robots_are_held_out_by_robot():
    parts = open_parts(SHARED, layout="class-folders")
    robots = {Path(each).name.partition("-")[0] for each in ids(parts.validation)}
    others = {Path(each).name.partition("-")[0] for each in ids(parts.training)}
    assert robots
    assert not robots & others
    assert {video.label for video in parts.validation.videos} == {0, 1, 2, 3}
    assert 15 <= len(parts.validation) <= 40
    frames, _ = VideoClips(parts.training, jitter=True, resize=40, crop=32).get(0)
    assert frames.shape == (8, 32, 32, 3)
    assert np.ptp(frames) > 50
