"""Random light and colour, the same in every frame of a clip."""

import cv2
import numpy as np
from jaxtyping import UInt8

_LUMA = np.array([0.299, 0.587, 0.114])
_TINT = 1 / 3  # a channel's own gain varies by this part of what brightness does


def jitter_colour(
    frames: UInt8[np.ndarray, "t h w 3"], rng: np.random.Generator, *, strength: float
) -> UInt8[np.ndarray, "t h w 3"]:
    """Change brightness, contrast, saturation and tint by one draw for the whole clip.

    What tells a clip from its reverse is left alone, since no frame is treated unlike another.

    Args:
        frames: RGB in [0, 255].
        rng: draws the change.
        strength: largest change of a factor, in [0, 1); 0 leaves the clip as it is.
    """
    brightness, contrast, saturation = 1 + strength * rng.uniform(-1, 1, size=3)
    gain = brightness * (1 + _TINT * strength * rng.uniform(-1, 1, size=3))
    if strength == 0:
        return frames
    grey = float(frames.reshape(-1, 3).mean(axis=0) @ _LUMA)
    mixed = saturation * np.eye(3) + (1 - saturation) * np.tile(_LUMA, (3, 1))
    matrix = np.empty((3, 4))
    matrix[:, :3] = contrast * gain[:, None] * mixed
    matrix[:, 3] = (1 - contrast) * gain * grey
    flat = frames.reshape(-1, frames.shape[2], 3)
    return cv2.transform(flat, matrix).reshape(frames.shape)
