"""What is done to training clips: at random crop, flip and colour; their reversals beside them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

from maagn.config import TrainSpec, TransformSpec
from maagn.labels import ClassRelations
from maagn.train.clips import ClipSet
from maagn.train.colour import jitter_colour
from maagn.train.crop import corner_crop
from maagn.train.reverse import Item, in_reverse, reversed_classes
from maagn.video.views import flip, flipped_classes


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
        """Mean and deviation of the pixels that come out."""
        return self.spec.transform

    def batch(self, data: ClipSet, indices: Int[np.ndarray, " b"]) -> list[Item]:
        """Those clips, augmented; then, where the run asks for it, the same ones backwards."""
        items = [self.get(data, int(index)) for index in indices]
        return items + in_reverse(items, self.reversals) if self.spec.reversal else items

    def get(self, data: ClipSet, index: int) -> tuple[UInt8[np.ndarray, "t c c 3"], int]:
        """Clip `index` of the set's present epoch, augmented, and its class."""
        frames, label = data.get(index)
        rng = np.random.default_rng((self.spec.seed, data.epoch, index))
        return self.apply(frames, label, rng)

    def apply(
        self, frames: UInt8[np.ndarray, "t h w 3"], label: int, rng: np.random.Generator
    ) -> tuple[UInt8[np.ndarray, "t c c 3"], int]:
        """A crop, by a coin's toss its mirror image, and other light."""
        spec = self.spec
        frames = corner_crop(frames, rng, short_side=spec.short_side, crop=spec.crop)
        if spec.flip and rng.random() < 0.5:
            frames, label = flip(frames), self.mirrors[label]
        return jitter_colour(np.ascontiguousarray(frames), rng, strength=spec.colour), label
