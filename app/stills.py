"""Small pictures of videos for browsing, kept for the next who looks, the newest few thousand."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from maagn.data.confine import confine
from maagn.data.videos import Video
from maagn.errors import ClipError
from maagn.video.stills import stills

_KEPT = 4096  # of some 5 KB
_kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
_lock = threading.Lock()


def pictures(videos: Sequence[Video]) -> Iterator[tuple[int, bytes | None]]:
    """A JPEG of each with its place in `videos`: those at hand first, then as they are made.

    None for a video that is missing, leads out of its set's folder, or has no picture.
    """
    paths = [video.path if _lies_inside(video) else None for video in videos]
    yield from ((place, None) for place, path in enumerate(paths) if path is None)
    yield from _pictures({place: path for place, path in enumerate(paths) if path is not None})


def _pictures(paths: Mapping[int, Path]) -> Iterator[tuple[int, bytes | None]]:
    keys = {place: _key(path) for place, path in paths.items()}
    with _lock:
        ready = {place: _kept[key] for place, key in keys.items() if key in _kept}
    yield from ready.items()
    missing = [place for place in paths if place not in ready]
    made = stills([paths[place] for place in missing])
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


def _keep(key: tuple[str, int, int], content: bytes) -> None:
    with _lock:
        _kept[key] = content
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)


def _key(path: Path) -> tuple[str, int, int]:
    """Changes with the file's content."""
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size
