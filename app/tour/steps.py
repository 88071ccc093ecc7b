"""The eleven steps, from a person's own guess to the reversal of the frames.

What the networks' numbers say to each question is computed; nothing here is known beforehand.
"""

import numpy as np

from app.elements import markdown
from app.tour.constancy import OPTIONS, constancy
from app.tour.lesson import Finding, Lesson, Step, mask
from app.views.stage import network_name
from maagn.explain.attention import MTAM, MTAM_ANGLES, SDM
from maagn.figures.layout import percent

HALVES = ("The first half", "The second half")
ANGLES = ("The maximum", "The mean", "Both together")
STREAMS = ("The spatial stream (SDM)", "The temporal stream (MTAM)", "The gate (AGM)")
TURNS = ("The same prediction", "The opposite action", "Some other action")


def action(lesson: Lesson) -> Finding:
    """Finding: the clip's true class."""
    return Finding(
        (lesson.truth,),
        f"The clip was filmed as **{lesson.truth}**. Backwards, the same frames show "
        f"**{lesson.opposite}**: no single frame tells the two apart, their order does.",
    )


def key_frame(lesson: Lesson) -> Finding:
    """Finding: the frame with the largest MTAM weight, on the path that sees all frames."""
    weights = mask(lesson.maagn, MTAM).per_frame
    place = int(weights.argmax())
    return Finding(
        (f"Frame {place + 1}",),
        f"MAAGN's temporal attention weighs **frame {place + 1}** most: {weights[place]:.2f} of 3, "
        f"against {weights.min():.2f} for frame {int(weights.argmin()) + 1}. "
        "You need not agree: this tells where the network puts weight, not what is true.",
    )


def networks(lesson: Lesson) -> Finding:
    """Titles of the networks that classify the clip correctly."""
    told = []
    right = []
    for report in lesson.answer.reports:
        best, probability = report.prediction.top(1)[0]
        name = network_name(report)
        mark = "✓ right" if best == lesson.truth else "✗ wrong"
        told.append(f"- {name} gives {percent(probability)} to {markdown(best)}: {mark}")
        if best == lesson.truth:
            right.append(name)
    return Finding(tuple(right), "\n".join(told))


def spatial(lesson: Lesson) -> Finding:
    """Finding: the half of the clip that SDM gives more weight."""
    first, second = (float(half.mean()) for half in np.split(mask(lesson.maagn, SDM).per_frame, 2))
    return Finding(
        (HALVES[int(second > first)],),
        f"SDM's mask is {first:.3f} on average in the first half of the frames and {second:.3f} "
        "in the second; it lies between 0 and 1.",
    )


def temporal(lesson: Lesson) -> Finding:
    """Finding: the largest of MTAM's three masks."""
    means = [float(mask(lesson.maagn, angle).values.mean()) for angle in MTAM_ANGLES]
    told = ", ".join(f"{name.lower()} {mean:.3f}" for name, mean in zip(ANGLES, means, strict=True))
    return Finding((ANGLES[int(np.argmax(means))],), f"On average over the frames: {told}.")


def gate(lesson: Lesson) -> Finding:
    """Finding: the stream with the largest share of the fused feature."""
    shares = lesson.maagn.gates[0].shares.mean(axis=1)
    told = ", ".join(f"{name} {100 * x:.0f} %" for name, x in zip(STREAMS, shares, strict=True))
    return Finding((STREAMS[int(shares.argmax())],), f"Shares of the fused feature: {told}.")


def paths(lesson: Lesson) -> Finding:
    """Finding: the path whose vote for the true class is highest."""
    at = lesson.maagn.model.labels.index(lesson.truth)
    votes = lesson.maagn.prediction.path_probabilities[:, at]
    levels = lesson.maagn.model.spec.levels
    told = ", ".join(
        f"res{level} alone gives {percent(float(vote))}"
        for level, vote in zip(levels, votes, strict=True)
    )
    return Finding(
        (f"res{levels[int(votes.argmax())]}",),
        f"To {lesson.truth}, {told}; together, the plain mean of their logits, they give "
        f"{percent(float(lesson.maagn.prediction.probabilities[at]))}.",
    )


def evidence(lesson: Lesson) -> Finding:
    """Finding: the half of the clip with more of MAAGN's positive evidence."""
    report = lesson.maagn
    parts = [float(half.sum()) for half in np.array_split(report.evidence, 2)]
    whole = sum(parts)
    if whole == 0:
        return Finding(
            (),
            f"Nothing at {report.map_layer} speaks for {markdown(report.label)}.",
        )
    first = parts[0] / whole
    return Finding(
        (HALVES[int(parts[1] > parts[0])],),
        f"{100 * first:.0f} % of the map's positive evidence for {markdown(report.label)} lies in "
        f"the first half, {100 * (1 - first):.0f} % in the second ({report.map_layer}).",
    )


