"""The shortest way to some frames of a file, where its packets prove that there is one."""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from maagn.video.decoder.times import REORDERING
from maagn.video.decoder.timetable import Entry, Timetable


@dataclass(frozen=True)
class Route:
    """The packets that some frames need.

    Attributes:
        stretches: places of packets in the file's order; each stretch begins with an IDR picture
            and needs nothing from before it.
        shown: the same places in order of showing.
    """

    stretches: tuple[tuple[int, ...], ...]
    shown: tuple[int, ...]


def order_of_showing(table: Timetable) -> list[int] | None:
    """Places of packets by the times of their frames, where those are beyond doubt; else None.

    They are where every packet is there, undamaged and known for what it is, each with times of its
    own, no frame is farther from its packet than codecs can hold it back, decoding begins with an
    IDR picture, and parameter sets are the same from beginning to end.
    """
    entries = table.entries
    times = [one.pts for one in entries if one.pts is not None]
    clocks = [one.dts for one in entries if one.dts is not None]  # Matroska tells them of some
    doubtful = (
        not table.whole
        or not table.announced == len(entries) == len(set(times))
        or any(one.kind is None for one in entries)
        or any(after <= before for before, after in pairwise(clocks))
        or not entries
        or not entries[0].key
        or _changes_parameters(entries)
    )
    if doubtful:
        return None
    shown = sorted(range(len(entries)), key=lambda place: times[place])
    if any(abs(place - rank) > REORDERING for rank, place in enumerate(shown)):
        return None
    return shown


def route(table: Timetable, shown: list[int], wanted: list[int]) -> Route | None:
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
    return Route(tuple(stretches), tuple(place for place in shown if place in needed))


def _starts(entries: tuple[Entry, ...]) -> list[int]:
    """Places of IDR pictures that are shown after all before them and before all after them."""
    times = [one.pts or 0 for one in entries]
    latest = [times[0] - 1, *accumulate(times, max)]  # before each place
    earliest = list(accumulate(reversed(times), min))[::-1]  # from each place on
    return [
        place
        for place, one in enumerate(entries)
        if one.key and latest[place] < times[place] == earliest[place]
    ]


def _disposable(entry: Entry) -> bool:
    return entry.kind is not None and entry.kind.disposable


def _changes_parameters(entries: tuple[Entry, ...]) -> bool:
    """Whether parameter sets come elsewhere than with IDR pictures, or are not always the same."""
    sets = {
        (one.key, one.kind.parameters)
        for one in entries
        if one.kind is not None and one.kind.parameters
    }
    return len(sets) > 1 or any(not key for key, _ in sets)
