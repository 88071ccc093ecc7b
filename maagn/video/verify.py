"""Whether decord's frames may be believed: against PyAV's, which were decoded one after another."""

import numpy as np

from maagn.video.worker import Answer

# The two convert the same decoded picture to RGB by the same code, and agree to the bit on
# 8-bit video; the tolerance leaves room for another processor's rounding. Any two different
# frames of a camera differ by more somewhere, however slow the motion.
PICTURE_TOLERANCE = 4


def disagreement(first: Answer, truth: Answer) -> str | None:
    """What about decord's answer differs from PyAV's, as half a sentence; None where they agree."""
    if len(first.seconds) != len(truth.seconds):
        return f"decord counts {len(first.seconds)} frames where {len(truth.seconds)} can be read"
    if np.any(np.diff(first.seconds) <= 0):
        return "decord's frame times run backwards"
    gaps = np.diff(truth.seconds)
    if gaps.size and np.abs(first.seconds - truth.seconds).max() > gaps.min() / 2:
        return "decord's frame times disagree with the file's"
    if first.frames.shape != truth.frames.shape:
        return "decord's pictures have another size than the file's"
    for ours, theirs in zip(truth.frames, first.frames, strict=True):
        # By frame, and by the larger minus the smaller: no int16 copy of the whole clip.
        apart = np.maximum(ours, theirs) - np.minimum(ours, theirs)
        if apart.max() > PICTURE_TOLERANCE:
            return "decord's pictures disagree with the file's"
    return None
