"""The frames of a teaching's clips, read once and kept in memory, as training asks for them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float32, Int64, UInt8
from torch import Tensor

from maagn.config import Look, TransformSpec
from maagn.data.seen import read_clips
from maagn.errors import TeachError
from maagn.teach.examples import Examples
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec, views_of


@dataclass(eq=False)
class KeptClips:
    """Clips as one look sees them, before the crop; a `maagn.train.augment.ClipSet`.

    Attributes:
        labels: class names in the order of the numbers.
        frames: of each clip, a square out of its middle.
        classes: number of each clip's class.
        transform: the look's.
        epoch: which pass over the clips; they are the same in each.
    """

    labels: tuple[str, ...]
    frames: tuple[UInt8[np.ndarray, "t s s 3"], ...]
    classes: Int64[np.ndarray, " n"]
    transform: TransformSpec
    epoch: int = field(default=0)

    def __len__(self) -> int:
        return len(self.frames)

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t s s 3"], int]:
        """Frames and the number of the class."""
        return self.frames[index], int(self.classes[index])

    def both_ways(self, index: int) -> Float32[Tensor, "2 3 t c c"]:
        """What a network sees of a clip in a test, and of the same frames in reverse."""
        frames, crop = self.frames[index], self.transform.crop
        start = (frames.shape[1] - crop) // 2
        seen = frames[:, start : start + crop, start : start + crop]
        return normalise(np.stack([seen, seen[::-1]]), self.transform)


MOST_TUNED = 500
"""Clips that networks may be fine-tuned on: their frames fill up to a gigabyte."""


def refuse_many(examples: Examples) -> None:
    """Networks can be fine-tuned on that many clips.

    Raises:
        TeachError: they cannot.
    """
    if len(examples.clips) > MOST_TUNED:
        raise TeachError(
            f"{len(examples.clips):,} clips are more than fine-tuning takes, {MOST_TUNED}: teach "
            "heads alone, or train a network on them with `maagn train --data`."
        )


def keep_clips(
    examples: Examples, looks: Collection[Look], *, step: Callable[[int], None]
) -> dict[Look, KeptClips]:
    """Read every clip once, for all looks.

    A clip takes half a megabyte for a demonstration network, and two for one of 224 pixels.

    Args:
        examples: clips that can be read.
        looks: of the networks.
        step: told the number of each clip before it is read; may raise, to stop.

    Raises:
        ClipError: a clip cannot be read any more.
    """
    frames: dict[Look, list[UInt8[np.ndarray, "t s s 3"]]] = {look: [] for look in looks}
    for index, clip in enumerate(examples.clips):
        step(index)
        for look, seen in read_clips(clip.video, looks).items():
            sampling, transform = look
            square = replace(transform, crop=side_of(transform))
            views, _ = views_of(seen, sampling=sampling, transform=square, views=ViewSpec())
            frames[look].append(views[0])
    classes = np.array([clip.label for clip in examples.clips])
    return {
        look: KeptClips(examples.labels, tuple(kept), classes, look[1])
        for look, kept in frames.items()
    }


def side_of(transform: TransformSpec) -> int:
    """Pixels of the square out of which training cuts its crops.

    As large as the frames are high, but for the pixel that would put its middle beside theirs.
    """
    return transform.resize - (transform.resize - transform.crop) % 2
