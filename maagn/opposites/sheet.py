"""All classes on one picture, each as a row of frames."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.clip import OPPOSITES_PAIRS, OppositeClip, draw_clip
from maagn.opposites.gallery import from_its_beginning
from maagn.opposites.split import Split

_FRAMES, _SIDE, _GAP, _HEAD = 5, 144, 10, 26
_INK, _PAPER = (34, 34, 34), 250


def write_sheet(path: Path, *, split: Split = "test", first: int = 0) -> None:
    """A row a pair: the forward class on the left, its opposite on the right, of another scene.

    Args:
        path: of the picture, PNG or JPEG.
        split: of the benchmark.
        first: index of the scenes on the left; those on the right have the next.
    """
    rows = [
        np.concatenate(
            [
                _strip(draw_clip(label, split=split, index=first + side))
                for side, label in enumerate(pair)
            ],
            axis=1,
        )
        for pair in OPPOSITES_PAIRS
    ]
    sheet = np.concatenate(rows)[..., ::-1]
    if not cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise OSError(f"cannot write {path}")


def _strip(clip: OppositeClip) -> UInt8[np.ndarray, "h w 3"]:
    """The class's name over frames that are evenly spaced over the whole action."""
    frames = from_its_beginning(clip).render(np.linspace(0, 1, _FRAMES), size=_SIDE)
    high, wide = _HEAD + _SIDE + _GAP, _FRAMES * _SIDE + 2 * _GAP
    strip = np.full((high, wide, 3), _PAPER, np.uint8)
    strip[_HEAD : _HEAD + _SIDE, _GAP:-_GAP] = np.concatenate(list(frames), axis=1)
    cv2.putText(
        strip, clip.label, (_GAP, _HEAD - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.52, _INK, 1, cv2.LINE_AA
    )
    return strip