def without_order(lesson: Lesson) -> Finding:
    """Finding: how TSN's prediction changes when the frames are reversed."""
    found = lesson.reversals["TSN"]
    before, after = found.forward.top(1)[0][0], found.backward.top(1)[0][0]
    if before == after:
        turn = TURNS[0]
    elif {before, after} == {lesson.truth, lesson.opposite}:
        turn = TURNS[1]
    else:
        turn = TURNS[2]
    return Finding(
        (turn,),
        f"TSN says {markdown(before)} forwards and {markdown(after)} backwards. Of its "
        f"{len(found.forward.labels)} logits none changes by more than {found.change:.1e}: "
        "it averages over frames, and a mean does not know their order.",
    )


def with_order(lesson: Lesson) -> Finding:
    """Finding: the networks that predict the opposite when the frames are reversed."""
    right = tuple(
        name
        for name, found in lesson.reversals.items()
        if found.backward.top(1)[0][0] == lesson.opposite
    )
    there, back = lesson.reversals["MAAGN"].margins(lesson.truth, lesson.opposite)
    return Finding(
        right,
        f"{len(right)} of {len(lesson.reversals)} networks say {lesson.opposite} to the reversed "
        f"frames. MAAGN's log ratio of {lesson.truth} to its opposite goes from {there:+.2f} to "
        f"{back:+.2f}; over 0 it holds {lesson.truth} for more probable.",
    )


_FRAMES = 8  # that every network of the project sees
_NETWORKS = ("MAAGN", "TPN", "TSM", "TSN")

STEPS = (
    Step(
        "Name the action",
        "Play the clip, or go through its frames with the arrow keys. The networks see these "
        "frames and nothing else.",
        "What happens here?",
        "one",
        ("Opening something", "Closing something", "Folding something", "Unfolding something"),
        "clip",
        action,
        "errors",
    ),
    Step(
        "Name the key frame",
        "Look at one frame at a time. Before some frame you could not have said whether the thing "
        "opens or closes; with it, you could.",
        "Which frame told you?",
        "one",
        tuple(f"Frame {i + 1}" for i in range(_FRAMES)),
        "masks",
        key_frame,
        "attention",
        scored=False,
    ),
    Step(
        "Four networks predict",
        "TSN looks at every frame by itself and averages. TSM lets neighbouring frames exchange a "
        "part of their features. TPN adds paths of several frame rates, MAAGN adds attention in "
        "time and gates to those paths.",
        "Which of them classify the action correctly?",
        "several",
        _NETWORKS,
        "networks",
        networks,
        "compare",
    ),
    Step(
        "SDM: what has changed?",
        "The Spatial Difference Module subtracts the clip's first half from its second and "
        "turns the difference into weights of the frames, between 0 and 1 (Eqs. 1 to 5).",
        "Which half of the frames gets more weight?",
        "one",
        HALVES,
        "masks",
        spatial,
        "attention",
    ),
    Step(
        "MTAM: three angles on time",
        "The Multi-angle Temporal Attention Module weighs each frame three times: by the maximum "
        "of its features, by their mean, and by both together (Eqs. 7 to 12).",
        "Which of the three masks is the largest here, on average?",
        "one",
        ANGLES,
        "masks",
        temporal,
        "attention",
    ),
    Step(
        "Attention, or a constant?",
        "MTAM makes its masks from each clip's own features and adds the three up (Eq. 13). "
        "Training may still settle on weights that are the same whatever a clip shows. MAAGN was "
        "also asked about the other clip here: another action, another scene.",
        "Does a clip that shows something else get the same weights on the path of all frames?",
        "one",
        OPTIONS,
        "clips",
        constancy,
        "attention",
    ),
    Step(
        "AGM: which stream wins?",
        "The Adaptive Gating Module adds the spatial stream, the temporal stream and a gate "
        "between them (Eqs. 14 to 16). The sum is linear, so each one's share is exact.",
        "Which makes the largest part of the fused feature on the path of all frames?",
        "one",
        STREAMS,
        "gates",
        gate,
        "gating",
    ),
    Step(
        "Three paths vote",
        "One path sees every frame (res3), one every second (res4), one every fourth (res5). Each "
        "makes a prediction of its own.",
        "Which path gives most to the true class?",
        "one",
        ("res3", "res4", "res5"),
        "paths",
        paths,
        "gating",
    ),
    Step(
        "Where is the evidence?",
        "A class activation map tells which places and moments speak for a class.",
        "Which half of the clip holds more of MAAGN's evidence?",
        "one",
        HALVES,
        "evidence",
        evidence,
        "evidence",
    ),
    Step(
        "Backwards, without order",
        "Now the same frames are shown last first. What opened closes. TSN averages what it sees "
        "in the single frames.",
        "What does TSN say to the reversed frames?",
        "one",
        TURNS,
        "reversal",
        without_order,
        "whatif",
    ),
    Step(
        "Backwards, with order",
        "The other networks see how frames follow each other.",
        "Which networks now predict the opposite of the clip's true action?",
        "several",
        _NETWORKS,
        "reversal",
        with_order,
        "whatif",
    ),
)
