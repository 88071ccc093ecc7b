"""Where a network looks in a clip of a given length: pure integers.

Apart from `maagn.video.transform` because the decoding worker needs it too, and starts often:
nothing but integers is imported here.
"""

from collections.abc import Iterable

Sampling = tuple[int, int, int, int]
"""`maagn.config.SamplingSpec` as plain integers: frames, window, clip, clips."""


def places(count: int, sampling: Sampling) -> list[int]:
    """One frame of each of T equal parts of `count` frames (TSN, Wang et al. 2016).

    One clip takes the middle of every part, ((2i + 1) / 2) * count / T, rounded down without
    floating point; clip j of n the part's (2j + 1) / 2n. Where a window is given and shorter than
    the video, its parts are divided instead, the middle of each taken, and clip j of n is the
    window that leaves (2j + 1) / 2n of the other frames before it. Strictly increasing where
    `count` and the window are at least T.
    """
    frames, window, clip, clips = sampling
    if 0 < window < count:
        start = (count - window) * (2 * clip + 1) // (2 * clips)
        return [start + (2 * i + 1) * window // (2 * frames) for i in range(frames)]
    return [(2 * (clips * i + clip) + 1) * count // (2 * clips * frames) for i in range(frames)]


def union(count: int, *, samplings: Iterable[Sampling] | None) -> list[int]:
    """The frames that any of several samplings needs, in order; all of them for None."""
    if samplings is None:
        return list(range(count))
    return sorted({place for each in samplings for place in places(count, each)})
