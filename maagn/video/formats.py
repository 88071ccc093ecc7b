"""What kinds of files there are: those that are read, by their endings, and others by their bytes.

Whether a file is read is decided by what it holds, never by its name (`maagn.video.validate`).
Endings only say which files of a folder, or of a visitor's disk, are offered.
"""

from collections.abc import Iterable

_NAMES = (
    "mp4 m4v mov 3gp 3g2 mkv webm avi wmv asf flv f4v ogv ts mts m2ts mpg mpeg m2v vob mod mxf "
    "dv rm rmvb wtv nut y4m ivf h264 264 h265 265 hevc mjpeg mjpg gif apng webp avif"
)
ENDINGS = tuple(f".{name}" for name in _NAMES.split())
"""Of files that the readers read, in lower case."""

_SOUND = "a sound file with no picture in it: give a file with a video stream"
_ARCHIVE = "an archive: unpack it and give the video in it"
_STILL = "a still picture in a format that is not supported: give a video"
_DOCUMENT = "a document, not a video: give a video file"
_PROGRAM = "a program, not a video: give a video file"
_UNSUPPORTED = "in a format that is not supported: convert it to MP4 (H.264)"

# (what, where and with which bytes it begins); none of these begins a file that can be read.
_SIGNATURES: tuple[tuple[str, Iterable[tuple[int, bytes]]], ...] = (
    (
        _SOUND,
        (
            *((0, start) for start in (b"ID3", b"fLaC", b".snd", b"#!AMR", b"caff", b"MThd")),
            *((0, start) for start in (b"MAC ", b"wvpk", b"TTA1", b"MPCK", b"MP+", b".ra\xfd")),
            *((0, start) for start in (b"\x0b\x77", b"\x7f\xfe\x80\x01", b"RF64", b"DSD ")),
            # MPEG audio's and AAC's synchronisation words
            *((0, bytes((0xFF, second))) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xF1, 0xF9)),
            *((0, bytes((0xFF, second))) for second in (0xFD, 0xFC, 0xE3, 0xE2, 0xF5, 0xF4)),
            (8, b"WAVE"),
            (8, b"AIFF"),
            (8, b"AIFC"),
        ),
    ),
    (
        _ARCHIVE,
        (
            *((0, start) for start in (b"PK\3\4", b"Rar!\x1a\7", b"7z\xbc\xaf\x27\x1c", b"BZh")),
            *((0, start) for start in (b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")),
            (257, b"ustar"),
        ),
    ),
    (
        _STILL,
        (
            *((0, start) for start in (b"8BPS", b"\0\0\1\0\1\0", b"\xff\x0a", b"v/1\1", b"DDS ")),
            *((0, b"P%d" % kind + blank) for kind in range(1, 8) for blank in (b"\n", b" ")),
            (0, b"\0\0\0\x0cjP  \r\n\x87\n"),
            (0, b"\0\0\0\x0cJXL \r\n\x87\n"),
            *((4, b"ftyp" + kind) for kind in (b"heic", b"heix", b"heim", b"heis")),
        ),
    ),
    (_DOCUMENT, ((0, b"%PDF-"), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), (0, b"{\\rtf"))),
    (_PROGRAM, ((0, b"\x7fELF"), (0, b"MZ\x90\0"))),
    (
        _UNSUPPORTED,
        (
            *((0, start) for start in (b"FWS", b"CWS", b"ZWS", b"NSVf", b"NSVs", b"BIKi", b"KB2")),
            *((0, start) for start in (b"SMK2", b"SMK4", b"NuppelVideo", b"MythTVVideo")),
            (4, b"RED1"),
            (4, b"RED2"),
        ),
    ),
)


def what_is_not_read(head: bytes) -> str:
    """What a file is that no reader reads, and what to do: the rest of a sentence; else nothing.

    Args:
        head: its first bytes.
    """
    for what, signatures in _SIGNATURES:
        if any(head[at : at + len(start)] == start for at, start in signatures):
            return what
    return ""


def is_animated_webp(head: bytes) -> bool:
    """Whether a file is WebP with the flag of an animation (RFC 9649, 2.7.1)."""
    webp = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) >= 30
    return webp and bool(head[20] & 2)
