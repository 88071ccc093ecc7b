"""A visitor's file on disk, once, under its content's name."""

import hashlib
from io import BytesIO
from pathlib import Path

from app.selection import ClipChoice

KINDS = ("mp4", "webm", "mkv", "mov", "avi", "gif")
MEGABYTES = 200
_PIECE = 1 << 20


def store(file: BytesIO, *, name: str, folder: Path) -> ClipChoice:
    """Write an upload into `folder` and give it as a choice.

    The name is kept for people alone: it never becomes part of a path.
    """
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / digest
    if not path.exists():
        file.seek(0)
        partial = path.with_suffix(".part")
        with partial.open("wb") as out:
            while piece := file.read(_PIECE):
                out.write(piece)
        partial.replace(path)
    return ClipChoice.of(path, name=name)
