import errno
import gc
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from app.errors import UploadError
from app.server import uploads
from app.server.uploads import Holder, Uploads
from maagn.data.layouts.class_folders import is_video
from maagn.video.formats import ENDINGS


@pytest.fixture
def kept(tmp_path):
    return Uploads(tmp_path / "in", quota=100, of_one=60)


def names(kept):
    return sorted(path.name for path in kept.folder.iterdir())


def test_an_upload_is_stored_once_under_its_content(kept):
    one, other = Holder(kept), Holder(kept)
    first = kept.store(BytesIO(b"frames"), name="a.mp4", holder=one)
    second = kept.store(BytesIO(b"frames"), name="b.mp4", holder=other)
    assert first.path == second.path
    assert [path.read_bytes() for path in kept.folder.iterdir()] == [b"frames"]
    assert (first.name, second.name, first.label) == ("a.mp4", "b.mp4", None)


def test_a_name_never_becomes_a_path(kept):
    choice = kept.store(BytesIO(b"x"), name="../../evil.mp4", holder=Holder(kept))
    assert choice.path.parent == kept.folder
    assert not (kept.folder.parent / "evil.mp4").exists()


def test_a_file_goes_with_the_last_who_holds_it(kept):
    one, other = Holder(kept), Holder(kept)
    kept.store(BytesIO(b"shared"), name="a.mp4", holder=one)
    kept.store(BytesIO(b"shared"), name="a.mp4", holder=other)
    kept.store(BytesIO(b"own"), name="b.mp4", holder=one)
    assert len(names(kept)) == 2
    del one
    gc.collect()
    assert len(names(kept)) == 1
    del other
    gc.collect()
    assert names(kept) == []


def test_the_quota_of_one_and_of_all(kept):
    one, other = Holder(kept), Holder(kept)
    kept.store(BytesIO(b"a" * 50), name="a.mp4", holder=one)
    with pytest.raises(UploadError, match=r"b\.mp4 exceeds your quota.*0 MB"):
        kept.store(BytesIO(b"b" * 20), name="b.mp4", holder=one)
    kept.store(BytesIO(b"c" * 50), name="c.mp4", holder=other)
    with pytest.raises(UploadError, match=r"no room for d\.mp4 now"):
        kept.store(BytesIO(b"d" * 5), name="d.mp4", holder=other)
    kept.store(BytesIO(b"a" * 50), name="again.mp4", holder=one)  # the same content takes no room
    del one
    gc.collect()
    kept.store(BytesIO(b"d" * 5), name="d.mp4", holder=other)


def test_old_files_go(tmp_path):
    kept = Uploads(tmp_path / "in", hours=0)
    holder = Holder(kept)
    kept.store(BytesIO(b"old"), name="a.mp4", holder=holder)
    kept.store(BytesIO(b"new"), name="b.mp4", holder=holder)
    assert [path.read_bytes() for path in kept.folder.iterdir()] == [b"new"]


def test_a_full_disk_is_a_named_error_and_leaves_nothing(kept, monkeypatch):
    holder = Holder(kept)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(uploads.shutil, "copyfileobj", full)
        with pytest.raises(UploadError, match=r"could not be kept \(No space left on device\)"):
            kept.store(BytesIO(b"x"), name="a.mp4", holder=holder)
    assert names(kept) == []
    kept.store(BytesIO(b"x"), name="a.mp4", holder=holder)  # once there is room


def test_what_a_killed_process_left_is_cleared(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads.tempfile, "gettempdir", lambda: str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for number in (gone.pid, os.getpid(), os.getppid()):
        folder = Path(tmp_path, f"maagn-uploads-{number}")
        folder.mkdir()
        (folder / "x").write_bytes(b"x")
    assert uploads.process_folder() == tmp_path / f"maagn-uploads-{os.getpid()}"
    assert [path.name for path in tmp_path.iterdir()] == [f"maagn-uploads-{os.getppid()}"]


def test_the_box_and_the_data_sets_take_what_the_reader_reads(tmp_path):
    assert {f".{kind}" for kind in uploads.KINDS} == set(ENDINGS)
    said = ".m4v .3gp .ts .mts .m2ts .mpg .mpeg .wmv .flv .ogv .gif .webp .mp4 .webm .mkv .mov .avi"
    assert set(said.split()) <= set(ENDINGS)
    for ending in ENDINGS:
        (tmp_path / f"a{ending.upper()}").touch()
        assert is_video(tmp_path / f"a{ending.upper()}")
    (tmp_path / "notes.txt").touch()
    assert not is_video(tmp_path / "notes.txt")
