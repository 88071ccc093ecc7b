"""Several crops and moments of one clip, some mirrored, and one answer from all of them."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from maagn.config import SamplingSpec, TransformSpec
from maagn.labels import ClassRelations
from maagn.types import Clip
from maagn.video.short_side import with_short_side
from maagn.video.transform import places_of, sample_positions

Crops = Literal["centre", "three-crop", "ten-crop"]


@dataclass(frozen=True)
class ViewSpec:
    """How often, and how, a network sees a video in a test (Sec. 4.2).

    Attributes:
        crops: the network's own `centre`; `three-crop`: squares of the whole short side along the
            long one; `ten-crop`: corners, centre, and their mirror images.
        clips: moments of the video that are seen, evenly over it.
    """

    crops: Crops = "centre"
    clips: int = 1

    @property
    def count(self) -> int:
        """Views of a video."""
        return {"centre": 1, "three-crop": 3, "ten-crop": 10}[self.crops] * self.clips

    @property
    def flips(self) -> bool:
        """Whether some views are mirror images."""
        return self.crops == "ten-crop"

    def samplings(self, sampling: SamplingSpec) -> list[SamplingSpec]:
        """Which frames each of the clips has."""
        return [replace(sampling, clip=i, clips=self.clips) for i in range(self.clips)]


def views_of(
    clip: Clip, *, sampling: SamplingSpec, transform: TransformSpec, views: ViewSpec
) -> tuple[UInt8[np.ndarray, "v t c c 3"], Bool[np.ndarray, " v"]]:
    """What a network sees of a video in a test: pixels in [0, 255], and which views are mirrored.

    For a network that resizes to 256 and crops 224, as published ones do, three crops are of 256
    pixels and ten of 224; others keep that proportion.

    Args:
        clip: read for `views.samplings(sampling)`.
        sampling: the network's.
        transform: the network's.
        views: how often.

    Raises:
        TooFewFrames: fewer frames in the source than the sampling needs.
    """
    seen: list[np.ndarray] = []
    for one in views.samplings(sampling):
        positions = sample_positions(len(clip.source_seconds), one)
        frames = with_short_side(
            clip.frames[places_of(positions, kept=clip.indices)], transform.resize
        )
        match views.crops:
            case "centre":
                seen.append(_cut(frames, transform.crop, 1, 1)[None])
            case "three-crop":
                seen.append(three_crop(frames, transform.resize))
            case "ten-crop":
                seen.append(ten_crop(frames, transform.crop))
    turned = np.arange(10) >= 5 if views.flips else np.zeros(len(seen[0]), bool)
    return np.ascontiguousarray(np.concatenate(seen)), np.tile(turned, views.clips)


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
    logits: Float[Tensor, "v k"],
    flipped: Bool[np.ndarray, " v"],
    labels: tuple[str, ...],
    relations: ClassRelations | None = None,
) -> Float[Tensor, " k"]:
    """Mean logits; a mirrored view's vote for left is one for right, and the other way.

    Args:
        logits: of every view.
        flipped: which views are mirror images.
        labels: class names in the order of the logits.
        relations: of these classes, of the network's own where given; None for what is known
            without a person's help.

    Raises:
        PairsError: a view is mirrored and a class's mirror image is not known.
    """
    if not flipped.any():
        return logits.mean(dim=0)
    order = flipped_classes(labels, relations)
    back = torch.from_numpy(flipped).to(logits.device)[:, None]
    return torch.where(back, logits[:, list(order)], logits).mean(dim=0)


def flip(frames: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """The pixels, mirrored left to right."""
    return np.ascontiguousarray(frames[:, :, ::-1])


def flipped_classes(
    labels: tuple[str, ...], relations: ClassRelations | None = None
) -> tuple[int, ...]:
    """The class of each class's mirror image: itself for most (Sec. 4.2).

    Args:
        labels: class names in the order of their numbers.
        relations: of these classes; None for what is known without a person's help.

    Raises:
        PairsError: the mirror image of a class is not known: no clip may be flipped.
    """
    relations = relations or ClassRelations.of(labels)
    relations.refuse_unmirrored()
    return tuple(labels.index(str(mirror)) for mirror in relations.mirrors)


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
