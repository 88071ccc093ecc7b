"""Why nothing can be decoded of a file that is not damaged: read from its bytes alone.

Boxes as in ISO/IEC 14496-12 (their encryption as in 23001-7), packets of ISO/IEC 13818-1, GUIDs of
Microsoft's ASF specification.
"""

from collections.abc import Iterator
from pathlib import Path

from maagn.errors import UnreadableClip

ENCRYPTED = "is encrypted (DRM): give a copy without protection."
_ELSEWHERE = "keeps its pictures in another file: save it as a self-contained movie."
_SEGMENT = "is a segment of a stream without its beginning: join all its segments to one file."
_NO_SEGMENT = "is the beginning of a stream without its segments: join all of them to one file."

_MOST = 16_000_000  # bytes of a file's head, or of its movie box, that are looked at
_WAY = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf"}  # boxes that hold nothing but boxes
_PROTECTED = {b"encv", b"drmi"}  # sample entries of Common Encryption and of FairPlay
_ASF_PROTECTION = (  # GUIDs as they are stored
    bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e"),  # Content Encryption Object
    bytes.fromhex("14e68a292226174cb935dae07ee9289c"),  # Extended Content Encryption Object
)
_TS_PACKET = 188


def refuse_what_is_whole(path: str, *, name: str) -> None:
    """Refuse a file by what it is, where that says why nothing of it can be decoded.

    Raises:
        UnreadableClip: it is encrypted, or part of something.
    """
    with Path(path).open("rb") as file:
        head = file.read(_MOST)
    reason = _of_asf(head) or _of_mpeg_ts(head) or _of_boxes(Path(path))
    if reason:
        raise UnreadableClip(f"{name} {reason}")


def _of_asf(head: bytes) -> str:
    asf = head[:4] == b"\x30\x26\xb2\x75"
    return ENCRYPTED if asf and any(guid in head[:65536] for guid in _ASF_PROTECTION) else ""


def _of_mpeg_ts(head: bytes) -> str:
    starts = range(0, min(len(head), 4000 * _TS_PACKET), _TS_PACKET)
    if len(starts) < 3 or any(head[at] != 0x47 for at in starts):
        return ""
    scrambled = sum(head[at + 3] >= 0x80 for at in starts if at + 3 < len(head))
    return ENCRYPTED if 2 * scrambled > len(starts) else ""


def _of_boxes(path: Path) -> str:
    """Of MP4 and QuickTime."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        tops: dict[bytes, bytes] = {}
        at = 0
        while at + 8 <= size and len(tops) < 64:
            file.seek(at)
            start = file.read(16)
            length, kind = int.from_bytes(start[:4], "big"), start[4:8]
            header = 16 if length == 1 else 8
            if length == 1:
                length = int.from_bytes(start[8:], "big")
            if not kind.isalnum() or 0 < length < header:
                break
            end = at + length if length else size
            file.seek(at + header)
            tops[kind] = file.read(min(end - at - header, _MOST)) if kind == b"moov" else b""
            at = end
    if b"moof" in tops and b"moov" not in tops:
        return _SEGMENT
    kinds = dict(_boxes(tops.get(b"moov", b"")))
    if any(kind in kinds for kind in _PROTECTED):
        return ENCRYPTED
    if b"rmra" in kinds or b"elsewhere" in kinds:
        return _ELSEWHERE
    if b"mvex" in kinds and b"moof" not in tops:
        return _NO_SEGMENT
    return ""


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Boxes inside a movie box, and its sample entries; "elsewhere" for data of another file."""
    at = 0
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if length < 8:
            return
        body = content[at + 8 : at + length]
        yield kind, body
        if kind in _WAY:
            yield from _boxes(body)
        elif kind == b"stsd":
            yield from _boxes(body[8:])
        elif kind == b"dref" and len(body) >= 20 and not body[19] & 1:
            yield b"elsewhere", body
        at += length
