"""Mirror a clip, and its label with it."""

import numpy as np
from jaxtyping import UInt8

from maagn.labels import mirrored


def flip(frames: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """Left and right exchanged."""
    return np.ascontiguousarray(frames[:, :, ::-1])


def flipped_classes(labels: tuple[str, ...]) -> tuple[int | None, ...]:
    """The class of each class's mirror image: itself for most (Sec. 4.2).

    None where the mirror image is of a class that is not among the labels: such clips cannot be
    flipped.
    """
    places = {label: i for i, label in enumerate(labels)}
    return tuple(places.get(mirrored().get(label, label)) for label in labels)
