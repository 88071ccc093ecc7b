"""Some frames of a file decoded without the others, by the packets that they need and no seeking.

The packets are read from the beginning, which costs little; those off the route are not decoded.
Anything that is not as the packets foretold raises `DoubtError`, and everything is decoded instead.
"""

import io
from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from maagn.video.decoder.container import opened, packets, stream_at
from maagn.video.decoder.decode_plan import DecodePlan
from maagn.video.decoder.packet_index import PacketIndex
from maagn.video.decoder.picture import Orientation, orientation, upright
from maagn.video.decoder.protocol import Request, refuse_too_much

VideoPacket: TypeAlias = "Packet[VideoStream]"


class DoubtError(Exception):
    """The file is not what its packets say."""


class PacketSubset:
    """A file whose needed packets have been read.

    Args:
        request: for the file.
        table: of all its packets.
        route: the packets that are needed.

    Raises:
        DoubtError: the packets are others than before.
    """

    def __init__(self, request: Request, table: PacketIndex, plan_decoding: DecodePlan) -> None:
        self._request = request
        self._table = table
        self._route = plan_decoding
        self._container = opened(request)
        self._stream = stream_at(self._container, table.stream, name=request.name)
        needed = set(plan_decoding.shown)
        found = (packet for packet in packets(self._container, self._stream) if packet.size)
        self._packets = {index: one for index, one in enumerate(found) if index in needed}
        if any(self._packets[at].pts != table.entries[at].pts for at in self._packets):
            raise DoubtError("the packets changed")

    def outline(self) -> bytes:
        """A Matroska file of the needed packets alone, in which every frame is shown."""
        file = io.BytesIO()
        with av.open(file, "w", format="matroska") as output:
            stream = output.add_stream_from_template(self._stream)
            for place in chain.from_iterable(self._route.stretches):
                output.mux(_copy(self._packets[place], stream))
        return file.getvalue()

    def frames(self, wanted: set[int]) -> tuple[list[npt.NDArray[np.uint8]], Orientation]:
        """Decode the needed packets: the wanted frames upright, in order, and what made them so.

        Args:
            wanted: places of their packets.

        Raises:
            DoubtError: an error in decoding, or a frame that is another than was foretold.
            ClipTooLarge: over a limit.
        """
        kept: list[npt.NDArray[np.uint8]] = []
        size: tuple[int, int] | None = None
        how: Orientation | None = None
        with self._container:
            for place, frame in zip(self._route.shown, self._decoded(), strict=True):
                if size is None:
                    size = (frame.width, frame.height)
                    refuse_too_much(self._request, size, frames=len(wanted))
                foretold = self._table.entries[place].pts
                if frame.pts != foretold or frame.is_corrupt or size != (frame.width, frame.height):
                    raise DoubtError("another frame than the packets foretold")
                if place in wanted:
                    how = how or orientation(frame)
                    if orientation(frame) != how:
                        raise DoubtError("frames that are turned differently")
                    kept.append(
                        upright(frame, size=size[::-1] if how.transposes else size, how=how)
                    )
        if how is None:
            raise DoubtError("no frame")
        return kept, how

    def _decoded(self) -> Iterator[VideoFrame]:
        """Frames of the route in order of showing.

        Raises:
            DoubtError: an error, or another number of frames.
        """
        context = self._stream.codec_context
        context.options = {"err_detect": "explode"}  # what would be concealed is an error here
        for stretch in self._route.stretches:
            count = 0
            try:
                for packet in (*(self._packets[place] for place in stretch), None):
                    for frame in context.decode(packet):
                        count += 1
                        if count > len(stretch):
                            break
                        yield frame
            except av.FFmpegError as error:
                raise DoubtError("an error in decoding") from error
            if count != len(stretch):
                raise DoubtError("another number of frames than of packets")
            context.flush_buffers()


def _copy(packet: VideoPacket, stream: VideoStream) -> "Packet[Stream]":
    copy = Packet(bytes(packet))
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    copy.is_keyframe = packet.is_keyframe
    copy.stream = stream
    return copy
