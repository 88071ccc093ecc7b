"""What is done to training clips: at random crop, flip and colour; their reversals beside them."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import cv2
import numpy as np
from jaxtyping import Int, UInt8

from maagn.config import TrainSpec, TransformSpec
from maagn.labels import ClassRelations
from maagn.video.short_side import with_short_side
from maagn.video.views import flip, flipped_classes


@runtime_checkable
class ClipSet(Protocol):
    """Clips of a split with their classes.

    Attributes:
        labels: class names in the order of the class numbers.
        epoch: which pass over the data this is; a set that draws at random draws anew in each.
    """

    labels: tuple[str, ...]
    epoch: int

    def __len__(self) -> int:
        """Number of clips."""

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB in [0, 255], and the class number of a clip; the same every time it is asked.

        Raises:
            IndexError: the index is not in [0, len).
        """


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


def centre_crop(
    frames: UInt8[np.ndarray, "t h w 3"], *, transform: TransformSpec
) -> UInt8[np.ndarray, "t c c 3"]:
    """Short side to `transform.resize`, then the middle; frames of the crop's size stay."""
    side = transform.crop
    if frames.shape[1:3] == (side, side):
        return frames
    whole = with_short_side(frames, transform.resize)
    top, left = ((length - side) // 2 for length in whole.shape[1:3])
    return whole[:, top : top + side, left : left + side]


def corner_crop(
    frames: UInt8[np.ndarray, "t h w 3"],
    rng: np.random.Generator,
    *,
    short_side: tuple[int, int],
    crop: int,
) -> UInt8[np.ndarray, "t c c 3"]:
    """A random scale, then one of the four corners or the centre (Sec. 4.2).

    Args:
        frames: RGB; frames of the crop's size stay as they are.
        rng: draws scale and place.
        short_side: smallest and largest short side after the scaling, in pixels; at least `crop`.
        crop: side of what is kept, in pixels.
    """
    short = int(rng.integers(short_side[0], short_side[1] + 1))
    down, right = ((0, 0), (0, 2), (2, 0), (2, 2), (1, 1))[int(rng.integers(5))]
    if frames.shape[1:3] == (crop, crop):
        return frames
    whole = with_short_side(frames, short)
    height, width = whole.shape[1:3]
    top, left = (height - crop) * down // 2, (width - crop) * right // 2
    return whole[:, top : top + crop, left : left + crop]


def idle(
    frames: UInt8[np.ndarray, "t h w 3"], rng: np.random.Generator
) -> UInt8[np.ndarray, "t h w 3"]:
    """The clip's action in a quarter to a half of its frames, somewhere; before and after, stills.

    The distribution is the same for a clip and its reversal.
    """
    count = len(frames)
    length = int(rng.integers(max(2, count // 4), count // 2 + 1))
    start = int(rng.integers(0, count - length + 1))
    progress = np.clip((np.arange(count) - start) / (length - 1), 0, 1)
    return frames[np.rint(progress * (count - 1)).astype(int)]


def spoil(
    frames: UInt8[np.ndarray, "t h w 3"],
    other: UInt8[np.ndarray, "t h w 3"],
    rng: np.random.Generator,
    *,
    most: int,
) -> UInt8[np.ndarray, "t h w 3"]:
    """The clip with 0 to `most` of its frames grey, noise, or those of another clip."""
    frames = frames.copy()
    for frame in rng.permutation(len(frames))[: int(rng.integers(most + 1))]:
        match int(rng.integers(3)):
            case 0:
                frames[frame] = int(rng.integers(256))
            case 1:
                frames[frame] = rng.integers(0, 256, frames[frame].shape, np.uint8)
            case _:
                frames[frame] = other[frame]
    return frames


Item = tuple[UInt8[np.ndarray, "t h w 3"], int]


def reversed_classes(
    labels: tuple[str, ...], relations: ClassRelations | None = None
) -> tuple[int | None, ...]:
    """The class that each class shows when played backwards; None where none of them does.

    Pairs that are proposed from the words of their names do not count: they would label clips.

    Args:
        labels: class names in the order of their numbers.
        relations: of these classes; None for what is known without a person's help.
    """
    relations = relations or ClassRelations.of(labels)
    number = {label: i for i, label in enumerate(labels)}
    return tuple(number.get(relations.reversal_of(label) or "") for label in labels)


def in_reverse(items: list[Item], classes: tuple[int | None, ...]) -> list[Item]:
    """Those of the clips that have an opposite, backwards, with that class.

    Shown in one batch with the clips themselves, they leave a network nothing but the order of
    frames to lower the loss by: the pictures are the same.
    """
    backwards = ((frames, classes[label]) for frames, label in items)
    return [
        (np.ascontiguousarray(frames[::-1]), label)
        for frames, label in backwards
        if label is not None
    ]


@dataclass(frozen=True)
class Augmentation:
    """The same for every frame of a clip; drawn from (seed, epoch, clip) alone.

    Attributes:
        spec: the run's settings.
        mirrors: class of each class's mirror image; itself where the run flips no clip.
        reversals: class of each class played backwards.
    """

    spec: TrainSpec
    mirrors: tuple[int, ...]
    reversals: tuple[int | None, ...]

    @classmethod
    def of(
        cls, spec: TrainSpec, labels: tuple[str, ...], relations: ClassRelations | None = None
    ) -> "Augmentation":
        """What `spec` asks for, on those classes.

        Args:
            spec: the run's settings.
            labels: class names in the order of their numbers.
            relations: of these classes; None for what is known without a person's help.

        Raises:
            PairsError: clips are to be flipped, and the mirror image of a class is not known.
        """
        mirrors = flipped_classes(labels, relations) if spec.flip else tuple(range(len(labels)))
        return cls(spec, mirrors, reversed_classes(labels, relations))

    @property
    def transform(self) -> TransformSpec:
        """The preprocessing that the augmented clips correspond to."""
        return self.spec.transform

    def batch(self, data: ClipSet, indices: Int[np.ndarray, " b"]) -> list[Item]:
        """Those clips, augmented; then, where the run asks for it, the same ones backwards."""
        items = [self.get(data, int(index)) for index in indices]
        return items + in_reverse(items, self.reversals) if self.spec.reversal else items

    def get(self, data: ClipSet, index: int) -> tuple[UInt8[np.ndarray, "t c c 3"], int]:
        """Clip `index` of the set's present epoch, augmented, and its class."""
        frames, label = data.get(index)
        rng = np.random.default_rng((self.spec.seed, data.epoch, index))
        if self.spec.idle:
            frames = idle(frames, rng)
        if self.spec.spoilt:
            other, _ = data.get(int(rng.integers(len(data))))
            frames = spoil(frames, other, rng, most=self.spec.spoilt)
        return self.apply(frames, label, rng)

    def apply(
        self, frames: UInt8[np.ndarray, "t h w 3"], label: int, rng: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "t c c 3"], int]:
        """A random crop, mirrored with probability 0.5 if flips are on, with colours changed."""
        spec = self.spec
        frames = corner_crop(frames, rng, short_side=spec.short_side, crop=spec.crop)
        if spec.flip and rng.random() < 0.5:
            frames, label = flip(frames), self.mirrors[label]
        return jitter_colour(np.ascontiguousarray(frames), rng, strength=spec.colour), label
