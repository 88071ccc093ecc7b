"""The rendered benchmark as a set of videos: each is drawn when a network is to see it."""

from functools import lru_cache, partial
from pathlib import Path
from typing import cast

import numpy as np
from jaxtyping import UInt8

from maagn.data.videos import Video, VideoSet
from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip
from maagn.opposites.dataset import OppositesDataset
from maagn.opposites.split import Split

_FOLDER = Path("opposites")  # of paths that name a clip, and that no file is at


@lru_cache(maxsize=16)
def open_opposites(split: Split, *, per_class: int) -> VideoSet:
    """The first clips of a split, the classes in turn; the index in the set is the clip's number.

    Args:
        split: of the benchmark.
        per_class: clips of each class.
    """
    length = per_class * len(OPPOSITES_LABELS)
    numbers = OppositesDataset(split, length=length)
    return VideoSet(
        name="opposites",
        layout="opposites",
        folder=_FOLDER,
        split=split,
        labels=OPPOSITES_LABELS,
        videos=tuple(
            Video(
                id=f"{split}/{index:06d}",
                path=_FOLDER / split / f"{index:06d}",
                label=numbers.label(index),
                draw=partial(_draw, split, length, index),
            )
            for index in range(length)
        ),
    )


def rendered_clip(videos: VideoSet, index: int) -> OppositeClip | None:
    """The clip that a video of a set is drawn from; None of a set of filmed ones.

    Raises:
        IndexError: the set has no such video.
    """
    video = videos.videos[index]
    if videos.layout != "opposites" or video.draw is None:
        return None
    return OppositesDataset(cast(Split, videos.split), length=len(videos)).clip(index)


def _draw(
    split: Split, length: int, index: int, frames: int, side: int
) -> UInt8[np.ndarray, "t s s 3"]:
    data = OppositesDataset(split, length=length, frames=frames, rendered=side, cropped=side)
    return data.whole(index)
