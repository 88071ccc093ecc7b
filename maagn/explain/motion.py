"""What moves between the frames that a network sees? Dense optical flow."""

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from maagn.types import ClipTensor, Explanation

_LEAST_SIDE = 160
"""Pixels: the method's coarsest scale needs that much to find anything."""


def motion(inputs: ClipTensor) -> Explanation:
    """Where each pixel goes from one sampled frame to the next, by DIS (Kroeger et al. 2016).

    Returns:
        `values` (t - 1, h, w, 2): to the right and down, pixels of the network's input per second;
        `seconds` of the earlier frame of each pair.
    """
    return Explanation(
        kind="motion",
        name="flow",
        values=flow(inputs.pictures, inputs.seconds),
        axes=("time", "row", "column", "direction"),
        unit="pixels per second",
        bounds=None,
        signed=True,
        seconds=inputs.seconds[:-1],
        about={"method": "DIS", "clip": inputs.digest},
    )


def flow(
    pictures: UInt8[np.ndarray, "t h w 3"], seconds: Float64[np.ndarray, " t"]
) -> Float32[np.ndarray, "pairs h w 2"]:
    """Optical flow of consecutive pictures, to the right and down, in pixels per second."""
    height, width = pictures.shape[1:3]
    factor = -(-_LEAST_SIDE // min(height, width))
    grey = [
        cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), None, fx=factor, fy=factor)
        for picture in pictures
    ]
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = []
    for first, second, gap in zip(grey[:-1], grey[1:], np.diff(seconds), strict=True):
        large = finder.calc(first, second, np.zeros((*first.shape, 2), np.float32))
        small = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
        found.append(small / (factor * gap))
    return np.stack(found).astype(np.float32)


def most_moving(explanation: Explanation) -> int:
    """The frame from which most moves to the next: the largest mean speed; from 0.

    Args:
        explanation: as `motion` returns it.
    """
    speed = np.linalg.norm(explanation.values, axis=3)
    return int(speed.mean(axis=(1, 2)).argmax()) if len(speed) else 0
