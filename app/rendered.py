"""Clips of the benchmark, drawn when they are opened, as the evaluation drew them."""

from dataclasses import replace

from app.selection import ClipChoice
from maagn.opposites.clip import draw_clip
from maagn.opposites.dataset import middle_times
from maagn.types import Clip
from maagn.video.transform import from_frames

_SECONDS = 3.0  # a rendered clip has no length of its own; those of the gallery last about that


def render(choice: ClipChoice, *, frames: int, side: int) -> Clip:
    """The frames that the networks see, at the size at which the evaluation rendered them.

    The same pixels, so that a network's answer is the one on record.

    Args:
        choice: of a rendered clip.
        frames: T.
        side: pixels of the square frames, before the networks' crop.
    """
    assert choice.drawn is not None
    label, index = choice.drawn
    times = middle_times(frames)
    drawn = draw_clip(label, split=choice.split, index=index).render(times, size=side)
    return replace(from_frames(drawn, seconds=times * _SECONDS), name=choice.name)
