"""What packets tell before any is decoded: how many frames, when, and which depend on others.

NAL units of H.264 and HEVC are told apart by their headers, Rec. ITU-T H.264 (7.3.1, table 7-1) and
H.265 (7.3.1, table 7-1), in packets as MP4 and Matroska carry them: each unit after its length,
parameter sets in the stream's own header.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.container import (
    ENCRYPTED,
    clip_stream,
    is_picture,
    opened,
    packets,
    refuse_cover,
)
from maagn.video.decoder.protocol import Request, refuse_too_long


@dataclass(frozen=True)
class Kind:
    """One packet's picture.

    Attributes:
        entry: an IDR picture: nothing after it in decoding order needs anything before it.
        disposable: no other picture is made from it.
        parameters: the parameter sets that come with it.
    """

    entry: bool
    disposable: bool
    parameters: tuple[bytes, ...] = ()


_DISPLAY_ORIENTATION = 47
_NEVER_INSIDE = (b"\0\0\0", b"\0\0\1", b"\0\0\2")

Describe = Callable[[bytes], Kind | None]
"""A packet's bytes -> what it is; None for what this module does not know all of."""


def describer(codec: str, header: bytes) -> Describe | None:
    """How to describe packets of a stream; None where they are not of the two codecs.

    Args:
        codec: FFmpeg's name of it.
        header: the stream's extradata: avcC or hvcC.
    """
    if codec == "h264" and len(header) > 6 and header[0] == 1:
        size = (header[4] & 3) + 1
        return lambda packet: _avc(packet, size)
    if codec == "hevc" and len(header) > 22 and header[0] == 1:
        length = (header[21] & 3) + 1
        return lambda packet: _hevc(packet, length)
    return None


def _avc(packet: bytes, size: int) -> Kind | None:
    slices: set[tuple[bool, bool]] = set()
    parameters = []
    for unit in _units(packet, size):
        if len(unit) < 2 or unit[0] & 0x80:
            return None
        match unit[0] & 31:
            case 1 | 5 as kind:
                slices.add((kind == 5, not unit[0] & 0x60))
            case 7 | 8:
                parameters.append(unit)
            case 6 if _orients(unit[1:]):
                return None
            case 6 | 9 | 12:  # messages, delimiters, filling
                pass
            case _:
                return None
    if len(slices) != 1:
        return None
    ((entry, disposable),) = slices
    return Kind(entry, disposable and not entry, tuple(parameters))


def _hevc(packet: bytes, size: int) -> Kind | None:
    """As `_avc`; none is disposable, since its "non-reference" holds within one layer alone."""
    slices: set[bool] = set()
    parameters = []
    for unit in _units(packet, size):
        if len(unit) < 3 or unit[0] & 0x81 or unit[1] & 0xF8:  # damaged, or of another layer
            return None
        kind = unit[0] >> 1
        if kind < 32:
            slices.add(kind in (19, 20))
        elif kind in (32, 33, 34):
            parameters.append(unit)
        elif kind > 40 or (kind == 39 and _orients(unit[2:])):
            return None
    if len(slices) != 1:
        return None
    return Kind(slices.pop(), disposable=False, parameters=tuple(parameters))


def _orients(messages: bytes) -> bool:
    """Whether messages say how the picture is to be turned, which may hold for later pictures too.

    Supplemental enhancement information, 7.3.2.3 and D.1.27 of H.264, 7.3.5 and D.2.17 of H.265:
    kind and length in bytes of which 255 goes on.
    """
    messages = messages.replace(b"\0\0\3", b"\0\0")
    at = 0
    while at + 2 < len(messages):
        header = [0, 0]
        for which in range(2):
            while at < len(messages) and messages[at] == 255:
                header[which] += 255
                at += 1
            header[which] += messages[at] if at < len(messages) else 0
            at += 1
        if header[0] == _DISPLAY_ORIENTATION:
            return True
        at += header[1]
    return False


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


_ENCRYPTED_AT_A_TIME = 8
CONTAINERS = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}


