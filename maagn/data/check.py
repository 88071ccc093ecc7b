"""What is wrong with a set of videos; nothing is changed, and nothing deleted."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maagn.config import SamplingSpec
from maagn.data.class_folders import is_video
from maagn.data.confine import confine
from maagn.data.read import pictures_in, read_video
from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError, TooFewFrames
from maagn.labels import plain

Kind = Literal["missing", "unreadable", "too short", "mislabelled", "unlisted"]
KINDS: tuple[Kind, ...] = ("missing", "unreadable", "too short", "mislabelled", "unlisted")
_AHEAD = 64  # videos that are looked at between two reports


@dataclass(frozen=True)
class Finding:
    """Something wrong with a video.

    Attributes:
        kind: one of `KINDS`; an unlisted file is in the folder and not in the list.
        id: the video's name in the set; of an unlisted one its path.
        reason: a sentence.
    """

    kind: Kind
    id: str
    reason: str


def check(
    videos: VideoSet,
    *,
    frames: int = 8,
    read: bool = False,
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
        labels: classes of a network; a video of any other is mislabelled.
        workers: videos that are looked at a time.
        report: told the videos done and all videos.

    Returns:
        What was found, in the set's order; unlisted files last.
    """
    known = None if labels is None else {plain(label) for label in labels}
    found: list[Finding] = []

    def one(video: Video) -> list[Finding]:
        return [*_labelled(videos, video, known), *_file(video, frames, read)]

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(videos), _AHEAD):
            for some in pool.map(one, videos.videos[start : start + _AHEAD]):
                found += some
            report(min(start + _AHEAD, len(videos)), len(videos))
    return found + list(_unlisted(videos))


def _labelled(videos: VideoSet, video: Video, known: set[str] | None) -> Iterator[Finding]:
    if video.label is None:
        if videos.split != "test":  # whose classes are often kept back
            yield Finding("mislabelled", video.id, "The list gives it no class.")
        return
    name = videos.labels[video.label]
    if known is not None and plain(name) not in known:
        yield Finding("mislabelled", video.id, f"The network has no class {name!r}.")
    folder = video.path.parent.name
    others = {plain(label) for label in videos.labels} - {plain(name)}
    if videos.layout in ("kinetics", "frame-list") and plain(folder) in others:
        yield Finding(
            "mislabelled", video.id, f"The list says {name!r}, its folder says {folder!r}."
        )


def _file(video: Video, frames: int, read: bool) -> Iterator[Finding]:
    path = video.path
    try:
        confine(video)
    except ClipError as error:
        yield Finding("unreadable", video.id, str(error))
        return
    if not path.exists():
        yield Finding("missing", video.id, f"There is no {path.name} in {path.parent}.")
        return
    count = len(pictures_in(path)) if path.is_dir() else None
    if path.is_file() and not path.stat().st_size:
        yield Finding("unreadable", video.id, f"{path.name} is empty.")
    elif count is not None and count < frames:
        yield Finding("too short", video.id, f"{count} frames; {frames} are needed.")
    elif count is None and video.frames is not None and video.frames < frames:
        yield Finding("too short", video.id, f"{video.frames} frames; {frames} are needed.")
    elif count is not None and video.frames is not None and count < video.frames:
        yield Finding(
            "missing", video.id, f"The list says {video.frames} frames; {count} are there."
        )
    elif read:
        try:
            read_video(video, samplings=[SamplingSpec(frames)])
        except TooFewFrames as error:
            yield Finding("too short", video.id, str(error))
        except ClipError as error:
            yield Finding("unreadable", video.id, str(error))


def _unlisted(videos: VideoSet) -> Iterator[Finding]:
    """Files beside the listed ones; other splits' videos lie there too, where a set mixes them."""
    if videos.layout == "class-folders":
        return
    listed = {one.path for one in videos.videos}
    for folder in sorted({path.parent for path in listed}):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path not in listed and _looks_like(path, videos):
                yield Finding("unlisted", _from(path, videos.folder), "The list does not name it.")


def _looks_like(path: Path, videos: VideoSet) -> bool:
    if is_video(path):
        return True
    in_folders = any(one.path.is_dir() for one in videos.videos[:1])
    return in_folders and path.is_dir() and bool(pictures_in(path))


def _from(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
