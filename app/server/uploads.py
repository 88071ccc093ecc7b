"""Visitors' files on disk: each content once, within a quota, gone when nobody holds it."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import time
import weakref
from io import BytesIO
from pathlib import Path

from app.errors import UploadError
from app.selection import ClipChoice
from maagn.io import atomic_write
from maagn.video.formats import ENDINGS

KINDS = tuple(ending[1:] for ending in ENDINGS)
MEGABYTES = 200
_QUOTA = 4_000_000_000  # bytes of all visitors
_OF_ONE = 1_000_000_000  # bytes of one visitor
_HOURS = 12.0  # that a file is kept after it was last given
_PIECE = 1 << 20
_PREFIX = "maagn-uploads-"


class Holder:
    """The owner of uploads: one session, whose files are removed with it."""

    def __init__(self, uploads: "Uploads") -> None:
        self.number = uploads.new_holder()
        weakref.finalize(self, uploads.release, self.number)


class Uploads:
    """The files of all visitors of this process.

    Args:
        folder: where they lie; made when the first comes.
        quota: bytes that all may take together.
        of_one: bytes that one visitor's may take.
        hours: after which a file goes, whoever holds it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        quota: int = _QUOTA,
        of_one: int = _OF_ONE,
        hours: float = _HOURS,
    ) -> None:
        self.folder = folder
        self._quota, self._of_one, self._hours = quota, of_one, hours
        self._holders: dict[str, set[int]] = {}  # by content
        self._sizes: dict[str, int] = {}
        self._given: dict[str, float] = {}
        self._count = 0
        self._lock = threading.Lock()

    def new_holder(self) -> int:
        """A number that identifies a new visitor."""
        with self._lock:
            self._count += 1
            return self._count

    def store(self, file: BytesIO, *, name: str, holder: Holder) -> ClipChoice:
        """Write a file under its content's name and give it as a choice.

        The name is kept for people alone: it never becomes part of a path.

        Raises:
            UploadError: over a quota, or the disk takes no more.
        """
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = self.folder / digest
        with self._lock:
            self._drop_old()
            if digest not in self._sizes:
                size = file.getbuffer().nbytes
                self._refuse_over_quota(size, holder.number, name=name)
                self._write(file, path, name=name)
                self._sizes[digest] = size
            self._holders.setdefault(digest, set()).add(holder.number)
            self._given[digest] = time.monotonic()
        return ClipChoice.of(path, name=name)

    def release(self, holder: int) -> None:
        """Remove the files that only this holder still held."""
        with self._lock:
            for digest, holders in list(self._holders.items()):
                holders.discard(holder)
                if not holders:
                    self._drop(digest)

    def _refuse_over_quota(self, size: int, holder: int, *, name: str) -> None:
        own = sum(self._sizes[d] for d, holders in self._holders.items() if holder in holders)
        if own + size > self._of_one:
            raise UploadError(
                f"{name} exceeds your quota: your clips together may have "
                f"{self._of_one / 1e6:.0f} MB. Reload the page to start without clips."
            )
        if sum(self._sizes.values()) + size > self._quota:
            raise UploadError(
                f"There is no room for {name} now: visitors' clips fill their "
                f"{self._quota / 1e6:.0f} MB. Try again later, or choose one of the gallery."
            )

    def _write(self, file: BytesIO, path: Path, *, name: str) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.seek(0)
            with atomic_write(path) as part, part.open("wb") as out:
                shutil.copyfileobj(file, out, _PIECE)
        except OSError as error:
            raise UploadError(
                f"{name} could not be kept ({error.strerror}): choose one of the gallery, "
                "and tell whoever runs this explorer."
            ) from error

    def _drop_old(self) -> None:
        oldest = time.monotonic() - self._hours * 3600
        for digest in [digest for digest, given in self._given.items() if given < oldest]:
            self._drop(digest)

    def _drop(self, digest: str) -> None:
        for known in (self._holders, self._sizes, self._given):
            known.pop(digest, None)
        with contextlib.suppress(OSError):
            (self.folder / digest).unlink(missing_ok=True)


def process_folder() -> Path:
    """This process's folder for uploads; removes folders left by killed processes first."""
    root = Path(tempfile.gettempdir())
    for left in root.glob(f"{_PREFIX}*"):
        number = left.name.removeprefix(_PREFIX)
        # One of our own number was left by another process: in a container all have the same.
        if number.isdecimal() and (int(number) == os.getpid() or not _runs(int(number))):
            shutil.rmtree(left, ignore_errors=True)
    return root / f"{_PREFIX}{os.getpid()}"


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


def _all_of_this_process() -> Uploads:
    uploads = Uploads(process_folder())
    weakref.finalize(uploads, shutil.rmtree, uploads.folder, ignore_errors=True)  # at the end too
    return uploads


ALL = _all_of_this_process()
