"""Films that are longer than clips, pasted from clips of the gallery."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.gallery.catalogue import FOLDER
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip

PER_SECOND = 12
STILL_SECONDS = 5
OPENING, CLOSING = "06-opening-something-2.mp4", "07-closing-something-3.mp4"


def write_long_film(path: Path, names: Sequence[str] = (OPENING, CLOSING)) -> list[float]:
    """Clips after each other, each among stills of its first and last frame.

    Returns:
        When each begins to move, seconds; a cut lies between two.
    """
    frames: list[np.ndarray] = []
    moving = []
    for name in names:
        clip = read_clip(FOLDER / name).frames
        still = PER_SECOND * STILL_SECONDS
        frames += [clip[0]] * still
        moving.append(len(frames) / PER_SECOND)
        frames += [*clip, *[clip[-1]] * still]
    write_mp4(path, frames, seconds=np.arange(len(frames)) / PER_SECOND, keyframe_every=PER_SECOND)
    return moving
