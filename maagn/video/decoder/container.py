"""A file opened for PyAV, and which of its streams is the clip: the one that moves.

Where nothing can be decoded of a file that is not damaged, its bytes say why: boxes as in ISO/IEC
14496-12 (their encryption as in 23001-7), packets of ISO/IEC 13818-1, GUIDs of Microsoft's ASF
specification.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from maagn.errors import UnreadableClip
from maagn.video.decoder.protocol import Request

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


# Streams that players show beside the film or before it, by the file's own word.
_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image
_STILL_CODECS = "mjpeg mjpegb ljpeg jpegls jpeg2000 jpegxl png apng bmp tiff webp gif targa"
_PICTURE_CODECS = frozenset(_STILL_CODECS.split())
_SPARSE = 4  # of pictures, one to so many frames of another stream: thumbnails of it


def clip_stream(
    container: InputContainer, *, name: str, again: Callable[[], InputContainer]
) -> VideoStream:
    """The video stream that a player would play, to be decoded on one thread.

    FFmpeg's choice (`av_find_best_stream`: the default stream, then frames and bit rate), unless
    that is a still beside another stream that moves: a cover, a single picture, or thumbnails.

    Args:
        container: the opened file; nothing is read from it.
        name: what errors call the file.
        again: opens the file once more, for its packets to be counted where there is a choice.

    Raises:
        UnreadableClip: there is none, or none that can be decoded.
    """
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream):
        raise UnreadableClip(_without_video(container, name=name))
    if len(container.streams.video) > 1:
        stream = _moving(container, stream, again)
    if stream.codec_context is None:
        refuse_what_is_whole(container.name, name=name)
        raise UnreadableClip(f"{name} is in a codec that cannot be decoded: convert it to MP4.")
    # One thread: with more, what a damaged file gives can differ from run to run.
    stream.thread_type = "NONE"
    return stream


def refuse_cover(
    container: InputContainer, stream: VideoStream, packets: int, *, name: str
) -> None:
    """Refuse a sound file whose only picture is its cover.

    Raises:
        UnreadableClip: it is one.
    """
    if container.streams.audio and packets < 2 and is_picture(stream):
        raise UnreadableClip(
            f"{name} is a sound file with a cover picture: give a file with a video stream."
        )


def is_picture(stream: VideoStream) -> bool:
    """Whether a stream is of a kind that stills are of, by the file's word or by its codec."""
    return bool(stream.disposition & _COVERS) or stream.codec_context.name in _PICTURE_CODECS


def _without_video(container: InputContainer, *, name: str) -> str:
    if container.streams.audio:
        return f"{name} is a sound file with no picture in it: give a file with a video stream."
    if container.streams.subtitles:
        return f"{name} holds subtitles with no picture in it: give a file with a video stream."
    return f"{name} has no picture in it: give a file with a video stream."


def _moving(
    container: InputContainer, best: VideoStream, again: Callable[[], InputContainer]
) -> VideoStream:
    """The best stream, unless it is a still and another moves."""
    cover = best.codec_context is None or is_picture(best)
    counts = _packets(again, enough=None if cover else best.index)
    others = [
        stream
        for stream in container.streams.video
        if stream.index != best.index
        and stream.codec_context is not None
        and not stream.disposition & _COVERS
        and counts[stream.index] > 1
    ]
    if not others:
        return best
    most = max(counts[stream.index] for stream in others)
    still = (
        best.codec_context is None
        or counts[best.index] < 2
        or bool(best.disposition & _COVERS)
        or (is_picture(best) and counts[best.index] * _SPARSE <= most)
    )
    if not still:
        return best
    return max(others, key=lambda stream: _rank(stream, counts[stream.index]))


def _rank(stream: VideoStream, packets: int) -> tuple[bool, bool, int, int]:
    """As FFmpeg ranks streams, with pictures last."""
    default = bool(stream.disposition & Disposition.default)
    return not is_picture(stream), default, stream.codec_context.bit_rate or 0, packets


def _packets(again: Callable[[], InputContainer], *, enough: int | None) -> Counter[int]:
    """Packets of each video stream; of a file in which stream `enough` has two, no more."""
    counts: Counter[int] = Counter()
    with again() as container:
        try:
            for packet in container.demux(container.streams.video):
                counts[packet.stream.index] += packet.size > 0
                if enough is not None and counts[enough] > 1:
                    break
        except av.FFmpegError:  # what is damaged is counted as far as it goes
            pass
    return counts


# Demuxers that read the one file they are given. Playlists, manifests, numbered pictures and
# network protocols are not among them, however a file is made to look.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,mpegts,mpeg,mpegvideo,m4v,h264,hevc,vvc,obu,ivf,"
    "vc1,flv,ogg,mxf,nut,dv,rm,wtv,gxf,yuv4mpegpipe,mjpeg,gif,apng,"
    "png_pipe,jpeg_pipe,bmp_pipe,tiff_pipe,webp_pipe"
)
OPEN_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
BAD_STRETCHES = 100  # damaged stretches of a file that are stepped over before giving up


def opened(request: Request) -> InputContainer:
    """The file's container.

    Raises:
        UnreadableClip: it is none that can be read.
    """
    av.logging.set_level(av.logging.PANIC)
    try:
        return av.open(request.path, options=OPEN_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        refuse_what_is_whole(request.path, name=request.name)
        raise UnreadableClip(
            f"{request.name} is not a video that can be read: convert it to MP4 (H.264)."
        ) from error


def stream_at(container: InputContainer, index: int, *, name: str) -> VideoStream:
    """The video stream at a place in the file, to be decoded on one thread.

    Raises:
        UnreadableClip: the file has another there than when it was opened before.
    """
    stream = container.streams[index] if index < len(container.streams) else None
    if not isinstance(stream, VideoStream) or stream.codec_context is None:
        raise UnreadableClip(f"{name} changes while it is read: copy it and try again.")
    # One thread: with more, what a damaged file gives can differ from run to run.
    stream.thread_type = "NONE"
    return stream


def packets(container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
    """Packets in the file's order; damaged stretches are stepped over."""
    for _ in range(BAD_STRETCHES):
        try:
            yield from container.demux(stream)
        except av.EOFError:
            return
        except av.FFmpegError:
            continue
        return
