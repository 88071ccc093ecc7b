"""The reader: PyAV, packet by packet, on one thread.

No frame is reached by seeking. Where the packets prove which of them the wanted frames need, the
others are not decoded; else every frame is, in order, and only the wanted ones are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.container import (
    clip_stream,
    opened,
    packets,
    refuse_what_is_whole,
    stream_at,
)
from maagn.video.decoder.decode_plan import DecodePlan, duration, plan_decoding, repair
from maagn.video.decoder.packet_index import PacketIndex, index_packets
from maagn.video.decoder.picture import (
    AS_STORED,
    NO_ORIENTATION,
    Orientation,
    orientation,
    upright,
)
from maagn.video.decoder.protocol import (
    Header,
    Request,
    refuse_too_few,
    refuse_too_long,
    refuse_too_much,
)
from maagn.video.sampling import union

PASSES = 3

Frames = list[npt.NDArray[np.uint8]]


def read(request: Request) -> tuple[Header, Frames]:
    """Count, times and wanted frames of the best video stream.

    Raises:
        UnreadableClip: not a video, or not one frame could be decoded.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        index = index_packets(request, container, stream)
        plan = plan_decoding(index, samplings=request.samplings)
        if plan is not None:
            try:
                return _some(request, index, plan, stream)
            except DoubtError:
                pass
    return _all(request, index)


def length(request: Request) -> Header:
    """How long the best video stream is and of what size, from its packets alone.

    Raises:
        UnreadableClip: not a video, or without a picture.
        ClipTooLarge: over a limit.
    """
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        index = index_packets(request, container, stream, keep=False)
        if not index.announced:
            refuse_what_is_whole(request.path, name=request.name)
        refuse_too_few(request, index.announced)
        given: list[float | None] = []
        for place in index.shown():
            time = index.times[place]
            time = index.clocks[place] if time is None else time  # AVI tells no other
            given.append(None if time is None else index.seconds(time))
        seconds, _ = repair(given, gap=index.gap)
        return Header(
            shape=(0, stream.height, stream.width, 3),
            film_seconds=duration(seconds, gap=index.gap),
            film_frames=index.announced,
        )


class DoubtError(Exception):
    """The file is not what its packets say."""


