"""What is refused before any decoder sees it, by what a file holds; and the bounds of reading."""

import stat
from dataclasses import dataclass, replace
from pathlib import Path

from maagn.errors import ClipNotFound, ClipTooLarge, UnreadableClip
from maagn.video.formats import what_is_not_read


@dataclass(frozen=True)
class Limits:
    """What a clip may cost at most; going over one is a `ClipTooLarge` or a `DecodeTimeout`.

    Attributes:
        bytes: size of the file.
        seconds: from the first frame to the last.
        pixels: of one frame.
        frames: in the whole file.
        kept_bytes: of the frames kept in memory, as RGB.
        seconds_to_decode: wall-clock time before the decoding worker is killed.
    """

    bytes: int = 500_000_000
    seconds: float = 600.0
    pixels: int = 4096 * 2304
    frames: int = 36_000  # ten minutes at 60 frames a second
    kept_bytes: int = 1_000_000_000
    seconds_to_decode: float = 30.0


LIMITS = Limits()

SECTION = replace(LIMITS, seconds_to_decode=120.0)
"""What a section of a film may cost: what comes before it may have to be decoded."""

FILM = Limits(
    bytes=4_000_000_000,
    seconds=3 * 3600.0,
    frames=3 * 3600 * 60,  # three hours at 60 frames a second
    seconds_to_decode=120.0,
)
"""What a film may cost that is passed through, or of which a section is read."""

HEAD = 4096
# Files that send a decoder on to other files or addresses. FFmpeg knows them by their first bytes,
# whatever they are called, and opens what they name.
POINTERS = {
    b"#EXTM3U": "an HLS playlist",
    b"ffconcat": "a list of files to join",
    b"v=0": "a session description (SDP)",
    b"<?xml": "an XML document",
    b"<MPD": "a DASH manifest",
    b"<smil": "a SMIL presentation",
    b"<asx": "a playlist",
    b"[playlist]": "a playlist",
    b"[Reference]": "a playlist",
    b"RTSPtext": "a stream reference",
}
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
RAW_VIDEO = b"YUV4MPEG2 "
CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b") | {127}
MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def validate_file(path: Path, *, limits: Limits, name: str) -> bytes:
    """The first bytes of a file that may be shown to a decoder; errors call it `name`.

    Raises:
        ClipNotFound: nothing is there.
        UnreadableClip: not a regular file, empty, text, a file that points to other files, or of a
            kind that is no video or that no reader reads.
        ClipTooLarge: over `limits.bytes`.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ClipNotFound(f"There is no file {name}: check its name and folder.") from error
    except OSError as error:
        raise UnreadableClip(f"{name} cannot be opened: {error.strerror}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableClip(f"{name} is a folder: give one video file.")
    if not stat.S_ISREG(status.st_mode):  # opening a FIFO would wait for ever
        raise UnreadableClip(f"{name} is not a regular file: give a video file.")
    if status.st_size > limits.bytes:
        raise ClipTooLarge(
            f"{name} has {status.st_size / 1e6:.0f} MB; the limit is {limits.bytes / 1e6:.0f} MB: "
            "trim it or make its picture smaller."
        )
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise UnreadableClip(f"{name} cannot be opened: {error.strerror}.") from error
    _refuse_what_is_no_video(head, name=name)
    return head


def _refuse_what_is_no_video(head: bytes, *, name: str) -> None:
    if not head:
        raise UnreadableClip(f"{name} is empty: download or record it again.")
    text = head
    for mark in BYTE_ORDER_MARKS:
        text = text.removeprefix(mark)
    text = text.lstrip()
    for start, what in POINTERS.items():
        if text[: len(start)].lower() == start.lower():
            raise UnreadableClip(
                f"{name} is {what} that can point to other files: give the video itself."
            )
    what = what_is_not_read(head)
    if what:
        raise UnreadableClip(f"{name} is {what}.")
    if head.startswith(RAW_VIDEO):  # a line of text, and then pictures that may look like text
        return
    if head.startswith(BYTE_ORDER_MARKS) or CONTROLS.isdisjoint(head):
        raise UnreadableClip(f"{name} is a text file, not a video: give a video file.")


def suits_decord(head: bytes) -> bool:
    """Whether a file is of the two families in which decord's frames can be right.

    QuickTime/MP4 and Matroska/WebM. In MPEG-TS, MPEG-PS and ASF decord 0.6.0 gives wrong frames as
    success, and in most others none; the plain signature also keeps every playlist from it.
    """
    # An atom of under 64 KB, or one of unknown size, begins with two zero bytes.
    atom = head[4:8] in MOV_ATOMS and (head[:2] == b"\0\0" or head[4:8] == b"mdat")
    matroska = head.startswith(b"\x1a\x45\xdf\xa3") and any(
        kind in head[:64] for kind in (b"matroska", b"webm")
    )
    return atom or matroska
