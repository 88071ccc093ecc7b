"""A part of a set that has no validation split, to validate on: the same part every time."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from maagn.data.groups import groups_by_name, tell_groups
from maagn.data.videos import VideoSet
from maagn.io import atomic_write

_NAMED = 4  # groups in a sentence
_ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Which clips of a set are held out.

    Attributes:
        clips: their numbers in the order of the set; none where every class has one clip alone.
        groups: that they are all clips of, by name; none where single clips are held out.
        every: one of so many was asked for.
        of: how many clips the set has.
    """

    clips: Int64[np.ndarray, " h"]
    groups: tuple[str, ...]
    every: int
    of: int

    def __str__(self) -> str:
        """Half a sentence, for people."""
        count = f"{len(self.clips):,} of {self.of:,} clips"
        if not self.groups:
            return f"{count}, every {_ordinal(self.every)} of each class"
        named = ", ".join(self.groups[:_NAMED]) + ", ..." * (len(self.groups) > _NAMED)
        many = len(self.groups) > 1
        return (
            f"{count}, those of the group{'s' * many} {named} (clips whose files' names begin alike"
            " are held out together)"
        )


def hold_out(videos: VideoSet, *, every: int) -> HeldOut:
    """About one clip in so many, of every class that has two or more.

    Where files' names tell groups, such as people or places, whole groups are held out, if some
    have clips of all those classes, and leave some of all: a network that has seen a person's other
    clips is not tested by this one. Else single clips are, evenly over each class's list.

    Args:
        videos: every clip has its class.
        every: 2 or more.
    """
    labels = np.array([-1 if video.label is None else video.label for video in videos.videos])
    names = groups_by_name([video.id for video in videos.videos])
    chosen = _groups(labels, names, every) if tell_groups(names) else ()
    if chosen:
        clips = np.flatnonzero(np.isin(names, chosen))
    else:
        clips = np.sort(
            np.concatenate([_evenly(labels, label, every) for label in set(labels.tolist())])
        )
    return HeldOut(clips.astype(np.int64), chosen, every, len(videos))


def write_list(path: Path, videos: VideoSet) -> None:
    """Write a set as a list of paths, from its folder, and names of classes.

    `maagn.data.open.open_videos` reads it as a frame list, with the set's folder for its root.
    """
    with atomic_write(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "class"))
        for video in videos.videos:
            label = "" if video.label is None else videos.labels[video.label]
            writer.writerow((video.path.relative_to(videos.folder).as_posix(), label))


def _evenly(labels: Int64[np.ndarray, " n"], label: int, every: int) -> Int64[np.ndarray, " _m"]:
    """Clips in the middles of equal parts of a class's list."""
    own = np.flatnonzero(labels == label)
    count = 0 if len(own) < 2 else max(1, len(own) // every)
    return own[(2 * np.arange(count) + 1) * len(own) // max(1, 2 * count)]


def _groups(labels: Int64[np.ndarray, " n"], names: Sequence[str], every: int) -> tuple[str, ...]:
    """Groups that together have about the wanted number of clips of each class; none if none do.

    One pass, large groups first: a group is taken if that brings all classes nearer to what is
    wanted. So no class gets far over it.
    """
    classes, number = np.unique(labels, return_inverse=True)
    groups, group = np.unique(names, return_inverse=True)
    members: dict[int, list[int]] = {}
    for clip, of in enumerate(group.tolist()):
        members.setdefault(of, []).append(clip)
    total = np.bincount(number, minlength=len(classes))
    wanted = total / every
    held = np.zeros(len(classes), np.int64)
    chosen = []
    for of in sorted(members, key=lambda of: (-len(members[of]), groups[of])):
        own, counts = np.unique(number[members[of]], return_counts=True)
        before = (held[own] / wanted[own] - 1) ** 2
        after = ((held[own] + counts) / wanted[own] - 1) ** 2
        if after.sum() < before.sum():
            held[own] += counts
            chosen.append(str(groups[of]))
    several = total > 1
    whole = (held[several] > 0).all() and (held[several] < total[several]).all()
    return tuple(sorted(chosen)) if whole else ()


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 2] if number < 2 + len(_ORDINALS) else f"{number}th"
