"""What packets tell before any is decoded: how many frames, when, and which depend on others."""

from dataclasses import dataclass
from fractions import Fraction

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.bounds import refuse_too_long
from maagn.video.decoder.container import opened, packets
from maagn.video.decoder.diagnosis import ENCRYPTED
from maagn.video.decoder.streams import clip_stream, is_picture, refuse_cover
from maagn.video.decoder.units import Describe, Kind, describer
from maagn.video.decoder.wire import Request

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
class Timetable:
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


def timetable(request: Request) -> Timetable:
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
    table = Timetable(
        entries=tuple(entries),
        announced=announced,
        gap=float(1 / rate) if rate else None,
        unit=unit,
        whole=whole,
        stream=index,
        picture=picture,
    )
    if entries and all(one.pts is not None for one in entries):
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
