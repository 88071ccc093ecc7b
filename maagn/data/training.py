"""Something-Something V2's clips as a training loop wants them: frames, and a class."""

from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import UInt8

from maagn.config import SamplingSpec
from maagn.data.layouts.names import Split
from maagn.data.layouts.something import open_something_v2
from maagn.errors import DatasetError
from maagn.video.read import read_clip
from maagn.video.transform import sample_positions, with_short_side


class SomethingDataset:
    """Videos of a split with the class of each.

    Without `train`, a clip is the middle frames of equal segments, cropped in the centre; with it,
    a frame at random of each segment (TSN), cropped at random, other ones in every epoch.

    Args:
        folder: holds `labels/` and `20bn-something-something-v2/`.
        split: `train`, `val` or `test` (whose classes are in `test-answers.csv`).
        frames: T.
        train: whether to jitter frames and crop.
        resize: short side of the frames in pixels before the crop.
        crop: side of what is kept, in pixels.
        seed: of jitter and crops.

    Raises:
        DatasetError: a label file is missing or cannot be read, or names an unknown class.
        ValueError: the crop is larger than the frame.
    """

    def __init__(
        self,
        folder: Path,
        split: Split,
        *,
        frames: int = 8,
        train: bool = False,
        resize: int = 256,
        crop: int = 224,
        seed: int = 0,
    ) -> None:
        if crop > resize:
            raise ValueError(f"cannot keep {crop} pixels of {resize}")
        self.folder = folder
        self.train = train
        self.frames = frames
        self.resize = resize
        self.crop = crop
        self.seed = seed
        self.epoch = 0
        videos = open_something_v2(folder, split)
        self.labels = videos.labels
        self.entries = videos.videos
        if any(entry.label is None for entry in self.entries):
            raise DatasetError(f"{folder} gives {split} no classes: its answers are missing.")

    def __len__(self) -> int:
        return len(self.entries)

    def path(self, index: int) -> Path:
        """The video of that item.

        Raises:
            DatasetError: the folder lacks it.
        """
        path = self.entries[index].path
        if not path.is_file():
            raise DatasetError(f"{path} is missing: unpack all of the data set's videos.")
        return path

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB in [0, 255], and the class of that item.

        Raises:
            IndexError: the index is not in [0, length).
            DatasetError: the video is missing.
            ClipError: the video cannot be read.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} clips, got index {index}")
        path, label = self.path(index), cast(int, self.entries[index].label)
        sampling = SamplingSpec(self.frames)
        if not self.train:
            clip = read_clip(path, samplings=[sampling])
            places = np.searchsorted(
                clip.indices, sample_positions(len(clip.source_seconds), sampling)
            )
            return _cut(clip.frames[places], self.resize, self.crop, (0.5, 0.5)), label
        rng = np.random.default_rng([self.seed, self.epoch, index])
        clip = read_clip(path)
        starts = np.arange(self.frames) + rng.random(self.frames)
        places = (starts * len(clip.frames) / self.frames).astype(int)
        left, top = rng.random(2).tolist()
        return _cut(clip.frames[places], self.resize, self.crop, (left, top)), label

    def __getitem__(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        return self.get(index)


def _cut(
    frames: UInt8[np.ndarray, "t h w 3"], resize: int, crop: int, place: tuple[float, float]
) -> UInt8[np.ndarray, "t crop crop 3"]:
    """Short side to `resize`, then the square that lies at that share of the room left and top."""
    whole = with_short_side(frames, resize)
    high, wide = whole.shape[1:3]
    left, top = (int(s * (room - crop)) for s, room in zip(place, (wide, high), strict=True))
    return np.ascontiguousarray(whole[:, top : top + crop, left : left + crop])
