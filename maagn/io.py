"""Files that are whole or not there, and what their content is known by."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """Give a path beside `path` to write at; the file takes `path`'s place if the block ends well.

    Whoever reads `path` sees the earlier file or the new one, whole. After a failure the earlier
    file is there and nothing else; what a killed process left is written over the next time. The
    folder is made where it is missing.

    Args:
        path: where the file belongs.
        replace: whether a file that is there meanwhile is replaced. If not, several processes may
            write at once: the first to end has its file kept, and the others' are dropped.

    Yields:
        The path to write at: `path` with `.part` at its end, so that no pattern for whole files
        matches it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part" if replace else f"{path.name}.{os.getpid()}.part")
    try:
        yield part
        if replace:
            part.replace(path)
        else:
            # A link, unlike a rename, does not replace the file that others may have open already.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(part)
    finally:
        with contextlib.suppress(OSError):  # the block's own error says more
            part.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """The same for a folder of files: give an empty one, which takes `path`'s place.

    Its name begins with a dot, so that no pattern for whole folders matches it.
    """
    part = path.with_name(f".{path.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        part.replace(path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; the file is never whole in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
