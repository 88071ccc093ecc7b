import hashlib
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

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


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path):
    path = tmp_path / "rows.parquet"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "rows.parquet.part").write_bytes(b"of a version that gave every writer one name")
    (tmp_path / f"rows.parquet.{ended.pid}-0.part").write_bytes(b"a killed process's")
    living = tmp_path / f"rows.parquet.{os.getppid()}-0.part"
    of_another = tmp_path / f"more.rows.parquet.{ended.pid}-0.part"
    living.write_bytes(b"not whole yet")
    of_another.write_bytes(b"of another file")
    with atomic_write(path) as part:
        part.write_bytes(b"ours")
    assert path.read_bytes() == b"ours"
    assert set(tmp_path.iterdir()) == {path, living, of_another}


def test_of_two_threads_that_write_one_path_one_has_its_file_there_whole(tmp_path):
    path = tmp_path / "clip.mp4"
    both = threading.Barrier(2, timeout=60)

    def write(byte):
        with atomic_write(path) as part, part.open("wb", buffering=0) as out:
            for _ in range(8):
                both.wait()
                out.write(byte * 100)
            both.wait()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, [b"a", b"b"]))
    assert path.read_bytes() in (b"a" * 800, b"b" * 800)
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
