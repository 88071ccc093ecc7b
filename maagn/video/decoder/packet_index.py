"""What packets tell before any is decoded: how many frames, when, and which depend on others.

NAL units of H.264 and HEVC are told apart by their headers, Rec. ITU-T H.264 (7.3.1, table 7-1) and
H.265 (7.3.1, table 7-1), in packets as MP4 and Matroska carry them: each unit after its length,
parameter sets in the stream's own header.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.container import ENCRYPTED, is_picture, packets, refuse_cover
from maagn.video.decoder.protocol import Request, refuse_too_long

VideoPacket: TypeAlias = "Packet[VideoStream]"

CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_NEVER_INSIDE = (b"\0\0\0", b"\0\0\1", b"\0\0\2")
_ENCRYPTED_AT_A_TIME = 8
KEPT_MOST = 500_000_000
"""Bytes of packets that are kept; those of a larger file are read again when they are decoded."""

HIDDEN_MOST = 8
"""Hidden packets that are remembered, a frame that a clip may have; an edit list can repeat packets
without end."""


@dataclass(frozen=True)
class Coded:
    """One packet's picture.

    Attributes:
        idr: nothing from here on in decoding order needs anything before it.
        disposable: no other picture of its layer is made from it, nor one of a lower layer.
        parameters: the parameter sets that come with it.
        layer: HEVC's TemporalId; 0 in H.264, which has one layer.
    """

    idr: bool
    disposable: bool
    parameters: tuple[bytes, ...] = ()
    layer: int = 0


Describe = Callable[[bytes], Coded | None]
"""A packet's bytes -> its picture; None where it is not one picture, whole as far as is seen."""


def describer(codec: str, header: bytes) -> Describe | None:
    """How to describe packets of a stream; None where they are not of the two codecs.

    Args:
        codec: FFmpeg's name of it.
        header: the stream's extradata: avcC or hvcC.
    """
    if codec == "h264" and len(header) > 6 and header[0] == 1:
        size = (header[4] & 3) + 1
        return lambda packet: _coded(list(_units(packet, size)), _avc)
    if codec == "hevc" and len(header) > 22 and header[0] == 1:
        length = (header[21] & 3) + 1
        return lambda packet: _coded(list(_units(packet, length)), _hevc, layer=_temporal_id)
    return None


def _avc(unit: bytes) -> str:
    """The unit is a slice of an "IDR" picture, of a "disposable" one or "another", or it is not."""
    match unit[0] & 31:
        case 5:
            return "IDR"
        case 1:
            return "another" if unit[0] & 0x60 else "disposable"
        case 7 | 8:
            return "parameters"
        case 6 | 9 | 12:  # messages, delimiters, filling
            return ""
        case _:  # data partitions, layers
            return "unknown"


def _hevc(unit: bytes) -> str:
    """As `_avc`; disposable are pictures of the even kinds below 16, the "sub-layer non-reference".

    Other pictures of their temporal layer, and of lower ones, do without them (7.4.2.2).
    """
    kind = unit[0] >> 1
    if unit[0] & 1 or unit[1] & 0xF8:  # of another layer
        return "unknown"
    if kind < 32:
        if kind in (19, 20):
            return "IDR"
        return "disposable" if kind < 16 and not kind % 2 else "another"
    if kind in (32, 33, 34):
        return "parameters"
    return "" if kind <= 40 else "unknown"


def _temporal_id(unit: bytes) -> int:
    return (unit[1] & 7) - 1


def _coded(
    units: list[bytes], what: Callable[[bytes], str], layer: Callable[[bytes], int] | None = None
) -> Coded | None:
    if any(len(unit) < 2 or unit[0] & 0x80 for unit in units):
        return None
    kinds = [what(unit) for unit in units]
    slices = set(kinds) - {"parameters", ""}
    if len(slices) != 1 or "unknown" in slices:
        return None
    parameters = tuple(
        unit for unit, kind in zip(units, kinds, strict=True) if kind == "parameters"
    )
    layers = {
        layer(unit) for unit, kind in zip(units, kinds, strict=True) if layer and kind in slices
    }
    return Coded("IDR" in slices, "disposable" in slices, parameters, max(layers, default=0))


def _units(packet: bytes, size: int) -> Iterator[bytes]:
    """The units; an empty one, which is none, where the packet is damaged as far as can be seen.

    Their lengths must fill the packet, and no unit may hold what a start code could be taken for:
    encoders write a 3 between two zero bytes and one that is less than 4 (7.4.1 of both). So a
    block of zeros, as a broken download leaves it, is seen without decoding.
    """
    at = 0
    while at < len(packet):
        length = int.from_bytes(packet[at : at + size], "big")
        at += size
        unit = packet[at : at + length]
        at += length
        if not length or at > len(packet) or any(code in unit for code in _NEVER_INSIDE):
            yield b""
            return
        yield unit