def _some(
    request: Request, index: PacketIndex, plan: DecodePlan, stream: VideoStream
) -> tuple[Header, Frames]:
    """The wanted frames of the packets that they need alone.

    Raises:
        DoubtError: an error in decoding, or a frame that is another than was foretold.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    refuse_too_few(request, index.announced, picture=index.still)
    asked = {index.times[plan.shown[place]] for place in plan.wanted}
    kept: Frames = []
    first: tuple[int, int, Orientation] | None = None
    for frame in _foretold(index, plan, stream):
        seen = (frame.width, frame.height, orientation(frame))
        if first is None:
            first = seen
            refuse_too_much(request, first[:2], frames=len(plan.wanted))
        if seen != first:
            raise DoubtError("frames of several sizes, or turned differently")
        if frame.pts in asked:
            width, height, how = first
            kept.append(
                upright(frame, size=(height, width) if how.transposes else (width, height), how=how)
            )
    assert first is not None  # no plan is without frames
    times = (index.times[place] for place in plan.shown)
    seconds, _ = repair([None if time is None else index.seconds(time) for time in times])
    header = Header(
        shape=(len(kept), *kept[0].shape),
        indices=plan.wanted,
        seconds=tuple(seconds),
        notices=() if first[2].exact else (NO_ORIENTATION,),
    )
    return header, kept


def _foretold(index: PacketIndex, plan: DecodePlan, stream: VideoStream) -> Iterator[VideoFrame]:
    """The plan's frames in order of showing: one a packet that is not hidden, with its time.

    Raises:
        DoubtError: they are others.
    """
    context = stream.codec_context
    context.options = {"err_detect": "explode"}  # what would be concealed is an error here
    for stretch in plan.stretches:
        due = iter(
            sorted(index.times[place] or 0 for place in stretch if place not in index.hidden)
        )
        try:
            for packet in (*(index.packets[place] for place in stretch), None):
                for frame in context.decode(packet):
                    if frame.pts != next(due, None) or frame.is_corrupt:
                        raise DoubtError("another frame than the packets foretold")
                    yield frame
        except av.FFmpegError as error:
            raise DoubtError("an error in decoding") from error
        if next(due, None) is not None:
            raise DoubtError("fewer frames than packets")
        context.flush_buffers()


@dataclass(frozen=True)
class Pass:
    """One decoding of the whole file.

    Attributes:
        times: of every frame as the file gives them, in seconds.
        kept: the wanted frames, upright RGB.
        resized: whether any frame came in another size than the first.
        turned: how the kept frames were made upright, in order.
    """

    times: list[float | None]
    kept: Frames
    resized: bool
    turned: list[Orientation]


def _all(request: Request, index: PacketIndex) -> tuple[Header, Frames]:
    """Every frame decoded, the wanted ones kept; again where there were fewer than announced."""
    announced = count = index.announced
    for _ in range(PASSES):
        wanted = union(count, samplings=request.samplings)
        run = _decode(request, index, wanted)
        if len(run.times) == count:
            break
        count = len(run.times)  # the packets promised another number: choose again
    else:
        raise UnreadableClip(f"{request.name} decodes differently every time: convert it to MP4.")
    if not count:
        refuse_what_is_whole(request.path, name=request.name)
    refuse_too_few(request, count, picture=index.still)
    seconds, mended = repair(run.times, gap=index.gap)
    refuse_too_long(request, seconds[-1])
    notices = []
    if count < announced:
        notices.append(f"{count} of {announced} frames could be read.")
    if mended:
        notices.append("Some frame times were missing or out of order and were filled in.")
    if run.resized:
        notices.append("The picture changes size inside the file; all frames have the first size.")
    first = run.turned[0]
    if any(how != first for how in run.turned):
        notices.append("The picture is turned inside the file; all frames have the first size.")
    if not all(how.exact for how in run.turned):
        notices.append(NO_ORIENTATION)
    header = Header(
        shape=(len(run.kept), *run.kept[0].shape),
        indices=tuple(wanted),
        seconds=tuple(seconds),
        notices=tuple(notices),
    )
    return header, run.kept


def _decode(request: Request, index: PacketIndex, wanted: list[int]) -> Pass:
    """Decode everything, keep the frames at the wanted places (increasing)."""
    times: list[float | None] = []
    kept: Frames = []
    size: tuple[int, int] | None = None
    shown: tuple[int, int] = (0, 0)
    turned: list[Orientation] = []
    first = AS_STORED
    resized = False
    places = iter(wanted)
    place = next(places, -1)
    with opened(request) as container:
        stream = stream_at(container, index.stream, name=request.name)
        # What a PNG's EXIF says is handed out with the first of its pictures alone.
        once = container.format.name == "apng"
        for frame in frames_of(container, stream):
            if size is None:
                size = (frame.width, frame.height)
                refuse_too_much(request, size, frames=len(wanted))
                first = orientation(frame)
                shown = size[::-1] if first.transposes else size
            resized |= (frame.width, frame.height) != size
            if len(times) == place:
                turned.append(first if once else orientation(frame))
                kept.append(upright(frame, size=shown, how=turned[-1]))
                place = next(places, -1)
            times.append(frame.time)
            if len(times) > request.limits.frames:
                raise ClipTooLarge(f"{request.name} has too many frames: trim it.")
    return Pass(times=times, kept=kept, resized=resized, turned=turned)


def frames_of(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Frames in order of showing; packets that cannot be decoded are stepped over."""
    for packet in packets(container, stream):
        try:
            yield from packet.decode()
        except av.EOFError:
            return
        except av.FFmpegError:
            continue
