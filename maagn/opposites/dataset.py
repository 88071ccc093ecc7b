"""The rendered benchmark as a plain sequence: every item is drawn when it is asked for."""

import numpy as np
from jaxtyping import Float64, UInt8

from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip, draw_clip
from maagn.opposites.split import Split, number_of

FRAMES = 8
RENDERED = 124  # side of the rendered frames, of which CROPPED are kept
CROPPED = 112


def middle_times(frames: int) -> Float64[np.ndarray, " t"]:
    """The middles of that many equal segments of [0, 1] (TSN at test time)."""
    return (np.arange(frames) + 0.5) / frames


class OppositesDataset:
    """Clips of a split, the classes in turn.

    Item i is of class i modulo the number of classes, and no two items share a scene. With
    `train`, frames are at random within their segments (TSN) and cropped at random; without, at the
    segments' middles and cropped in the centre.

    Args:
        split: `train`, `val` or `test`; they share no scene.
        length: number of items; a multiple of the number of classes keeps the classes balanced.
        train: whether to jitter times and crop.
        frames: T.
        rendered: side of the rendered frames in pixels.
        cropped: side of what is kept, in pixels.
    """

    labels: tuple[str, ...] = OPPOSITES_LABELS

    def __init__(
        self,
        split: Split,
        *,
        length: int,
        train: bool = False,
        frames: int = FRAMES,
        rendered: int = RENDERED,
        cropped: int = CROPPED,
    ) -> None:
        if cropped > rendered:
            raise ValueError(f"cannot keep {cropped} pixels of {rendered}")
        self.split: Split = split
        self.train = train
        self.frames = frames
        self.rendered = rendered
        self.cropped = cropped
        self.epoch = 0
        self._length = length

    def __len__(self) -> int:
        return self._length

    def clip(self, index: int) -> OppositeClip:
        """The clip of that item in the present epoch; another epoch has other scenes.

        Raises:
            IndexError: the index is not in [0, length).
        """
        number = self._number(index)
        return draw_clip(self.label(index), split=self.split, index=number)

    def label(self, index: int) -> int:
        """The class of that item; nothing is drawn."""
        return index % len(self.labels)

    def whole(self, index: int) -> UInt8[np.ndarray, "t s s 3"]:
        """Frames of that item before the crop, RGB, `rendered` pixels a side.

        Raises:
            IndexError: the index is not in [0, length).
        """
        times, _, _ = self._drawn(index)
        return self.clip(index).render(times, size=self.rendered)

    def crop(
        self, frames: UInt8[np.ndarray, "t s s 3"], index: int
    ) -> UInt8[np.ndarray, "t h w 3"]:
        """The part of that item's whole frames which is kept."""
        _, top, left = self._drawn(index)
        kept = frames[:, top : top + self.cropped, left : left + self.cropped]
        return np.ascontiguousarray(kept)

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB, and the class of that item.

        Raises:
            IndexError: the index is not in [0, length).
        """
        return self.crop(self.whole(index), index), self.label(index)

    def __getitem__(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        return self.get(index)

    def _number(self, index: int) -> int:
        """Which of the split's clips the item is in the present epoch."""
        if not 0 <= index < self._length:
            raise IndexError(f"there are {self._length} clips, got index {index}")
        return self.epoch * self._length + index

    def _drawn(self, index: int) -> tuple[Float64[np.ndarray, " t"], int, int]:
        """When the frames are, and the crop's top and left: at random for training."""
        room = self.rendered - self.cropped
        number = self._number(index)
        if not self.train:
            return middle_times(self.frames), room // 2, room // 2
        rng = np.random.default_rng([7, number_of(self.split), number])
        times = (np.arange(self.frames) + rng.random(self.frames)) / self.frames
        top, left = rng.integers(0, room + 1, size=2).tolist()
        return times, top, left
