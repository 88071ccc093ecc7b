import hashlib
import os

import pytest

from maagn.io import atomic_folder, atomic_write, file_digest


def test_a_file_appears_whole_in_a_folder_that_was_not_there(tmp_path):
    path = tmp_path / "a" / "b" / "rows.parquet"
    with atomic_write(path) as part:
        part.write_bytes(b"half")
        assert not path.exists()
        assert part.parent == path.parent  # or the move could be a copy
        assert list(path.parent.glob("*.parquet")) == []
        part.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"earlier")

    def stopped_half_way():
        with atomic_write(path) as part:
            part.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_before_it_wrote_has_its_own_error(tmp_path):
    with pytest.raises(ValueError, match="nothing to write"), atomic_write(tmp_path / "rows"):
        raise ValueError("nothing to write")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_written_over(tmp_path):
    path = tmp_path / "rows.parquet"
    (tmp_path / "rows.parquet.part").write_bytes(b"a killed process's, longer than ours")
    with atomic_write(path) as part:
        part.write_bytes(b"ours")
    assert path.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_of_several_writers_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "clips.npy"
    with atomic_write(path, replace=False) as late:
        late.write_bytes(b"late")
        monkeypatch.setattr(os, "getpid", lambda: -1)  # another process
        with atomic_write(path, replace=False) as first:
            assert first != late
            first.write_bytes(b"first")
        opened = path.stat().st_ino
    assert path.read_bytes() == b"first"
    assert path.stat().st_ino == opened  # the file that others have open
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "set"

    def stopped_half_way():
        with atomic_folder(path) as part:
            (part / "other").write_bytes(b"2")
            raise KeyboardInterrupt

    with atomic_folder(path) as part:
        (part / "rows").write_bytes(b"1")
        assert not path.exists()
    with pytest.raises(KeyboardInterrupt):
        stopped_half_way()
    assert [file.name for file in path.iterdir()] == ["rows"]
    with atomic_folder(path) as part:
        (part / "other").write_bytes(b"2")
    assert [file.name for file in path.iterdir()] == ["other"]
    assert list(tmp_path.iterdir()) == [path]


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"bytes" * 1000)
    assert file_digest(path) == hashlib.sha256(b"bytes" * 1000).hexdigest()
