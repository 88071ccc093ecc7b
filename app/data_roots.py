"""Folders of this computer in which visitors may choose sets of videos: those that it was told."""

import os
from collections.abc import Iterator
from pathlib import Path

from app import command_line

VARIABLE = "MAAGN_DATA"
_DEEP = 3  # folders below each other
_MOST = 2000  # offered; a person looks for one by typing
_LISTS = (".csv", ".json", ".txt")


def roots() -> tuple[Path, ...]:
    """Those that `MAAGN_DATA` names, parted as in PATH, and those that the app was started with."""
    named = [Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    found = (path.resolve() for path in (*named, *command_line.folders()))
    return tuple(dict.fromkeys(path for path in found if path.is_dir()))


def sources() -> dict[str, Path]:
    """What may be chosen, by its path from the folder that holds its root; the root first.

    Folders, and files that may be lists, three deep at most; nothing that is hidden, and no link
    that leads elsewhere.
    """
    found: dict[str, Path] = {}
    for root in roots():
        for path in _below(root):
            found[path.relative_to(root.parent).as_posix()] = path
            if len(found) >= _MOST:
                return found
    return found


def _below(root: Path) -> Iterator[Path]:
    yield root
    level = [root]
    for _ in range(_DEEP):
        below: list[Path] = []
        for folder in level:
            inside = sorted(_entries(folder), key=lambda path: path.name)
            below += [path for path in inside if path.is_dir()]
            yield from inside
        level = below


def _entries(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir() or entry.name.lower().endswith(_LISTS):
                    yield folder / entry.name
    except OSError:
        return  # not ours to read


def stamp(source: Path) -> int:
    """Another number whenever a file comes or goes in a source, or its list is written anew."""
    inside = (path for path in _below(source) if path.is_dir()) if source.is_dir() else ()
    times = [path.stat().st_mtime_ns for path in (source, *inside)]
    return hash(tuple(times))
