"""What packets of H.264 and HEVC say of themselves in their NAL units' headers; nothing is decoded.

Rec. ITU-T H.264 (7.3.1, table 7-1) and H.265 (7.3.1, table 7-1); packets as MP4 and Matroska carry
them: each unit after its length, parameter sets in the stream's own header.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


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
