"""Is there anything in a clip to recognise? Frames that are all alike, or of a single colour."""

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

CELLS = 28
"""Cells along each side of the picture; a cell averages the noise of sensors and codecs away."""

TOLERANCE = 8.0
"""Of 255. Still pictures coded again at ordinary rates stay below 7 in every cell; of the gallery's
clips, in which something moves, none stays below 120."""


def content_notices(pictures: UInt8[np.ndarray, "t h w 3"]) -> tuple[str, ...]:
    """A sentence where a network is asked about motion, or things, that are not there.

    Frames count as the same picture where the mean difference from the first, in every cell of a
    28 x 28 grid and every channel, is at most 8 of 255; as of a single colour where the mean
    difference of every cell of every frame from that frame's mean colour is.

    Args:
        pictures: the sampled frames as a network sees them, RGB in [0, 255].

    Returns:
        None or one of three sentences.
    """
    count = len(pictures)
    frames = pictures.astype(np.float32)
    still = count > 1 and all(_alike(frame, frames[0]) for frame in frames[1:])
    plain = all(_alike(frame, frame.mean(axis=(0, 1))) for frame in frames)
    if still and plain:
        return (
            f"All {count} sampled frames are the same picture, of a single colour: there is "
            "nothing in them to recognise, and the answer says nothing about the clip.",
        )
    if plain:
        return (
            f"Each of the {count} sampled frames is of a single colour: there is nothing in them "
            "to recognise, and the answer says nothing about the clip.",
        )
    if still:
        return (
            f"All {count} sampled frames are the same picture: no motion can be seen in them, and "
            "the answer rests on what stands still.",
        )
    return ()


def _alike(frame: Float32[np.ndarray, "h w 3"], other: Float32[np.ndarray, "..."]) -> bool:
    cells = cv2.resize(np.abs(frame - other), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return bool(cells.max() <= TOLERANCE)
