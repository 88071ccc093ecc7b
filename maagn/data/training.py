"""The clips of any set of videos as a training loop wants them: frames, and a class."""

from typing import cast

import numpy as np
from jaxtyping import UInt8

from maagn.config import SamplingSpec
from maagn.data.read import read_video
from maagn.data.videos import VideoSet
from maagn.errors import ClipError, DatasetError
from maagn.video.short_side import with_short_side
from maagn.video.transform import sample_positions

_FINE = 1000  # parts of a segment, of which one is drawn


class VideoClips:
    """The videos of a set with the class of each; a `maagn.train.augment.ClipSet`.

    Without `jitter`, a clip is the middle frames of equal segments, cropped in the centre; with it,
    a frame at random of each segment (TSN), cropped at random, other ones in every epoch. No other
    frame is decoded where a file allows it. A video with fewer frames than segments shows some
    twice.

    Args:
        videos: every video has its class.
        frames: T.
        jitter: whether frames and crop are drawn.
        resize: short side of the frames in pixels before the crop.
        crop: side of what is kept, in pixels.
        seed: of frames and crops.
        told: where the clips come from, as half a sentence.
        held_out: whether they were held out of the clips that are trained on.
        notices: sentences on what is not as it should be with them.

    Raises:
        ValueError: the crop is larger than the frame.
    """

    def __init__(
        self,
        videos: VideoSet,
        *,
        frames: int = 8,
        jitter: bool = False,
        resize: int = 256,
        crop: int = 224,
        seed: int = 0,
        told: str = "",
        held_out: bool = False,
        notices: tuple[str, ...] = (),
    ) -> None:
        if crop > resize:
            raise ValueError(f"cannot keep {crop} pixels of {resize}")
        self.videos = videos
        self.labels = videos.labels
        self.frames = frames
        self.jitter = jitter
        self.resize = resize
        self.crop = crop
        self.seed = seed
        self.told = told
        self.held_out = held_out
        self.notices = notices
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.videos)

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB in [0, 255], and the class of that item.

        Raises:
            IndexError: the index is not in [0, length).
            DatasetError: the video cannot be read.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"there are {len(self)} clips, got index {index}")
        if not self.jitter:
            return self._read(index, parts=1, chosen=[0] * self.frames, place=(0.5, 0.5))
        rng = np.random.default_rng([self.seed, self.epoch, index])
        chosen = rng.integers(_FINE, size=self.frames).tolist()
        left, top = rng.random(2).tolist()
        return self._read(index, parts=_FINE, chosen=chosen, place=(left, top))

    def _read(
        self, index: int, *, parts: int, chosen: list[int], place: tuple[float, float]
    ) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """The middle frame of the chosen one of `parts` equal parts of each segment."""
        video = self.videos.videos[index]
        samplings = [
            SamplingSpec(1, clip=parts * segment + part, clips=parts * self.frames)
            for segment, part in enumerate(chosen)
        ]
        try:
            clip = read_video(video, samplings=samplings)
        except ClipError as error:
            raise DatasetError(
                f"{error} `maagn data check --read` finds all such clips before a training."
            ) from error
        count = len(clip.source_seconds)
        positions = np.concatenate([sample_positions(count, each) for each in samplings])
        frames = clip.frames[np.searchsorted(clip.indices, positions)]
        return _cut(frames, self.resize, self.crop, place), cast(int, video.label)


def _cut(
    frames: UInt8[np.ndarray, "t h w 3"], resize: int, crop: int, place: tuple[float, float]
) -> UInt8[np.ndarray, "t crop crop 3"]:
    """Short side to `resize`, then the square that lies at that share of the room left and top."""
    whole = with_short_side(frames, resize)
    high, wide = whole.shape[1:3]
    left, top = (int(s * (room - crop)) for s, room in zip(place, (wide, high), strict=True))
    return np.ascontiguousarray(whole[:, top : top + crop, left : left + crop])
