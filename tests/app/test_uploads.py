from io import BytesIO

from app import uploads


def test_an_upload_is_stored_once_under_its_content(tmp_path):
    first = uploads.store(BytesIO(b"frames"), name="a.mp4", folder=tmp_path)
    second = uploads.store(BytesIO(b"frames"), name="b.mp4", folder=tmp_path)
    assert first.path == second.path
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"frames"]
    assert (first.name, second.name, first.label) == ("a.mp4", "b.mp4", None)


def test_a_name_never_becomes_a_path(tmp_path):
    choice = uploads.store(BytesIO(b"x"), name="../../evil.mp4", folder=tmp_path / "in")
    assert choice.path.parent == tmp_path / "in"
    assert not (tmp_path / "evil.mp4").exists()
