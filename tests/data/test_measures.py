"""The table of measures: kept, gone on with, and never ended by one clip."""

import os

import numpy as np
import pytest

from maagn.data import measures
from maagn.data.measures import kept_measures, measured, path_in_table, read_measures
from maagn.data.rendered import open_opposites
from maagn.data.videos import Video
from maagn.errors import TableError
from maagn.video.encode import write_mp4
from tests.tiny import square_frames


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "set"
    (folder / "in").mkdir(parents=True)
    made = []
    for number in range(4):
        path = folder / "in" / f"{number}.mp4"
        write_mp4(path, square_frames(8 + number), seconds=np.arange(8 + number) / 10)
        made.append(Video(f"clip {number}", path, 0, root=folder))
    return made


@pytest.fixture
def asked(monkeypatch):
    """The clips that are measured, as they are."""
    seen = []
    real = measures.measure

    def counted(video):
        seen.append(video.id)
        return real(video)

    monkeypatch.setattr(measures, "measure", counted)
    return seen


def test_a_row_a_clip_in_the_sets_order(videos, tmp_path):
    reports = []
    table = measured(videos, tmp_path / "m.parquet", report=lambda *told: reports.append(told))
    assert list(table.path) == [f"in/{number}.mp4" for number in range(4)]
    assert list(table.duration) == pytest.approx([0.8, 0.9, 1.0, 1.1], abs=1e-3)
    assert list(table.reason) == [""] * 4
    assert reports == [(done, 4) for done in range(5)]
    assert read_measures(tmp_path / "m.parquet").equals(table)


def test_only_new_and_changed_clips_are_measured(videos, tmp_path, asked):
    path = tmp_path / "m.parquet"
    measured(videos[:3], path)
    assert sorted(asked) == ["clip 0", "clip 1", "clip 2"]
    asked.clear()
    measured(videos, path)
    assert asked == ["clip 3"]
    asked.clear()
    os.utime(videos[1].path, ns=(0, 0))
    table = measured(videos[1:], path)
    assert asked == ["clip 1"]
    assert list(table.path) == ["in/1.mp4", "in/2.mp4", "in/3.mp4"]
    assert len(read_measures(path)) == 3


def test_what_cannot_be_read_has_a_reason_and_is_tried_again(videos, tmp_path, asked):
    content = videos[1].path.read_bytes()
    videos[1].path.write_bytes(content[:40])
    videos[2].path.unlink()
    table = measured(videos, tmp_path / "m.parquet")
    assert [bool(reason) for reason in table.reason] == [False, True, True, False]
    assert "no file clip 2" in table.reason[2]
    assert table.motion.isna().tolist() == [False, True, True, False]
    asked.clear()
    videos[1].path.write_bytes(content)
    table = measured(videos, tmp_path / "m.parquet")
    assert sorted(asked) == ["clip 1", "clip 2"]
    assert [bool(reason) for reason in table.reason] == [False, False, True, False]


def test_rows_of_other_tables_are_taken_and_failures_left_if_asked(videos, tmp_path, asked):
    videos[0].path.write_bytes(b"\0\0\0 ftypno")
    measured(videos[:2], tmp_path / "one.parquet")
    asked.clear()
    table = measured(videos, tmp_path / "m.parquet", also=[tmp_path / "one.parquet"], retry=False)
    assert asked == ["clip 2", "clip 3"]
    assert [bool(reason) for reason in table.reason] == [True, False, False, False]
    assert len(read_measures(tmp_path / "one.parquet")) == 2


def test_what_is_kept_of_some_clips(videos, tmp_path):
    measured(videos[1:3], tmp_path / "m.parquet")
    os.utime(videos[2].path, ns=(0, 0))
    found = kept_measures(videos, [tmp_path / "nothing.parquet", tmp_path / "m.parquet"])
    assert found.reason.isna().tolist() == [True, False, True, True]
    assert found.duration.isna().tolist() == [True, False, True, True]
    assert list(found.path) == [path_in_table(video) for video in videos]


def test_what_was_stopped_goes_on(videos, tmp_path, asked, monkeypatch):
    monkeypatch.setattr(measures, "_AHEAD", 2)

    def stop(done: int, _all: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measured(videos, tmp_path / "m.parquet", workers=1, report=stop)
    assert len(read_measures(tmp_path / "m.parquet")) == 2
    asked.clear()
    measured(videos, tmp_path / "m.parquet")
    assert asked == ["clip 2", "clip 3"]


def test_a_table_of_another_kind_is_named_and_made_anew(videos, tmp_path):
    path = tmp_path / "m.parquet"
    for content in (None, b"no table"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TableError, match="maagn data measure"):
            read_measures(path)
    assert len(measured(videos[:1], path)) == len(read_measures(path)) == 1


def test_rendered_clips_have_rows_too(tmp_path):
    table = measured(open_opposites("test", per_class=1).videos[:2], tmp_path / "m.parquet")
    assert list(table.path) == ["opposites/test/000000", "opposites/test/000001"]
    assert table.duration.isna().all()
    assert (table.motion > 0).all()


def test_paths_are_from_the_sets_folder(tmp_path):
    assert path_in_table(Video("a", tmp_path / "x" / "a.mp4", 0, root=tmp_path)) == "x/a.mp4"
    assert path_in_table(Video("a", tmp_path / "a.mp4", 0)) == (tmp_path / "a.mp4").as_posix()
