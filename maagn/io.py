"""Files that are whole or not there, and what their content is known by."""

import contextlib
import hashlib
import itertools
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_writes = itertools.count()


@contextmanager
def atomic_write(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """Give a path beside `path` to write at; the file takes `path`'s place if the block ends well.

    Whoever reads `path` sees an earlier file or a new one, whole, however many processes and
    threads write at once. After a failure the earlier file is there and nothing else; what a killed
    process of this machine left is removed the next time, unless `replace` is off. The folder is
    made where it is missing.

    Args:
        path: where the file belongs.
        replace: whether a file that is there meanwhile is replaced, so that the last of several
            writers to end has its file kept. If not, the first has, and the others' are dropped.

    Yields:
        The path to write at, of this call alone: `path` with `.part` at its end, so that no pattern
        for whole files matches it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if replace:
        _remove_leftovers(path)
    part = path.with_name(f"{path.name}.{os.getpid()}-{next(_writes)}.part")
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


def _remove_leftovers(path: Path) -> None:
    """Remove the parts of a file whose writers are no more."""
    name = re.compile(re.escape(path.name) + r"(?:\.(\d+)-\d+)?\.part")  # once without a writer
    with os.scandir(path.parent) as entries:
        parts = [match for entry in entries if (match := name.fullmatch(entry.name))]
    for match in parts:
        if match[1] is None or not _runs(int(match[1])):
            path.with_name(match[0]).unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks, and ends nothing
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another user's
        pass
    return True


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
