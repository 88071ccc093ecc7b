"""A file opened for PyAV, and a stream's packets; nothing is decoded."""

from collections.abc import Iterator

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from maagn.errors import UnreadableClip
from maagn.video.decoder.diagnosis import refuse_what_is_whole
from maagn.video.decoder.wire import Request

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
