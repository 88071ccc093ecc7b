"""A film for uploads, made on the spot: a bright square that moves to the right."""

from pathlib import Path

import numpy as np

from maagn.video.encode import write_mp4

FRAMES = 40


def write_film(path: Path) -> Path:
    """160 x 120, 40 frames, 20 a second."""
    frames = np.full((FRAMES, 120, 160, 3), 60, np.uint8)
    for i, frame in enumerate(frames):
        frame[40:80, 3 * i : 3 * i + 40] = (230, 180, 40)
    write_mp4(path, frames, seconds=np.arange(FRAMES) / 20)
    return path
