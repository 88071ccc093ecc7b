"""Where hand and thing are in a clip whose factors are known: of the gallery, or rendered."""

import numpy as np
from jaxtyping import Float64

from app.gallery.catalogue import clip_named
from app.selection import ClipChoice
from maagn.checkpoint import CheckpointInfo
from maagn.evaluate.pointing import masks_seen
from maagn.opposites.clip import OppositeClip, draw_clip
from maagn.opposites.dataset import middle_times
from maagn.opposites.masks import ClipMasks
from maagn.opposites.sheet import to_look_at
from maagn.types import Clip


def scene_of(choice: ClipChoice) -> OppositeClip | None:
    """The scene that a clip was rendered from; None of any other file."""
    if choice.drawn is not None:
        label, index = choice.drawn
        return draw_clip(label, split=choice.split, index=index)
    entry = clip_named(choice.link)
    if entry is None or not entry.factors:
        return None
    factors = entry.factors
    return to_look_at(draw_clip(entry.label, split=factors["split"], index=factors["index"]))


def _shares(clip: Clip) -> Float64[np.ndarray, " n"]:
    """When the frames of a file, or of a section of it, are: 0 for its first, 1 for its last."""
    count = len(clip.source_seconds)
    if clip.section is None or clip.film_seconds is None:
        return np.linspace(0, 1, count)
    lasts = float(np.median(np.diff(clip.source_seconds)))
    return (clip.section.start + clip.source_seconds) / (clip.film_seconds - lasts)


def masks_of(choice: ClipChoice, model: CheckpointInfo, clip: Clip) -> ClipMasks | None:
    """Hand and thing in what a network sees of a clip; None where there is no truth.

    Args:
        choice: of the clip.
        model: the network.
        clip: that was read or rendered for it.
    """
    scene = scene_of(choice)
    if scene is None:
        return None
    # The gallery's frames are over the whole clip, those of a rendered one as a network samples it.
    drawn = choice.drawn is not None
    times = middle_times(len(clip.source_seconds)) if drawn else _shares(clip)
    return masks_seen(scene, model, times=times, size=clip.frames.shape[1])
