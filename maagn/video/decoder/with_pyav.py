"""The reader: PyAV, packet by packet; on several threads where they cannot change a picture.

No frame is reached by seeking. Where the packets prove which of them the wanted frames need, the
others are not decoded; else every frame is, in order, and only the wanted ones are kept.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
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
from maagn.video.decoder.decode_plan import DecodePlan, plan_decoding
from maagn.video.decoder.frame_times import duration, repair
from maagn.video.decoder.packet_index import PacketIndex, VideoPacket, index_packets
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
    refuse_too_much,
)
from maagn.video.decoder.section_frames import frames_asked_for
from maagn.video.sampling import union

PASSES = 3
_MANY_PIXELS = 1280 * 720  # of a picture, from where on threads cost less than they save
_MOST_THREADS = 4  # each holds pictures of its own

Frames = list[npt.NDArray[np.uint8]]


def read(request: Request) -> tuple[Header, Frames]:
    """Count, times and wanted frames of the best video stream.

    Raises:
        UnreadableClip: not a video, or not one frame could be decoded.
        SectionError: no frame lies in the section.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        index = index_packets(request, container, stream)
        plan = plan_decoding(index, request)
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
        seconds, _ = repair(index.raw_seconds(), gap=index.gap)
        return Header(
            shape=(0, stream.height, stream.width, 3),
            seconds=tuple(seconds),
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
        ClipTooLarge: over a limit.
    """
    kept: Frames = []
    first: tuple[int, int, Orientation] | None = None
    for frame, wanted in foretold(request, index, plan, stream):
        seen = (frame.width, frame.height, orientation(frame))
        if first is None:
            first = seen
            refuse_too_much(request, first[:2], frames=len(plan.wanted))
        if seen != first:
            raise DoubtError("frames of several sizes, or turned differently")
        if wanted:
            width, height, how = first
            kept.append(
                upright(frame, size=(height, width) if how.transposes else (width, height), how=how)
            )
    assert first is not None  # no plan is without frames
    notices = () if first[2].exact else (NO_ORIENTATION,)
    return plan.frames.header(kept[0].shape, notices), kept


def foretold(
    request: Request, index: PacketIndex, plan: DecodePlan, stream: VideoStream
) -> Iterator[tuple[VideoFrame, bool]]:
    """The plan's frames in order of showing, and whether each is wanted.

    One a packet that is not hidden, with its time.

    Raises:
        DoubtError: they are others.
    """
    asked = {index.times[place] for place in plan.wanted}
    with _packets_of(request, index, stream) as (every, stream):
        context = stream.codec_context
        context.options = {"err_detect": "explode"}  # what would be concealed is an error here
        if stream.width * stream.height >= _MANY_PIXELS:
            # Of sound packets each picture is the same on any number of threads; what is not sound
            # is an error, after which everything is decoded on one.
            context.thread_type = "FRAME"
            context.thread_count = min(_MOST_THREADS, os.cpu_count() or 1)
        for stretch in plan.stretches:
            due = iter(
                sorted(index.times[place] or 0 for place in stretch if place not in index.hidden)
            )
            try:
                for packet in (*_at(every, stretch), None):
                    for frame in context.decode(packet):
                        if frame.pts != next(due, None) or frame.is_corrupt:
                            raise DoubtError("another frame than the packets foretold")
                        yield frame, frame.pts in asked
            except av.FFmpegError as error:
                raise DoubtError("an error in decoding") from error
            if next(due, None) is not None:
                raise DoubtError("fewer frames than packets")
            context.flush_buffers()


Numbered = Iterator[tuple[int, VideoPacket]]


@contextmanager
def _packets_of(
    request: Request, index: PacketIndex, stream: VideoStream
) -> Iterator[tuple[Numbered, VideoStream]]:
    """A stream's packets with their places in the index, kept or read once more; and the stream."""
    if index.packets:
        yield enumerate(index.packets), stream
        return
    with opened(request) as container:
        again = stream_at(container, index.stream, name=request.name)
        yield enumerate(packet for packet in packets(container, again) if packet.size), again


def _at(every: Numbered, places: Iterable[int]) -> Iterator[VideoPacket]:
    """The packets at increasing places."""
    for place in places:
        packet = next((packet for number, packet in every if number == place), None)
        if packet is None:
            raise DoubtError("fewer packets than before")
        yield packet


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
    """Every frame decoded, the wanted ones kept; again where they are others than was thought."""
    foreseen = None if request.section is None else _foreseen(index)
    if request.section is None:
        places = union(index.announced, samplings=request.samplings)
    elif foreseen is None:
        places = []  # to be told by the first pass
    else:
        seconds = [second - foreseen[0] for second in foreseen]
        places = frames_asked_for(request, seconds, gap=index.gap).places
    for _ in range(PASSES):
        run = _decode(request, index, places, foreseen)
        if not run.times:
            refuse_what_is_whole(request.path, name=request.name)
        seconds, mended = repair(run.times, gap=index.gap)
        frames = frames_asked_for(request, seconds, gap=index.gap, picture=index.still)
        if frames.places == places:
            break
        places = frames.places  # the packets promised others
    else:
        raise UnreadableClip(f"{request.name} decodes differently every time: convert it to MP4.")
    notices = []
    if len(run.times) < index.announced:
        notices.append(f"{len(run.times)} of {index.announced} frames could be read.")
    if mended:
        notices.append("Some frame times were missing or out of order and were filled in.")
    if run.resized:
        notices.append("The picture changes size inside the file; all frames have the first size.")
    first = run.turned[0]
    if any(how != first for how in run.turned):
        notices.append("The picture is turned inside the file; all frames have the first size.")
    if not all(how.exact for how in run.turned):
        notices.append(NO_ORIENTATION)
    return frames.header(run.kept[0].shape, notices), run.kept


def _foreseen(index: PacketIndex) -> list[float] | None:
    """Times of all frames, as packets tell them; None where they would have to be mended."""
    given = index.raw_seconds()
    known = sorted(second for second in given if second is not None)
    doubtful = len(known) < index.announced or not known or repair(given)[1]
    return None if doubtful else known


def _decode(
    request: Request, index: PacketIndex, wanted: list[int], foreseen: list[float] | None = None
) -> Pass:
    """Decode everything, keep the frames at the wanted places (increasing).

    Where times are foreseen, what follows the last wanted frame is not decoded if all up to there
    have come true.
    """
    times: list[float | None] = []
    kept: Frames = []
    size: tuple[int, int] | None = None
    shown: tuple[int, int] = (0, 0)
    turned: list[Orientation] = []
    first = AS_STORED
    resized = False
    places = iter(wanted)
    place = next(places, -1)  # below 0 when there are no more
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
            if (
                foreseen
                and wanted
                and len(times) == wanted[-1] + 1
                and times == foreseen[: len(times)]
            ):
                times.extend(foreseen[len(times) :])
                break
            if len(times) > request.film_limits.frames:
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
