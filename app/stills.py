"""Small pictures of videos for browsing, kept for the next who looks, the newest few thousand."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from maagn.data.confine import confine
from maagn.data.videos import Video
from maagn.errors import ClipError
from maagn.video.stills import stills

_KEPT = 4096  # of some 5 KB
_kept: OrderedDict[tuple[str, str | None, int, int], bytes] = OrderedDict()
_lock = threading.Lock()


def pictures(videos: Sequence[Video]) -> Iterator[tuple[int, bytes | None]]:
    """A JPEG of each with its place in `videos`: those at hand first, then as they are made.

    None for a video that is missing, leads out of its set's folder, or has no picture.
    """
    inside = {index: video for index, video in enumerate(videos) if _lies_inside(video)}
    yield from ((index, None) for index in range(len(videos)) if index not in inside)
    yield from _pictures(inside)


def _pictures(videos: Mapping[int, Video]) -> Iterator[tuple[int, bytes | None]]:
    keys = {index: _key(video) for index, video in videos.items()}
    with _lock:
        ready = {place: _kept[key] for place, key in keys.items() if key in _kept}
    yield from ready.items()
    missing = [index for index in videos if index not in ready]
    paths = [videos[index].path for index in missing]
    templates = [videos[index].pictures for index in missing]
    made = stills(paths, templates=templates) if any(templates) else stills(paths)
    for place, content in zip(missing, made, strict=True):
        if content is not None:
            _keep(keys[place], content)
        yield place, content


def _lies_inside(video: Video) -> bool:
    try:
        confine(video)
    except ClipError:
        return False
    return True


def _keep(key: tuple[str, str | None, int, int], content: bytes) -> None:
    with _lock:
        _kept[key] = content
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)


def _key(video: Video) -> tuple[str, str | None, int, int]:
    """Changes with the file's content."""
    try:
        status = video.path.stat()
    except OSError:
        return str(video.path), video.pictures, 0, 0
    return str(video.path), video.pictures, status.st_mtime_ns, status.st_size
