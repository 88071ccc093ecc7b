"""The shortest way to some frames of a file: the packets that they need, where that is proven."""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from maagn.video.decoder.frame_times import REORDERING, repair
from maagn.video.decoder.packet_index import Coded, PacketIndex
from maagn.video.decoder.protocol import Request
from maagn.video.decoder.section_frames import SectionFrames, frames_asked_for


@dataclass(frozen=True)
class DecodePlan:
    """The packets that some frames need.

    Attributes:
        stretches: places of packets in the file's order; each stretch begins with an IDR picture
            and needs nothing from before it.
        wanted: places of the packets whose frames are wanted, in the order of showing.
        frames: the frames that are asked for, and which of them are wanted.
    """

    stretches: tuple[tuple[int, ...], ...]
    wanted: tuple[int, ...]
    frames: SectionFrames


def plan_decoding(index: PacketIndex, request: Request) -> DecodePlan | None:
    """What the frames of a request need; None where that is everything, or in doubt.

    From each IDR picture that no frame is shown across, to the last wanted frame before the next;
    of what is on the way, pictures that no other is made from are left out.

    Raises:
        ClipError: as `frames_asked_for`.
    """
    shown = order_of_showing(index)
    if shown is None:
        return None
    times = (index.times[place] for place in shown)
    seconds, _ = repair([None if time is None else index.seconds(time) for time in times])
    frames = frames_asked_for(request, seconds, gap=index.gap, picture=index.still)
    wanted = tuple(shown[place] for place in frames.places)
    asked = set(wanted)
    top = max(picture.layer for picture in index.pictures)
    stretches = []
    for start, end in pairwise([*_starts(index), len(index.times)]):
        last = max((place for place in range(start, end) if place in asked), default=-1)
        stretch = tuple(
            place
            for place in range(start, last + 1)
            if place in asked or not _left_out(index.pictures[place], top=top)
        )
        if stretch:
            stretches.append(stretch)
    if sum(map(len, stretches)) == len(index.times):
        return None
    return DecodePlan(tuple(stretches), wanted, frames)


def _left_out(picture: Coded, *, top: int) -> bool:
    """Whether no picture is made from it: none of its layer is, and there is no higher layer."""
    return picture.disposable and picture.layer == top


def order_of_showing(index: PacketIndex) -> list[int] | None:
    """Places of the packets that are shown by their times, where those are beyond doubt; else None.

    They are where every packet is there, undamaged and known for what it is, each with times of its
    own, no frame is farther from its packet than codecs can hold it back, decoding begins with an
    IDR picture, and parameter sets are the same from beginning to end.
    """
    places = index.shown()
    times = {place: time for place in places if (time := index.times[place]) is not None}
    clocks = [clock for clock in index.clocks if clock is not None]  # Matroska tells some
    pictures = index.pictures
    sets = {(picture.idr, picture.parameters) for picture in pictures if picture.parameters}
    sure = (
        index.whole
        and index.announced == len(places) == len(set(times.values())) > 0
        and len(pictures) == len(index.times)
        # Pieces of an edit list begin with a step back.
        and (index.hidden or all(before < after for before, after in pairwise(clocks)))
        and pictures[0].idr
        and len(sets) <= 1
        and all(idr for idr, _ in sets)
    )
    if not sure:
        return None
    shown = sorted(places, key=times.__getitem__)
    ranks = {place: rank for rank, place in enumerate(places)}
    if any(abs(ranks[place] - rank) > REORDERING for rank, place in enumerate(shown)):
        return None
    return shown


def _starts(index: PacketIndex) -> list[int]:
    """Places of IDR pictures where all that is shown of what came before is before the rest."""
    times = [None if place in index.hidden else time for place, time in enumerate(index.times)]
    never, always = float("inf"), float("-inf")
    latest = accumulate((always if time is None else time for time in times), max, initial=always)
    earliest = [*accumulate((never if time is None else time for time in reversed(times)), min)][
        ::-1
    ]
    return [
        place
        for place, (picture, before, after) in enumerate(
            zip(index.pictures, latest, earliest, strict=False)
        )
        if picture.idr and before < after
    ]
