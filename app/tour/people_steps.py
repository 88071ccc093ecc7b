"""The last steps: people instead of drawings, where clips of them came along.

Their figures are of clips that each head was fitted without; they are read, not known beforehand.
"""

from collections.abc import Callable

import numpy as np

from app.tour.lesson import Finding, Lesson, Step
from app.tour.people import ACTIONS, NETWORKS, People
from app.tour.steps import STEPS
from maagn.evaluate.intervals import Share
from maagn.figures.layout import percent

YES, NO = GIVEN_AWAY = ("Yes, more often than by chance", "No, no more often than by chance")


def action(people: People) -> Finding:
    """Finding: the filmed clip's true class."""
    came, went = people.clip.label, people.other.label
    return Finding(
        (str(came),),
        f"The clip was filmed as **{came}**. Last frame first, the same pictures show **{went}**, "
        "walked backwards. Between the two only the order differs.",
    )


def left_out(people: People) -> Finding:
    """Finding: the networks whose interval lies above chance."""
    right = tuple(n.kind for n in people.report.networks if n.interval.low > people.chance)
    shares = 1 / (1 + np.exp(-people.log_ratios("TSN").astype(float)))
    ends = list(dict.fromkeys(percent(share) for share in (shares.min(), shares.max())))
    tsn = people.network("TSN").right
    return Finding(
        right,
        f"Chance is {percent(people.chance)}. Above it, interval and all: "
        f"**{', '.join(right) or 'none'}**. TSN tells {_of(tsn)}, and cannot do better: it "
        "averages over the frames, so a clip and its reversal are the same to it, and each picture "
        f"was shown to it under both classes. It gives {' to '.join(ends)} to {ACTIONS[0]}, "
        "whatever the clip.",
    )


def given_away(people: People) -> Finding:
    """Finding: whether a reader without order is better than chance on the clips as filmed."""
    leaks = people.report.leaks
    told = ", ".join(
        f"{'TSN' if leak.reader == 'TSN' else f'the {leak.reader} alone'} {_of(leak.right)}"
        for leak in leaks
    )
    if not any(leak.tells for leak in leaks):
        return Finding((NO,), f"Of the left-out clips, as filmed, are told: {told}.")
    return Finding(
        (YES,),
        f"Of the left-out clips, as filmed, are told: {told}. Order is not needed: who comes in is "
        "seen from behind, who goes out turns to the side and leaves at the right.\n\n"
        "Reversals in the training take that away. Each picture then stands under both classes, "
        "as often under one as under the other, and only the order of the pictures is left to "
        "learn from. TSN has none, and falls to chance; what the other networks tell, they tell "
        "by order. That may still be little: an empty room before a person is an order too.",
    )


def _of(share: Share) -> str:
    return f"{share.hits} of {share.trials}"


def _about(finding: Callable[[People], Finding]) -> Callable[[Lesson], Finding]:
    """The finding of a step that is there only where the people are."""

    def found(lesson: Lesson) -> Finding:
        assert lesson.people is not None
        return finding(lesson.people)

    return found


PEOPLE_STEPS = (
    Step(
        "People instead of drawings",
        "So far the clips were drawn. This one was filmed. Play it, or go through its frames with "
        "the arrow keys.",
        "Does the person come in or go out?",
        "one",
        ACTIONS,
        "person",
        _about(action),
        "explore",
    ),
    Step(
        "Taught from a dozen clips",
        "The networks keep what they know of movement from the drawn clips; their heads alone are "
        "fitted anew, on the clips below and their reversals. To test that, each clip is left out "
        "in turn: it is predicted by heads that were fitted on the others.",
        "Which networks tell the left-out clips' actions more often than by chance?",
        "several",
        NETWORKS,
        "taught",
        _about(left_out),
        "compare",
    ),
    Step(
        "Do the pictures give it away?",
        "Now without reversals: the clips as filmed, read by what knows no order. That is TSN, and "
        "simpler still, a clip's first frame or its mean frame, of 16 × 16 pixels. Again each clip "
        "is left out in turn. Here are two of the clips.",
        "Do the pictures alone give the action away?",
        "one",
        GIVEN_AWAY,
        "leaks",
        _about(given_away),
        "teach",
    ),
)


def steps(people: People | None) -> tuple[Step, ...]:
    """The tour's steps, the last ones only where there are people to tell of."""
    return STEPS if people is None else STEPS + PEOPLE_STEPS
