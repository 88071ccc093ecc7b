"""Sentences about a teaching whose figures need care."""

from collections.abc import Sequence

from maagn.teach.examples import Examples
from maagn.teach.report import Leak

_FEW = 5  # clips of a class under which an interval says little
_UNEVEN = 3  # times as many clips as another class
_READERS = {
    "first frame": "the first frame alone",
    "mean frame": "the average frame",
    "TSN": "TSN, on the clips as filmed,",
}


def warnings(examples: Examples, clips: Sequence[int], leaks: Sequence[Leak]) -> tuple[str, ...]:
    """What a person should know before they believe a figure.

    Args:
        examples: that were used.
        clips: number of clips of each class.
        leaks: what readers without order made of them.
    """
    found = []
    fewest, most = min(clips), max(clips)
    if fewest < _FEW:
        label = examples.labels[clips.index(fewest)]
        found.append(
            f"{label} has {fewest} clips. The intervals are wide: with {_FEW} or more of each "
            "class they begin to say something."
        )
    if most >= _UNEVEN * fewest:
        large, small = (examples.labels[clips.index(count)] for count in (most, fewest))
        found.append(
            f"{large} has {most} clips and {small} has {fewest}. Every class counts the same when "
            "heads are fitted, but compare the classes' own figures."
        )
    telling = [leak for leak in leaks if leak.tells]
    if telling:
        doubled = all(opposite >= 0 for opposite in examples.opposites)
        found.append(_leak(telling, doubled=doubled))
    return tuple(found)


def _leak(telling: Sequence[Leak], *, doubled: bool) -> str:
    shown = ", ".join(
        f"{_READERS[leak.reader]} {leak.right.hits} of {leak.right.trials}" for leak in telling
    )
    if doubled:
        return (
            f"Pictures without their order tell the classes of these clips apart: {shown}. The "
            "heads did not learn from that, since each picture was shown to them under both "
            "classes, forwards and in reverse. It may still be so that the networks follow what "
            "comes first or last."
        )
    return (
        f"Pictures without their order tell the classes of these clips apart: {shown}. So a "
        "background, a person or a posture may be what the heads go by: film every class in every "
        "place, or name each class's opposite, so that clips are shown in reverse too."
    )