@dataclass(frozen=True)
class Entry:
    """One packet.

    Attributes:
        pts: when its frame is shown, in the stream's time base; None where the file does not say.
        dts: when it is decoded, likewise.
        kind: what else it is; None where that is not known for certain.
    """

    pts: int | None
    dts: int | None
    kind: Kind | None

    @property
    def key(self) -> bool:
        """Whether decoding can begin here."""
        return self.kind is not None and self.kind.entry


@dataclass(frozen=True)
class PacketIndex:
    """All packets of a stream, in the file's order.

    Attributes:
        entries: one a packet that has content and is shown.
        announced: frames that the file promises, in its packets or in its index.
        gap: declared seconds from frame to frame; None where nothing is declared.
        unit: seconds of a tick of the entries' times.
        whole: whether every packet of the file is an entry, and none is marked as damaged.
        stream: place of the stream in the file.
        picture: whether it is of a kind that stills are of.
    """

    entries: tuple[Entry, ...]
    announced: int
    gap: float | None
    unit: Fraction
    whole: bool
    stream: int
    picture: bool

    def seconds(self, place: int) -> float:
        """When the frame of an entry is shown, as PyAV works it out; the entry must have a time."""
        pts = self.entries[place].pts
        assert pts is not None
        return float(pts) * self.unit.numerator / self.unit.denominator


def index_packets(request: Request) -> PacketIndex:
    """Read a file's packets, none of which is decoded.

    Raises:
        UnreadableClip: it is no video, or encrypted.
        ClipTooLarge: it is over a limit, as far as packets tell.
    """
    limits = request.limits
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        pixels = stream.width * stream.height
        if pixels > limits.pixels:
            raise ClipTooLarge(
                f"{request.name} is {stream.width} x {stream.height} pixels; the limit is "
                f"{limits.pixels / 1e6:.1f} million: make its picture smaller."
            )
        if "enc_key_id" in stream.metadata:  # Matroska's; MP4 says it of each packet
            raise UnreadableClip(f"{request.name} {ENCRYPTED}")
        describe = _describer(container, stream)
        boxes = container.format.name.startswith("mov")
        entries: list[Entry] = []
        whole = True
        for packet in packets(container, stream):
            if not packet.size:
                continue
            # Asking is slow; what is encrypted is so for many packets on end.
            ask = boxes and not len(entries) % _ENCRYPTED_AT_A_TIME
            if ask and packet.has_sidedata("encryption_info"):
                raise UnreadableClip(f"{request.name} {ENCRYPTED}")
            # An edit list marks packets that are decoded for others' sake and never shown.
            if packet.is_discard:
                whole = False
                continue
            whole &= not packet.is_corrupt and not packet.has_sidedata("new_extradata")
            entries.append(_entry(packet, describe))
            if len(entries) > limits.frames:
                raise ClipTooLarge(f"{request.name} has more than {limits.frames} frames: trim it.")
        # A truncated MP4 lists in its head frames whose packets are gone.
        listed = sum(entry.size > 0 and not entry.is_discard for entry in stream.index_entries)
        announced = max(len(entries), listed)
        refuse_cover(container, stream, announced, name=request.name)
        rate = stream.average_rate
        unit = stream.time_base or Fraction(1)
        index, picture = stream.index, is_picture(stream)
    table = PacketIndex(
        entries=tuple(entries),
        announced=announced,
        gap=float(1 / rate) if rate else None,
        unit=unit,
        whole=whole,
        stream=index,
        picture=picture,
    )
    if entries and all(entry.pts is not None for entry in entries):
        # Mended times may tell otherwise later; a long clip should not be decoded to find out.
        shown = [table.seconds(place) for place in range(len(entries))]
        refuse_too_long(request, max(shown) - min(shown))
    return table


def _describer(container: InputContainer, stream: VideoStream) -> Describe | None:
    if container.format.name not in CONTAINERS:
        return None
    return describer(stream.codec_context.name, stream.codec_context.extradata or b"")


def _entry(packet: "Packet[VideoStream]", describe: Describe | None) -> Entry:
    kind = describe(bytes(packet)) if describe is not None else None
    if kind is not None and kind.entry and not packet.is_keyframe:
        kind = None  # the container contradicts
    return Entry(packet.pts, packet.dts, kind)
