"""The second reader, and the one that the first is checked against: PyAV, packet by packet.

Every frame is decoded in order; none is reached by seeking, and only the wanted ones are kept.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, TooFewFrames, UnreadableClip
from maagn.video.decoder.times import repair
from maagn.video.decoder.wire import Header, Request
from maagn.video.segments import union

# Demuxers that read the one file they are given. Playlists, manifests, numbered pictures and
# network protocols are not among them, however a file is made to look.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,mpegts,mpeg,mpegvideo,m4v,h264,hevc,obu,ivf,"
    "flv,ogg,mxf,nut,dv,rm,wtv,gxf,mjpeg,gif,apng,"
    "png_pipe,jpeg_pipe,bmp_pipe,tiff_pipe,webp_pipe"
)
OPEN_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
BAD_STRETCHES = 100  # damaged stretches of a file that are stepped over before giving up
PASSES = 3


@dataclass(frozen=True)
class Pass:
    """One decoding of the whole file.

    Attributes:
        times: of every frame as the file gives them, in seconds.
        kept: the wanted frames, upright RGB.
        resized: whether any frame came in another size than the first.
    """

    times: list[float | None]
    kept: list[npt.NDArray[np.uint8]]
    resized: bool


def read(request: Request) -> tuple[Header, list[npt.NDArray[np.uint8]]]:
    """Count, times and wanted frames of the best video stream.

    Raises:
        UnreadableClip: not a video, or not one frame could be decoded.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    announced, gap = _timetable(request)
    count = announced
    for _ in range(PASSES):
        wanted = union(count, samplings=request.samplings)
        run = _decode(request, wanted)
        if len(run.times) == count:
            break
        count = len(run.times)  # the packets promised another number: choose again
    else:
        raise UnreadableClip(f"{request.name} decodes differently every time: convert it to MP4.")
    _refuse_too_few(request, count)
    seconds, mended = repair(run.times, gap=gap)
    _refuse_too_long(request, seconds[-1])
    notices = []
    if count < announced:
        notices.append(f"{count} of {announced} frames could be read.")
    if mended:
        notices.append("Some frame times were missing or out of order and were filled in.")
    if run.resized:
        notices.append("The picture changes size inside the file; all frames have the first size.")
    header = Header(
        shape=(len(run.kept), *run.kept[0].shape),
        indices=tuple(wanted),
        seconds=tuple(seconds),
        notices=tuple(notices),
    )
    return header, run.kept


def _timetable(request: Request) -> tuple[int, float | None]:
    """How many frames the packets announce, and the declared seconds between two; no decoding."""
    limits = request.limits
    with _open(request) as container:
        stream = _best_stream(container, name=request.name)
        pixels = stream.width * stream.height
        if pixels > limits.pixels:
            raise ClipTooLarge(
                f"{request.name} is {stream.width} x {stream.height} pixels; the limit is "
                f"{limits.pixels / 1e6:.1f} million: make its picture smaller."
            )
        times = []
        for packet in _packets(container, stream):
            # An edit list marks packets that are decoded for others' sake and never shown.
            if packet.size and not packet.is_discard:
                times.append(None if packet.pts is None else float(packet.pts * packet.time_base))
            if len(times) > limits.frames:
                raise ClipTooLarge(f"{request.name} has more than {limits.frames} frames: trim it.")
        # A truncated MP4 lists in its head frames whose packets are gone.
        listed = sum(entry.size > 0 and not entry.is_discard for entry in stream.index_entries)
        rate = stream.average_rate
    known = [time for time in times if time is not None and math.isfinite(time)]
    if len(known) == len(times) > 0:
        # Mended times may tell otherwise later; a long clip should not be decoded to find out.
        _refuse_too_long(request, max(known) - min(known))
    return max(len(times), listed), float(1 / rate) if rate else None


def _decode(request: Request, wanted: list[int]) -> Pass:
    """Decode everything, keep the frames at the wanted places (increasing)."""
    times: list[float | None] = []
    kept: list[npt.NDArray[np.uint8]] = []
    size: tuple[int, int] | None = None
    resized = False
    places = iter(wanted)
    place = next(places, -1)
    with _open(request) as container:
        stream = _best_stream(container, name=request.name)
        for frame in _frames(container, stream):
            if size is None:
                size = (frame.width, frame.height)
                _refuse_too_much(request, size, frames=len(wanted))
            resized |= (frame.width, frame.height) != size
            if len(times) == place:
                kept.append(_upright(frame, size=size))
                place = next(places, -1)
            times.append(frame.time)
            if len(times) > request.limits.frames:
                raise ClipTooLarge(f"{request.name} has too many frames: trim it.")
    return Pass(times=times, kept=kept, resized=resized)


def _open(request: Request) -> InputContainer:
    av.logging.set_level(av.logging.PANIC)
    try:
        return av.open(request.path, options=OPEN_OPTIONS, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise UnreadableClip(
            f"{request.name} is not a video that can be read: convert it to MP4 (H.264)."
        ) from error


def _best_stream(container: InputContainer, *, name: str) -> VideoStream:
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream):
        raise UnreadableClip(f"{name} has no picture in it: give a file with a video stream.")
    if stream.codec_context is None:
        raise UnreadableClip(f"{name} is in a codec that cannot be decoded: convert it to MP4.")
    # One thread: with more, what a damaged file gives can differ from run to run.
    stream.thread_type = "NONE"
    return stream


def _packets(container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
    """Packets in the file's order; damaged stretches are stepped over."""
    for _ in range(BAD_STRETCHES):
        try:
            yield from container.demux(stream)
        except av.EOFError:
            return
        except av.FFmpegError:
            continue
        return


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Frames in order of showing; packets that cannot be decoded are stepped over."""
    for packet in _packets(container, stream):
        try:
            yield from packet.decode()
        except av.EOFError:
            return
        except av.FFmpegError:
            continue


def _upright(frame: VideoFrame, *, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """One frame as RGB (h, w, 3), in the first frame's size, turned as the file asks."""
    width, height = size
    rgb = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return np.rot90(rgb, round(frame.rotation / 90))


def _refuse_too_much(request: Request, size: tuple[int, int], *, frames: int) -> None:
    limits = request.limits
    width, height = size
    if width * height > limits.pixels:
        raise ClipTooLarge(
            f"{request.name} is {width} x {height} pixels: make its picture smaller."
        )
    if 3 * width * height * frames > limits.kept_bytes:
        raise ClipTooLarge(
            f"{request.name} has {frames} frames of {width} x {height} pixels, more than fit in "
            f"{limits.kept_bytes / 1e6:.0f} MB: trim it, make it smaller, or read fewer frames."
        )


def _refuse_too_long(request: Request, seconds: float) -> None:
    if seconds > request.limits.seconds:
        raise ClipTooLarge(
            f"{request.name} lasts {seconds:.0f} s; the limit is {request.limits.seconds:.0f} s: "
            "trim it."
        )


def _refuse_too_few(request: Request, count: int) -> None:
    if not count:
        raise UnreadableClip(
            f"No frame of {request.name} can be decoded: it is damaged or cut short."
        )
    needed = max((frames for frames, *_ in request.samplings or ()), default=1)
    if count < needed:
        raise TooFewFrames(
            f"{request.name} has {count} frame{'s' * (count != 1)}; "
            f"this network needs {needed}: use a longer clip."
        )
