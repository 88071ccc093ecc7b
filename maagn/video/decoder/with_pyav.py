"""The second reader, and the one that the first is checked against: PyAV, packet by packet.

No frame is reached by seeking. Where the packets prove which of them the wanted frames need, the
others are not decoded; else every frame is, in order, and only the wanted ones are kept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.container import opened, packets, refuse_what_is_whole, stream_at
from maagn.video.decoder.decode_plan import order_of_showing, plan_decoding, repair
from maagn.video.decoder.packet_index import PacketIndex, index_packets
from maagn.video.decoder.packet_subset import DoubtError, PacketSubset
from maagn.video.decoder.picture import (
    AS_STORED,
    NO_ORIENTATION,
    Orientation,
    orientation,
    upright,
)
from maagn.video.decoder.protocol import (
    Header,
    Outline,
    Request,
    refuse_too_few,
    refuse_too_long,
    refuse_too_much,
)
from maagn.video.sampling import union

PASSES = 3
# What the other reader can be handed as an outline: so many bytes of packets, and frames so many
# seconds apart, since Matroska tells times in milliseconds.
MOST_OUTLINE_BYTES = 100_000_000
LEAST_OUTLINE_GAP = 0.004

Frames = list[npt.NDArray[np.uint8]]


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


def read(
    request: Request, *, announce: Callable[[Outline, bytes], None] | None = None
) -> tuple[Header, Frames]:
    """Count, times and wanted frames of the best video stream.

    Args:
        request: for the file.
        announce: told, before anything is decoded, what packets are enough: a file of them alone,
            or nothing where all are needed.

    Raises:
        UnreadableClip: not a video, or not one frame could be decoded.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    table = index_packets(request)
    try:
        return _some(request, table, announce or _unheard)
    except DoubtError:
        return _all(request, table)


def _unheard(_outline: Outline, _content: bytes) -> None:
    """Nobody asked."""


def _some(
    request: Request, table: PacketIndex, announce: Callable[[Outline, bytes], None]
) -> tuple[Header, Frames]:
    """The wanted frames by the shortest way.

    Raises:
        DoubtError: there is none that is safe, or it proved not to be.
    """
    shown = order_of_showing(table)
    wanted = union(table.announced, samplings=request.samplings)
    way = plan_decoding(table, shown, wanted) if shown and wanted[-1] < len(shown) else None
    if shown is None or way is None:
        announce(Outline(), b"")
        raise DoubtError("every frame is needed")
    refuse_too_few(request, table.announced, picture=table.picture)
    try:
        shortcut = PacketSubset(request, table, way)
    except DoubtError:
        announce(Outline(), b"")
        raise
    asked = {shown[place] for place in wanted}
    outline, content = _outline(table, way.shown, asked, shortcut)
    announce(outline, content)
    seconds, _ = repair([table.seconds(place) for place in shown])
    kept, how = shortcut.frames(asked)
    header = Header(
        shape=(len(kept), *kept[0].shape),
        indices=tuple(wanted),
        seconds=tuple(seconds),
        notices=() if how.exact else (NO_ORIENTATION,),
        outlined=outline.size > 0,
        mirrored=how.mirrored,
        turns=how.turns,
    )
    return header, kept


def _outline(
    table: PacketIndex, shown: tuple[int, ...], asked: set[int], shortcut: PacketSubset
) -> tuple[Outline, bytes]:
    """A file of the packets on the way, for the other reader; none where it could not hold them."""
    seconds = [table.seconds(place) for place in shown]
    if min((b - a for a, b in pairwise(seconds)), default=1.0) < LEAST_OUTLINE_GAP:
        return Outline(), b""
    content = shortcut.outline()
    if len(content) > MOST_OUTLINE_BYTES:
        return Outline(), b""
    wanted = tuple(rank for rank, index in enumerate(shown) if index in asked)
    since_first = tuple(time - seconds[0] for time in seconds)
    return Outline(size=len(content), wanted=wanted, seconds=since_first), content


def _all(request: Request, table: PacketIndex) -> tuple[Header, Frames]:
    """Every frame decoded, the wanted ones kept; again where there were fewer than announced."""
    announced = count = table.announced
    for _ in range(PASSES):
        wanted = union(count, samplings=request.samplings)
        run = _decode(request, table, wanted)
        if len(run.times) == count:
            break
        count = len(run.times)  # the packets promised another number: choose again
    else:
        raise UnreadableClip(f"{request.name} decodes differently every time: convert it to MP4.")
    if not count:
        refuse_what_is_whole(request.path, name=request.name)
    refuse_too_few(request, count, picture=table.picture)
    seconds, mended = repair(run.times, gap=table.gap)
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
        mirrored=first.mirrored,
        turns=first.turns,
    )
    return header, run.kept


def _decode(request: Request, table: PacketIndex, wanted: list[int]) -> Pass:
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
        stream = stream_at(container, table.stream, name=request.name)
        # What a PNG's EXIF says is handed out with the first of its pictures alone.
        once = container.format.name == "apng"
        for frame in _frames(container, stream):
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


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """Frames in order of showing; packets that cannot be decoded are stepped over."""
    for packet in packets(container, stream):
        try:
            yield from packet.decode()
        except av.EOFError:
            return
        except av.FFmpegError:
            continue
