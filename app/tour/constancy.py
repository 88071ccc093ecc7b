"""Attention, or a constant? Whether MAAGN's mask follows the clip.

Told by the audit of these very weights over many clips; where there is none, by two clips alone.
"""

import numpy as np
from jaxtyping import Float32

from app import audits
from app.tour.lesson import Finding, Lesson, mask
from maagn.evaluate.attention import MaskAudit
from maagn.evaluate.mask_statistics import variance
from maagn.explain.attention import MTAM
from maagn.figures.layout import percent

SAME, OWN = OPTIONS = ("Nearly the same weights", "Weights of its own")

# Of two clips the mean takes half of what tells one from another, of many clips nothing: 0.95 here
# is what 0.9 is to an audit.
_SAME_OF_TWO = 0.95
_UNSEEN = 0.01  # of 3: no line of the chart is as thin


def constancy(lesson: Lesson) -> Finding:
    """Finding: whether another clip gets weights of its own, and whether predictions need them."""
    model = lesson.maagn.model
    audit, known = audits.audit_of(model), audits.of_mask(model, MTAM, 0)
    if audit is None or known is None:
        return _of_two(lesson)
    told = (
        f"{MTAM.title}, over {audit.clips:,} {audit.origin.data.split} clips: **{known.sentence}** "
        f"The class explains {percent(known.class_share or 0)} of the variance, the single clip "
        f"{percent(known.clip_share or 0)}. {_meaning(known)}"
    )
    return Finding((OWN if known.varies else SAME,), f"{told}\n\n{_apart(lesson)}")


def _meaning(known: MaskAudit) -> str:
    """What the verdict says of the mask: whether it follows the clip, and whether that matters."""
    match known.verdict:
        case "attends":
            return (
                "So this is attention: the mask follows the clip, and some predictions need that."
            )
        case "dead":
            return "So no clip can change it: it is a constant."
        case "constant" if known.varies:
            return (
                "So the mask follows the clip, but predictions hardly need that: its average does "
                "nearly as well."
            )
        case "constant":
            points = known.effects["average"].top1.points
            where = "frame and channel" if known.channels > 1 else "the frame's place"
            return (
                f"So this is a constant, a weight of {where}, not attention to what the clip "
                f"shows: its average in place costs {points.value:.1f} points of top-1 "
                f"({points.low:.1f} to {points.high:.1f})."
            )
        case _ if known.varies:
            return (
                "So the mask follows the clip; whether that matters, this sample does not decide."
            )
        case _:
            return (
                "So the mask hardly follows the clip; whether the little that it does matters, "
                "this sample does not decide."
            )


def _of_two(lesson: Lesson) -> Finding:
    """By the two masks alone, which tell nothing of the predictions."""
    first, second = _weights(lesson)
    place = variance(np.stack([first, second]), np.arange(2)).shares[0]
    same = place >= _SAME_OF_TWO or float(np.abs(first - second).max()) < _UNSEEN
    where = "the frame's place alone explains"
    if mask(lesson.maagn, MTAM).values.ndim > 1:
        where = "frame and channel alone explain"
    return Finding(
        (SAME if same else OWN,),
        f"Of two clips only: {where} {percent(place)} of the variance of their weights. "
        f"{_apart(lesson)}\n\nWhether it is so for every clip, and whether predictions need it, "
        "has not been measured for these weights: `maagn audit NAME --out FOLDER` tells.",
    )


def _apart(lesson: Lesson) -> str:
    """How far the two clips' weights differ."""
    apart = np.abs(np.subtract(*_weights(lesson)))
    return (
        f"Between these two clips a weight differs by {apart.mean():.2g} on average and by "
        f"{apart.max():.2g} at most; it lies between 0 and 3."
    )


def _weights(lesson: Lesson) -> tuple[Float32[np.ndarray, " n"], Float32[np.ndarray, " n"]]:
    """MTAM's sum for the clip and for the other one, frame by frame, its channels apart."""
    other = lesson.other.reports[0]
    return mask(lesson.maagn, MTAM).values.ravel(), mask(other, MTAM).values.ravel()
