"""The rendered benchmark as a plain sequence: every item is drawn when it is asked for."""

import numpy as np
from jaxtyping import Float64, UInt8

from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip, draw_clip
from maagn.opposites.split import Split, number_of

FRAMES = 8
RENDERED = 72  # side of the rendered frames, of which CROPPED are kept
CROPPED = 64


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
        if not 0 <= index < self._length:
            raise IndexError(f"there are {self._length} clips, got index {index}")
        number = self.epoch * self._length + index
        return draw_clip(index % len(self.labels), split=self.split, index=number)

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB, and the class of that item.

        Raises:
            IndexError: the index is not in [0, length).
        """
        clip = self.clip(index)
        room = self.rendered - self.cropped
        if self.train:
            rng = np.random.default_rng([7, number_of(self.split), clip.index])
            times = (np.arange(self.frames) + rng.random(self.frames)) / self.frames
            top, left = rng.integers(0, room + 1, size=2).tolist()
        else:
            times, top, left = middle_times(self.frames), room // 2, room // 2
        frames = clip.render(times, size=self.rendered)
        kept = frames[:, top : top + self.cropped, left : left + self.cropped]
        return np.ascontiguousarray(kept), index % len(self.labels)

    def __getitem__(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        return self.get(index)
