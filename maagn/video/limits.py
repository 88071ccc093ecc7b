"""The bounds of what is read: they keep one clip from filling the memory or the hour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a clip may cost at most; going over one is a `ClipTooLarge` or a `DecodeTimeout`.

    Attributes:
        bytes: size of the file.
        seconds: from the first frame to the last.
        pixels: of one frame.
        frames: in the whole file.
        kept_bytes: of the frames kept in memory, as RGB.
        seconds_to_decode: wall-clock time before the decoding worker is killed.
    """

    bytes: int = 500_000_000
    seconds: float = 600.0
    pixels: int = 4096 * 2304
    frames: int = 36_000  # ten minutes at 60 frames a second
    kept_bytes: int = 1_000_000_000
    seconds_to_decode: float = 30.0


LIMITS = Limits()
