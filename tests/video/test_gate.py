import os

import pytest

from maagn.errors import ClipNotFound, ClipTooLarge, UnreadableClip
from maagn.video.read import read_clip
from maagn.video.validate import Limits, suits_decord, validate_file


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "clip.mp4 is empty"),
        (b"just some words\n", "clip.mp4 is a text file"),
        ("Füße, naïve, 北京\n".encode(), "clip.mp4 is a text file"),
        ("words".encode("utf-16"), "clip.mp4 is a text file"),
        (b"#EXTM3U\n#EXTINF:1,\nother.mp4\n#EXT-X-ENDLIST\n", "clip.mp4 is an HLS playlist"),
        (b"\xef\xbb\xbf \n#EXTM3U\nother.mp4\n", "clip.mp4 is an HLS playlist"),
        (b"#EXTM3U\nother.mp4\n\0\0\0\0", "clip.mp4 is an HLS playlist"),  # no longer text
        (b"ffconcat version 1.0\nfile other.mp4\n", "clip.mp4 is a list of files"),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "clip.mp4 is a session description"),
        (b'<?xml version="1.0"?><MPD profiles="dash:profile">', "clip.mp4 is an XML document"),
        (b"<mpd>", "clip.mp4 is a DASH manifest"),
        (b"[playlist]\nFile1=other.mp4\n", "clip.mp4 is a playlist"),
    ],
)
def test_what_is_no_video_is_refused_by_its_content(tmp_path, content, sentence):
    (tmp_path / "clip.mp4").write_bytes(content)
    with pytest.raises(UnreadableClip, match=sentence) as refused:
        read_clip(tmp_path / "clip.mp4")
    assert str(tmp_path) not in str(refused.value)


def test_missing_folder_and_pipe(tmp_path):
    with pytest.raises(ClipNotFound, match=r"no file nowhere\.mp4"):
        read_clip(tmp_path / "nowhere.mp4")
    with pytest.raises(UnreadableClip, match="is a folder"):
        read_clip(tmp_path)
    os.mkfifo(tmp_path / "pipe.mp4")  # opening it for reading would wait for ever
    with pytest.raises(UnreadableClip, match=r"pipe\.mp4 is not a regular file"):
        read_clip(tmp_path / "pipe.mp4")
    with pytest.raises(ClipNotFound):
        read_clip(make_file(tmp_path) / "below.mp4")


def test_size_is_refused_before_reading(tmp_path):
    path = make_file(tmp_path)
    with pytest.raises(ClipTooLarge, match=r"the limit is 0 MB: trim it"):
        validate_file(path, limits=Limits(bytes=3), name=path.name)


def make_file(folder):
    path = folder / "some.bin"
    path.write_bytes(b"\0\1\2\3")
    return path


@pytest.mark.parametrize(
    ("head", "suits"),
    [
        (b"\0\0\0\x20ftypisom", True),
        (b"\0\0\0\x08wide\0\0\0\0mdat", True),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23\x42\x82\x84webm", True),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23\x42\x82\x84else", False),
        (b"<MPDftyp", False),  # a manifest dressed as an atom
        (b"RIFF\0\0\0\0AVI LIST", False),
        (b"G\x40\x00\x10", False),
        (b"GIF89a", False),
    ],
)
def test_decord_sees_only_mp4_and_matroska(head, suits):
    assert suits_decord(head) is suits
