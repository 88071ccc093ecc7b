"""Where a network looks in a clip of a given length: pure integers.

Apart from `maagn.video.sample` because the decoding worker needs it too, and starts for every clip:
nothing but integers is imported here.
"""

from collections.abc import Iterable


def middles(count: int, *, segments: int) -> list[int]:
    """The middle frame of each of `segments` equal parts of `count` frames (TSN, Wang et al. 2016).

    The middle of part i, ((2i + 1) / 2) * count / segments, rounded down without floating point;
    strictly increasing where `count >= segments`.
    """
    return [(2 * i + 1) * count // (2 * segments) for i in range(segments)]


def union(count: int, *, segments: Iterable[int] | None) -> list[int]:
    """The frames that any of several samplings needs, in order; all of them for None."""
    if segments is None:
        return list(range(count))
    return sorted({place for each in segments for place in middles(count, segments=each)})
