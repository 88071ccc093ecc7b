"""Strictly increasing presentation times, and the shortest way to some frames of a file."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

from maagn.video.decoder.packet_index import Entry, PacketIndex

USUAL_GAP = 1 / 25  # seconds between frames where a file tells nothing
REORDERING = 16  # frames that a codec may hold back, the most that H.264 and HEVC allow


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


@dataclass(frozen=True)
class DecodePlan:
    """The packets that some frames need.

    Attributes:
        stretches: places of packets in the file's order; each stretch begins with an IDR picture
            and needs nothing from before it.
        shown: the same places in order of showing.
    """

    stretches: tuple[tuple[int, ...], ...]
    shown: tuple[int, ...]


def order_of_showing(table: PacketIndex) -> list[int] | None:
    """Places of packets by the times of their frames, where those are beyond doubt; else None.

    They are where every packet is there, undamaged and known for what it is, each with times of its
    own, no frame is farther from its packet than codecs can hold it back, decoding begins with an
    IDR picture, and parameter sets are the same from beginning to end.
    """
    entries = table.entries
    times = [entry.pts for entry in entries if entry.pts is not None]
    clocks = [
        entry.dts for entry in entries if entry.dts is not None
    ]  # Matroska tells them of some
    doubtful = (
        not table.whole
        or not table.announced == len(entries) == len(set(times))
        or any(entry.kind is None for entry in entries)
        or any(after <= before for before, after in pairwise(clocks))
        or not entries
        or not entries[0].key
        or _changes_parameters(entries)
    )
    if doubtful:
        return None
    shown = sorted(range(len(entries)), key=lambda place: times[place])
    if any(abs(index - rank) > REORDERING for rank, index in enumerate(shown)):
        return None
    return shown


def plan_decoding(table: PacketIndex, shown: list[int], wanted: list[int]) -> DecodePlan | None:
    """What the frames at those places in order of showing need; None where that is everything.

    From each IDR picture that no frame is shown across, to the last wanted frame before the next;
    of what is on the way, pictures that no other is made from are left out.

    Args:
        table: of the file.
        shown: as `order_of_showing` gives it.
        wanted: places in order of showing, increasing.
    """
    entries = table.entries
    asked = {shown[place] for place in wanted}
    stretches = []
    starts = _starts(entries)
    for start, end in pairwise([*starts, len(entries)]):
        last = max((place for place in range(start, end) if place in asked), default=None)
        if last is None:
            continue
        stretches.append(
            tuple(
                place
                for place in range(start, last + 1)
                if place in asked or not _disposable(entries[place])
            )
        )
    needed = {place for stretch in stretches for place in stretch}
    if len(needed) == len(entries):
        return None
    return DecodePlan(tuple(stretches), tuple(place for place in shown if place in needed))


def _starts(entries: tuple[Entry, ...]) -> list[int]:
    """Places of IDR pictures that are shown after all before them and before all after them."""
    times = [entry.pts or 0 for entry in entries]
    latest = [times[0] - 1, *accumulate(times, max)]  # before each place
    earliest = list(accumulate(reversed(times), min))[::-1]  # from each place on
    return [
        index
        for index, entry in enumerate(entries)
        if entry.key and latest[index] < times[index] == earliest[index]
    ]


def _disposable(entry: Entry) -> bool:
    return entry.kind is not None and entry.kind.disposable


def _changes_parameters(entries: tuple[Entry, ...]) -> bool:
    """Whether parameter sets come elsewhere than with IDR pictures, or are not always the same."""
    sets = {
        (entry.key, entry.kind.parameters)
        for entry in entries
        if entry.kind is not None and entry.kind.parameters
    }
    return len(sets) > 1 or any(not key for key, _ in sets)
