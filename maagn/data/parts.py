"""The clips of a set to train on, and those to validate on."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from maagn.data.held_out import hold_out
from maagn.data.layouts.names import numbers_of
from maagn.data.open import open_videos, splits_of
from maagn.data.videos import VideoSet
from maagn.errors import DatasetError
from maagn.labels import finder

_FEWEST = 2  # classes that there is something to tell apart between


@dataclass(frozen=True)
class Parts:
    """What a network is trained on.

    Attributes:
        training: every clip has its class, and is there.
        validation: the same, its classes numbered as those of training.
        told: where the validation clips come from, as half a sentence.
        held_out: whether they were held out of the clips of training's own list.
        notices: sentences on what is not as it should be, which do not forbid to train.
    """

    training: VideoSet
    validation: VideoSet
    told: str
    held_out: bool
    notices: tuple[str, ...] = ()


def open_parts(
    source: Path,
    *,
    validation: Path | None = None,
    hold_out_every: int = 5,
    layout: str = "auto",
    **options: Any,  # noqa: ANN401 - whatever `open_videos` takes
) -> Parts:
    """The set's own training and validation split; where it has no validation split, a part of it.

    Args:
        source: a folder or a list.
        validation: another folder or list to validate on, opened with the same options.
        hold_out_every: one clip in so many is held out where there is no validation split.
        layout: how it is distributed, a key of `maagn.data.open.LAYOUTS`, or `auto`.
        **options: those of `maagn.data.open.open_videos`.

    Raises:
        DatasetError: the set cannot be opened; clips without a class; classes that the training
            clips do not have; one class alone, or too few clips to hold any out.
    """
    training, notices = _usable(open_videos(source, layout=layout, split="train", **options))
    if len(training.labels) < _FEWEST:
        raise DatasetError(
            f"{training.name} has one class, {training.labels[0]}: give clips of a second one."
        )
    if validation is None and "val" not in splits_of(source, layout=layout):
        return _held_out(training, hold_out_every, notices)
    held_out, more = _usable(
        open_videos(validation or source, layout=layout, split="val", **options)
    )
    held_out = _numbered_as(held_out, training)
    both = {video.path for video in training.videos} & {video.path for video in held_out.videos}
    if both:
        more = (
            *more,
            f"{len(both):,} clips are both trained and validated on: validation is no "
            "test of the network.",
        )
    told = (
        f"{len(held_out):,} clips of {'its validation split' if validation is None else validation}"
    )
    return Parts(training, held_out, told, held_out=False, notices=(*notices, *more))


def _held_out(videos: VideoSet, every: int, notices: tuple[str, ...]) -> Parts:
    found = hold_out(videos, every=every)
    if not len(found.clips):
        raise DatasetError(
            f"{videos.name} has one clip a class, too few to hold any out: give clips to validate "
            "on with --validation."
        )
    held = np.zeros(len(videos), bool)
    held[found.clips] = True
    kept = tuple(video for video, out in zip(videos.videos, held, strict=True) if not out)
    validation = tuple(videos.videos[clip] for clip in found.clips)
    return Parts(
        replace(videos, videos=kept),
        replace(videos, videos=validation, split="val"),
        str(found),
        held_out=True,
        notices=notices,
    )


def _usable(videos: VideoSet) -> tuple[VideoSet, tuple[str, ...]]:
    """The clips that are there, each with its class; what is to be said of the others."""
    without = sum(video.label is None for video in videos.videos)
    if without:
        raise DatasetError(
            f"{without:,} of the {len(videos):,} clips of {videos.name} ({videos.split}) have no "
            "class: training needs one class for each."
        )
    there = tuple(video for video in videos.videos if video.path.exists())
    missing = len(videos) - len(there)
    if not there:
        raise DatasetError(
            f"None of the {missing:,} clips of {videos.name} ({videos.split}) is there, such as "
            f"{videos.videos[0].path}: unpack the videos, or say where they are."
        )
    if not missing:
        return videos, ()
    notice = (
        f"{missing:,} of the {len(videos):,} clips of {videos.name} ({videos.split}) are missing "
        "and left out: `maagn data check` lists them."
    )
    return replace(videos, videos=there), (notice,)


def _numbered_as(videos: VideoSet, training: VideoSet) -> VideoSet:
    """A set with its classes numbered as those of training, by name."""
    if videos.labels == training.labels:
        return videos
    find, numbers = finder(training.labels), numbers_of(training.labels)
    used = sorted({video.label for video in videos.videos if video.label is not None})
    names = {label: find(videos.labels[label]) for label in used}
    unknown = [videos.labels[label] for label, name in names.items() if name is None]
    if unknown:
        raise DatasetError(
            f"{len(unknown)} of the {len(used)} classes to validate on have no clips to train on, "
            f"such as {unknown[0]!r}: name the classes alike, or leave those out."
        )
    rows = tuple(
        replace(video, label=numbers[str(names[cast(int, video.label)])]) for video in videos.videos
    )
    return replace(videos, labels=training.labels, videos=rows)
