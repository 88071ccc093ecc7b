"""Sentences about a teaching whose figures need care."""

from collections.abc import Sequence

from maagn.teach.examples import Examples
from maagn.teach.leaks import Leak

_FEW = 5  # clips of a class under which an interval says little
_UNEVEN = 3  # times as many clips as another class


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
    doubled = all(opposite >= 0 for opposite in examples.opposites)
    telling = {leak.reader: leak for leak in leaks if leak.tells}
    for leak in telling.values():
        shown = f"{leak.right.hits} of {leak.right.trials} left-out clips"
        if leak.reader == "TSN":
            found.append(
                f"TSN, which knows no order, tells {shown} by their pictures alone. "
                + (
                    "The heads did not learn from that: each picture was shown to them under both "
                    "classes, forwards and in reverse."
                    if doubled
                    else "So a background, a person or a posture may give the classes away: film "
                    "every class in every place, or name each class's opposite."
                )
            )
        elif leak.reader == "mean frame":
            found.append(
                f"The average picture of a clip tells the class of {shown}: the classes differ in "
                "background, light or place. Film every class in every place."
            )
        else:
            found.append(
                f"The first picture alone tells the class of {shown}. That is so by nature where "
                "an action has a before and an after; a network may rely on it all the same."
            )
    if not examples.grouped and len(examples.clips) > 1:
        found.append(
            "Clips are left out one by one. Where several show the same person or place, a figure "
            "for new people or places is likely lower: name groups to measure it."
        )
    return tuple(found)
