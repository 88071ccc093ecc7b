"""Which of a file's video streams is the clip: the one that moves."""

from collections import Counter
from collections.abc import Callable

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from maagn.errors import UnreadableClip
from maagn.video.decoder.diagnosis import refuse_what_is_whole

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
