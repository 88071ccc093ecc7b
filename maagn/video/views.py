"""Several crops of one clip, some mirrored, and one answer from all of them."""

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from maagn.labels import mirrored


def three_crop(frames: UInt8[np.ndarray, "t h w 3"], crop: int) -> UInt8[np.ndarray, "3 t c c rgb"]:
    """Both ends and the middle of the long side, in the middle of the short one.

    Raises:
        ValueError: the crop is larger than the frames.
    """
    height, width = _size(frames, crop)
    along = ((0, 1), (1, 1), (2, 1)) if height > width else ((1, 0), (1, 1), (1, 2))
    return np.stack([_cut(frames, crop, *place) for place in along])


def ten_crop(frames: UInt8[np.ndarray, "t h w 3"], crop: int) -> UInt8[np.ndarray, "10 t c c rgb"]:
    """The four corners and the centre, then the mirror images of these five.

    Raises:
        ValueError: the crop is larger than the frames.
    """
    _size(frames, crop)
    places = ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))
    plain = [_cut(frames, crop, *place) for place in places]
    return np.stack(plain + [flip(view) for view in plain])


def merge_views(
    logits: Float[Tensor, "v k"], flipped: Bool[np.ndarray, " v"], labels: tuple[str, ...]
) -> Float[Tensor, " k"]:
    """Mean logits; a mirrored view's vote for left is one for right, and the other way.

    Args:
        logits: of every view.
        flipped: which views are mirror images.
        labels: class names in the order of the logits. A class whose mirror image is not among
            them keeps its own logit.
    """
    classes = flipped_classes(labels)
    order = [i if mirror is None else mirror for i, mirror in enumerate(classes)]
    back = torch.from_numpy(flipped).to(logits.device)[:, None]
    return torch.where(back, logits[:, order], logits).mean(dim=0)


def flip(frames: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """Left and right exchanged."""
    return np.ascontiguousarray(frames[:, :, ::-1])


def flipped_classes(labels: tuple[str, ...]) -> tuple[int | None, ...]:
    """The class of each class's mirror image: itself for most (Sec. 4.2).

    None where the mirror image is of a class that is not among the labels: a clip of that class
    cannot be flipped in training.
    """
    places = {label: i for i, label in enumerate(labels)}
    return tuple(places.get(mirrored().get(label, label)) for label in labels)


def _size(frames: UInt8[np.ndarray, "t h w 3"], crop: int) -> tuple[int, int]:
    height, width = frames.shape[1:3]
    if crop > min(height, width):
        raise ValueError(f"cannot cut {crop} pixels out of {width} x {height}")
    return height, width


def _cut(
    frames: UInt8[np.ndarray, "t h w 3"], crop: int, down: int, right: int
) -> UInt8[np.ndarray, "t c c 3"]:
    """The square at `down` and `right` halves of the room."""
    height, width = frames.shape[1:3]
    top, left = (height - crop) * down // 2, (width - crop) * right // 2
    return frames[:, top : top + crop, left : left + crop]