@dataclass(frozen=True)
class PacketIndex:
    """All packets of a stream that have content, in the file's order.

    Where more than `HIDDEN_MOST` times as many as a clip may have frames are hidden, it is of those
    that are shown alone, and the packets themselves are not kept.

    Attributes:
        times: when the frame of each is shown, in the stream's time base; None where the file does
            not say.
        clocks: when each is decoded, likewise.
        hidden: places of those that an edit list has decoded for others' sake and never shown.
        packets: the packets themselves, where all are known for what they are and are not too
            large together; else none.
        pictures: what each is, where all are known; else none.
        whole: whether none is marked as damaged, and all are of the header's parameters.
        announced: frames that the file promises to show, in its packets or in its index.
        gap: declared seconds from frame to frame; None where nothing is declared.
        unit: seconds of a tick of the times.
        stream: place of the stream in the file.
        still: whether it is of a kind that stills are of.
    """

    times: tuple[int | None, ...]
    clocks: tuple[int | None, ...]
    hidden: frozenset[int]
    packets: tuple[VideoPacket, ...]
    pictures: tuple[Coded, ...]
    whole: bool
    announced: int
    gap: float | None
    unit: Fraction
    stream: int
    still: bool

    def shown(self) -> list[int]:
        """Places of the packets whose frames are shown."""
        return [place for place in range(len(self.times)) if place not in self.hidden]

    def raw_seconds(self) -> list[float | None]:
        """When the frame of each packet that is shown is, as far as packets tell, in their order.

        By the times of decoding where there are no others, as in AVI.
        """
        times = [
            clock if time is None else time
            for time, clock in zip(self.times, self.clocks, strict=True)
        ]
        return [None if (t := times[place]) is None else self.seconds(t) for place in self.shown()]

    def seconds(self, time: int) -> float:
        """A time in seconds, as PyAV works it out."""
        return float(time) * self.unit.numerator / self.unit.denominator


def declared_gap(stream: VideoStream) -> float | None:
    """Seconds from frame to frame as the file declares them."""
    rate = stream.average_rate
    return float(1 / rate) if rate else None


def index_packets(
    request: Request, container: InputContainer, stream: VideoStream, *, keep: bool = True
) -> PacketIndex:
    """Read a stream's packets, none of which is decoded.

    Args:
        request: for the file.
        container: the opened file.
        stream: of the file.
        keep: whether to look into packets and keep them; else their times are all that is known.

    Raises:
        UnreadableClip: it is encrypted, or a sound's cover.
        ClipTooLarge: it is over a limit, as far as packets tell.
    """
    limits = request.film_limits
    pixels = stream.width * stream.height
    if pixels > limits.pixels:
        raise ClipTooLarge(
            f"{request.name} is {stream.width} x {stream.height} pixels; the limit is "
            f"{limits.pixels / 1e6:.1f} million: make its picture smaller."
        )
    if "enc_key_id" in stream.metadata:  # Matroska's; MP4 says it of each packet
        raise UnreadableClip(f"{request.name} {ENCRYPTED}")
    describe = None
    if keep and container.format.name in CONTAINERS:
        describe = describer(stream.codec_context.name, stream.codec_context.extradata or b"")
    boxes = container.format.name.startswith("mov")
    times: list[int | None] = []
    clocks: list[int | None] = []
    hidden: set[int] = set()
    known: list[VideoPacket] = []
    kept = 0  # bytes
    pictures: list[Coded] = []
    whole = True
    forgetting = False  # hidden packets
    for seen, packet in enumerate(packet for packet in packets(container, stream) if packet.size):
        # Asking is slow; what is encrypted is so for many packets on end.
        ask = boxes and not seen % _ENCRYPTED_AT_A_TIME
        if ask and packet.has_sidedata("encryption_info"):
            raise UnreadableClip(f"{request.name} {ENCRYPTED}")
        whole &= not packet.is_corrupt and not packet.has_sidedata("new_extradata")
        if packet.is_discard and not forgetting:
            hidden.add(len(times))
            if len(hidden) > HIDDEN_MOST * limits.frames:
                times = [time for place, time in enumerate(times) if place not in hidden]
                clocks = [clock for place, clock in enumerate(clocks) if place not in hidden]
                hidden.clear()
                known.clear()
                pictures.clear()
                describe, forgetting = None, True  # from here on all will be decoded
        if packet.is_discard and forgetting:
            continue
        times.append(packet.pts)
        clocks.append(packet.dts)
        picture = describe(bytes(packet)) if describe is not None and whole else None
        kept += packet.size
        lying = picture is not None and picture.idr and not packet.is_keyframe
        if picture is None or lying or kept > limits.bytes:  # an edit list can repeat them for ever
            describe = None  # from here on all will be decoded, and packets need not be kept
            known.clear()
            pictures.clear()
        else:
            pictures.append(picture)
            known.append(packet)
            if kept > KEPT_MOST:
                known.clear()
        if len(times) - len(hidden) > limits.frames:
            raise ClipTooLarge(f"{request.name} has more than {limits.frames} frames: trim it.")
    # A truncated MP4 lists in its head frames whose packets are gone.
    listed = sum(entry.size > 0 and not entry.is_discard for entry in stream.index_entries)
    announced = max(len(times) - len(hidden), listed)
    refuse_cover(container, stream, announced, name=request.name)
    index = PacketIndex(
        times=tuple(times),
        clocks=tuple(clocks),
        hidden=frozenset(hidden),
        packets=tuple(known),
        pictures=tuple(pictures),
        whole=whole,
        announced=announced,
        gap=declared_gap(stream),
        unit=stream.time_base or Fraction(1),
        stream=stream.index,
        still=is_picture(stream),
    )
    given = [time for place in index.shown() if (time := times[place]) is not None]
    if given and len(given) == len(times) - len(hidden):
        # Mended times may tell otherwise later; a long clip should not be decoded to find out.
        refuse_too_long(request, index.seconds(max(given)) - index.seconds(min(given)))
    return index
