"""What is wrong with a set of videos; nothing is changed, and nothing deleted."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from maagn.config import SamplingSpec
from maagn.data.confine import confine
from maagn.data.layouts.class_folders import is_video
from maagn.data.read import frames_of, read_video
from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError, TooFewFrames
from maagn.labels import plain
from maagn.types import Clip
from maagn.video.frame_folder import FrameNamesError, frames_in, told
from maagn.video.read import read_clip

Kind = Literal[
    "missing",
    "unreadable",
    "too short",
    "wrong count",
    "mislabelled",
    "unlisted",
    "readers differ",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
# PyAV and decord convert the same decoded picture to RGB by the same code, and agree to the bit on
# 8-bit video; the tolerance leaves room for another processor's rounding. Any two different frames
# of a camera differ by more somewhere, however slow the motion.
PICTURE_TOLERANCE = 4
_AHEAD = 64  # videos that are looked at between two reports


@dataclass(frozen=True)
class Finding:
    """Something wrong with a video.

    Attributes:
        kind: one of `KINDS`; an unlisted file is in the folder and in none of the set's lists, a
            wrong count is of more frames than the list says, and readers differ on a file of which
            decord gives another count, other times or other pictures than PyAV, or nothing.
        id: the video's name in the set; of an unlisted one its path; of a class its name.
        reason: a sentence.
        videos: how many videos it is about.
    """

    kind: Kind
    id: str
    reason: str
    videos: int = 1


def check(
    videos: VideoSet,
    *,
    frames: int = 8,
    read: bool = False,
    readers: bool = False,
    labels: tuple[str, ...] | None = None,
    workers: int = 2,
    report: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Finding]:
    """Look at every video of a set.

    Args:
        videos: the set.
        frames: that a network needs of each.
        read: whether to decode every video; else only what the file system says is looked at, and
            the number of frames where the list or a folder gives it.
        readers: whether to decode every file twice, by PyAV and by decord, and compare the two.
        labels: classes of a network; a video of any other is mislabelled.
        workers: videos that are looked at a time.
        report: told the videos done and all videos.

    Returns:
        What was found: unknown classes, the videos in the set's order, and unlisted files.
    """
    found: list[Finding] = [] if labels is None else list(_unknown(videos, labels))
    others = {plain(label) for label in videos.labels}

    def one(video: Video) -> list[Finding]:
        return [
            *_labelled(videos, video, others),
            *_file(videos, video, frames, read or readers, readers),
        ]

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(videos), _AHEAD):
            for some in pool.map(one, videos.videos[start : start + _AHEAD]):
                found += some
            report(min(start + _AHEAD, len(videos)), len(videos))
    return found + list(_unlisted(videos))


def _unknown(videos: VideoSet, labels: tuple[str, ...]) -> Iterator[Finding]:
    """Classes of the set that a network does not know, each once."""
    known = {plain(label) for label in labels}
    counts = Counter(video.label for video in videos.videos if video.label is not None)
    for number, count in sorted(counts.items()):
        name = videos.labels[number]
        if plain(name) not in known:
            many = f"{count:,} video{'s' * (count != 1)}"
            yield Finding("mislabelled", name, f"The network has no class {name!r}: {many}.", count)


def _labelled(videos: VideoSet, video: Video, labels: set[str]) -> Iterator[Finding]:
    if video.label is None:
        if videos.split != "test":  # whose classes are often kept back
            yield Finding("mislabelled", video.id, "The list gives it no class.")
        return
    name, folder = videos.labels[video.label], video.path.parent.name
    if videos.layout in ("kinetics", "frame-list") and plain(folder) in labels - {plain(name)}:
        yield Finding(
            "mislabelled", video.id, f"The list says {name!r}, its folder says {folder!r}."
        )


def _file(
    videos: VideoSet, video: Video, frames: int, read: bool, readers: bool
) -> Iterator[Finding]:
    path = video.path
    try:
        confine(video)
        if not path.exists():
            yield Finding("missing", video.id, f"There is no {path.name} in {path.parent}.")
        elif path.is_dir():
            # The pictures of V1 are numbered from 1; elsewhere what is cut off tells nothing.
            first = 1 if videos.layout == "something-v1" else None
            yield from _folder(video, frames, read, first=first)
        elif path.is_file() and not path.stat().st_size:
            yield Finding("unreadable", video.id, f"{path.name} is empty.")
        elif video.frames is not None and video.frames < frames:
            yield Finding("too short", video.id, f"{video.frames} frames; {frames} are needed.")
        elif read:
            clip = read_video(video, samplings=[SamplingSpec(frames)])
            yield from _counted(video, len(clip.source_seconds))
            if readers:
                yield from _read_by_decord(video, clip)
    except TooFewFrames as error:
        yield Finding("too short", video.id, str(error))
    except ClipError as error:
        yield Finding("unreadable", video.id, str(error))


def _folder(video: Video, frames: int, read: bool, *, first: int | None) -> Iterator[Finding]:
    """What is wrong with a folder of frames.

    Raises:
        ClipError: which of its pictures are frames cannot be told, or it cannot be read.
    """
    family = frames_of(video)
    count, holes = len(family.paths), family.holes(first=first)
    if count < frames:
        yield Finding("too short", video.id, f"{count} frames; {frames} are needed.")
    elif holes:
        yield Finding("missing", video.id, f"It lacks {told(holes)}; {count:,} are there.")
    elif video.frames is not None and video.frames != count:
        yield from _counted(video, count)
    elif read:
        read_video(video, samplings=[SamplingSpec(frames)])


def _counted(video: Video, count: int) -> Iterator[Finding]:
    if video.frames is not None and video.frames != count:
        kind: Kind = "missing" if count < video.frames else "wrong count"
        yield Finding(
            kind, video.id, f"The list says {video.frames:,} frames; {count:,} are there."
        )


def _read_by_decord(video: Video, clip: Clip) -> Iterator[Finding]:
    samplings = [SamplingSpec(len(clip.frames))]
    try:
        other = read_clip(video.path, samplings=samplings, name=video.id, reader="decord")
    except ClipError as error:
        yield Finding("readers differ", video.id, f"decord gives nothing: {error}")
        return
    reason = difference(clip, other)
    if reason:
        yield Finding("readers differ", video.id, reason)


def difference(pyav: Clip, decord: Clip) -> str | None:
    """What about decord's clip of a file is not as in PyAV's; None where they agree."""
    count, seconds = len(pyav.source_seconds), len(decord.source_seconds)
    if count != seconds:
        return f"decord counts {seconds:,} frames, PyAV {count:,}."
    gaps = np.diff(pyav.source_seconds)
    apart = np.abs(decord.source_seconds - pyav.source_seconds)
    if gaps.size and apart.max() > gaps.min() / 2:
        return f"decord's frame times are up to {apart.max():.3f} s from PyAV's."
    if pyav.frames.shape != decord.frames.shape:
        sizes = (
            f"{width} x {height}"
            for _, height, width, _ in (decord.frames.shape, pyav.frames.shape)
        )
        return "decord's pictures are {} pixels, PyAV's {}.".format(*sizes)
    # By frame, and by the larger minus the smaller: no int16 copy of the whole clip.
    others = [
        str(index)
        for index, ours, theirs in zip(pyav.indices, pyav.frames, decord.frames, strict=True)
        if (np.maximum(ours, theirs) - np.minimum(ours, theirs)).max() > PICTURE_TOLERANCE
    ]
    if others:
        many = f"{len(others)} of {len(pyav.frames)} frames"
        return f"decord gives other pictures for {many}: {', '.join(others)}."
    return None


def _unlisted(videos: VideoSet) -> Iterator[Finding]:
    """Files beside the listed ones that no list of the set names, whatever its split."""
    if videos.layout == "class-folders":
        return
    listed = {video.path for video in videos.videos} | videos.listed_elsewhere()
    in_folders = any(video.path.is_dir() for video in videos.videos[:_AHEAD])
    for folder in sorted({video.path.parent for video in videos.videos}):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path not in listed and (is_video(path) or (in_folders and _is_clip(path, videos))):
                yield Finding("unlisted", _from(path, videos.folder), "No list names it.")


def _is_clip(path: Path, videos: VideoSet) -> bool:
    """Whether it is a folder of frames; those of optical flow are none."""
    if not path.is_dir():
        return False
    try:
        return bool(frames_in(path, template=videos.pictures).paths)
    except (FrameNamesError, OSError):
        return False


def _from(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
