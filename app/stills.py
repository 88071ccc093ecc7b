"""Small pictures of videos for browsing, kept for the next who looks, the newest few thousand."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

from maagn.video.stills import stills

_KEPT = 4096  # of some 5 KB
_kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
_lock = threading.Lock()


def pictures(paths: Sequence[Path]) -> Iterator[tuple[int, bytes | None]]:
    """A JPEG of each video with its place in `paths`: those at hand first, then as they are made.

    None for a video that is missing or has no picture.
    """
    keys = [_key(path) for path in paths]
    with _lock:
        ready = {place: _kept[key] for place, key in enumerate(keys) if key in _kept}
    yield from ready.items()
    missing = [place for place in range(len(paths)) if place not in ready]
    made = stills([paths[place] for place in missing])
    for place, content in zip(missing, made, strict=True):
        if content is not None:
            _keep(keys[place], content)
        yield place, content


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
