"""A set of videos with the class of each, whatever layout it was distributed in."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maagn.shown import plural, shortened

Draw = Callable[[int, int], NDArray[np.uint8]]
"""Gives that many frames evenly over a clip, RGB, with that many pixels a side: (t, s, s, 3)."""


@dataclass(frozen=True)
class Video:
    """One video of a set; nothing of it was opened yet.

    Attributes:
        id: its name in the set; no two videos of a split share one.
        path: a video file, or a folder with one picture per frame; it may be missing.
        label: number of its class among the set's labels; None where the set does not say.
        frames: how many frames the set says that it has; None where it does not.
        root: the folder that nothing of it may lead out of, links followed; None where it may.
        pictures: template of its frames' names where it is a folder, such as `img_{:05d}.jpg`; None
            takes the pictures that are called as RGB frames usually are.
        draw: draws its frames, where it is rendered: there is no file at its path then. None where
            there is a file.
    """

    id: str
    path: Path
    label: int | None
    frames: int | None = None
    root: Path | None = field(default=None, compare=False, repr=False)
    pictures: str | None = None
    draw: Draw | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class VideoSet:
    """The videos of a split, in the order of their list.

    Attributes:
        name: for people: the folder's or list's name.
        layout: how it is distributed, a key of `maagn.data.open.LAYOUTS`; `opposites` for the
            rendered benchmark.
        folder: that all paths lie in.
        split: `train`, `val` or `test`; the whole of a set that has no splits.
        labels: class names in the order of the numbers.
        videos: in the order of the set's own list, which is the same on every machine.
        pictures: template of the frames' names that a person gave; None where nobody did.
        listed_elsewhere: gives the paths that the set's other lists name, of other splits; they are
            read when it is called.
    """

    name: str
    layout: str
    folder: Path
    split: str
    labels: tuple[str, ...]
    videos: tuple[Video, ...]
    pictures: str | None = None
    listed_elsewhere: Callable[[], frozenset[Path]] = field(
        default=frozenset, compare=False, repr=False
    )

    def __len__(self) -> int:
        return len(self.videos)

    def __repr__(self) -> str:
        return (
            f"VideoSet {shortened(self.name)}: {plural(len(self), 'video')} of the split "
            f"{self.split}, {plural(len(self.labels), 'class', 'classes')} ({self.layout})"
        )

    @property
    def digest(self) -> str:
        """SHA-256 of what the set says, wherever its folder lies; hexadecimal."""
        rows = [
            [video.id, str(video.path.relative_to(self.folder)), video.label, video.frames]
            for video in self.videos
        ]
        said = json.dumps(
            [self.layout, self.split, self.labels, rows, *filter(None, [self.pictures])]
        )
        return hashlib.sha256(said.encode()).hexdigest()
