"""Presentation times that increase strictly, whatever the file gives; numbers alone."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from statistics import median
from typing import TypeVar

USUAL_GAP = 1 / 25  # seconds between frames where a file tells nothing
REORDERING = 16  # frames that a codec may hold back, the most that H.264 and HEVC allow

T = TypeVar("T")


def repair(times: Sequence[float | None], *, gap: float | None = None) -> tuple[list[float], bool]:
    """Frame times from the first frame's, strictly increasing, and whether any had to be mended.

    Times that are all there and only handed to neighbours (AVI gives frames the times of their
    decoding) are sorted. Else the longest strictly increasing run of them is believed, so that one
    wild time does not spoil the others; the rest are spread evenly between believed neighbours.

    Args:
        times: of the frames in order of showing, in seconds; None where the file gives none.
        gap: seconds between frames as the container declares them, where fewer than two
            times are believed.
    """
    times = _in_order(times)
    believed = _longest_increasing(times)
    given = [float(times[place]) for place in believed]  # type: ignore[arg-type]  # None is left out
    step = _usual_step(believed, given, declared=gap)
    if not believed:
        return [place * step for place in range(len(times))], bool(times)
    mended = [0.0] * len(times)
    for place in range(believed[0]):
        mended[place] = given[0] - (believed[0] - place) * step
    for place in range(believed[-1], len(times)):
        mended[place] = given[-1] + (place - believed[-1]) * step
    for (left, start), (right, end) in pairwise(zip(believed, given, strict=True)):
        for place in range(left, right):
            mended[place] = start + (end - start) * (place - left) / (right - left)
    return [time - mended[0] for time in mended], len(believed) < len(times)


def duration(seconds: Sequence[float], *, gap: float | None = None) -> float:
    """Seconds from the first frame to the end of the last, which is shown as long as is usual.

    Args:
        seconds: of the frames, increasing from 0.
        gap: seconds between frames as the container declares them, where there is one frame.
    """
    step = _usual_step([*range(len(seconds))], [*seconds], declared=gap)
    return round(seconds[-1] + step, 6)  # so that 250 frames of 40 ms are 10 s


def repair_in_passing(
    frames: Iterable[tuple[float | None, T]], *, gap: float | None = None
) -> Iterator[tuple[float, T]]:
    """Frames with times as of `repair`, as far as that can be said without knowing what follows.

    Equal to it where the times increase, or are all there and were only handed to neighbours: each
    frame is held back until `REORDERING` others have come. Else a missing time, or one that is not
    after the one before, is the one before and the last gap, and a wild time is believed.

    Args:
        frames: in order of showing, each with its time in seconds; None where the file gives none.
        gap: seconds between frames as the container declares them.
    """
    step = gap or USUAL_GAP
    waiting: deque[T] = deque()
    times: list[float] = []  # a heap, as long as `waiting`
    known = start = last = None

    def seconds(time: float) -> float:
        nonlocal step, start, last
        if last is None or start is None:
            start = last = time
        elif time > last:
            last, step = time, time - last
        else:
            last += step
        return last - start

    for given, frame in frames:
        known = given if given is not None else (0.0 if known is None else known + step)
        heappush(times, known)
        waiting.append(frame)
        if len(waiting) > REORDERING:
            yield seconds(heappop(times)), waiting.popleft()
    while waiting:
        yield seconds(heappop(times)), waiting.popleft()


def _in_order(times: Sequence[float | None]) -> Sequence[float | None]:
    """The times sorted, where none is missing or tied and codecs alone can have mixed them."""
    known = sorted(time for time in times if time is not None)
    if len(known) < len(times) or len(known) < 2:
        return times
    steps = [after - before for before, after in pairwise(known)]
    farthest = max(abs(new - old) for new, old in zip(known, times, strict=True) if old is not None)
    if min(steps) <= 0 or farthest > REORDERING * median(steps):
        return times
    return known


def _longest_increasing(times: Sequence[float | None]) -> list[int]:
    """Places of the longest strictly increasing subsequence, None left out (patience sorting)."""
    tails: list[float] = []  # tails[k]: least last time of a subsequence of k + 1 times
    tail_places: list[int] = []
    before: list[int] = [-1] * len(times)
    for place, time in enumerate(times):
        if time is None:
            continue
        length = bisect_left(tails, time)
        before[place] = tail_places[length - 1] if length else -1
        tails[length : length + 1] = [time]  # replaces one, or appends
        tail_places[length : length + 1] = [place]
    chain = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        chain.append(place)
        place = before[place]
    return chain[::-1]


def _usual_step(places: list[int], times: list[float], *, declared: float | None) -> float:
    """Seconds from one frame to the next: the median between believed frames, else as declared."""
    steps = [
        (after - before) / (right - left)
        for (left, before), (right, after) in pairwise(zip(places, times, strict=True))
    ]
    return median(steps) if steps else declared or USUAL_GAP
