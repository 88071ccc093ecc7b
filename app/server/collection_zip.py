"""A collection as a ZIP file: a folder of videos for each class, and a table of opposites."""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from app.errors import CollectionError
from app.server.collection import LONGEST_TITLE, Collection
from app.server.uploads import MEGABYTES
from maagn.video.formats import ENDINGS

_OPPOSITES = "opposites.csv"
_LARGEST_TABLE = 100_000  # bytes
_LARGEST_CLIP = 1_000_000 * MEGABYTES  # as of one that is given by itself
_WORD = re.compile(r"[^\W_][\w-]*")
_NUMBERED = re.compile(r"\d{3} (?=.)")  # what `packed` writes before a name
_DAMAGED = (  # what unpacking ends with, whichever way it was packed
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
)


@dataclass(frozen=True)
class PackedClip:
    """A clip in a ZIP file.

    Attributes:
        label: its class.
        name: what people call it.
        size: bytes that it has unpacked.
        read: unpacks it; raises CollectionError where it is damaged.
    """

    label: str
    name: str
    size: int
    read: Callable[[], bytes]


def title(name: str) -> str:
    """What a collection is called that comes from a file of that name."""
    words = " ".join(_WORD.findall(Path(name).stem))
    return words[:LONGEST_TITLE].rstrip(" -_") or "My classes"


def packed(collection: Collection, folder: Path) -> bytes:
    """A collection as the content of a ZIP file.

    Args:
        collection: it.
        folder: of its clips.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for each in collection.classes:
            for number, clip in enumerate(each.clips):
                called = f"{each.name}/{number + 1:03d} {_safe(clip.name)}"
                archive.write(folder / clip.file, called)
        if collection.opposites:
            rows = io.StringIO()
            csv.writer(rows).writerows([("label", "opposite"), *collection.opposites])
            archive.writestr(_OPPOSITES, rows.getvalue())
    return file.getvalue()


def opened(content: bytes, name: str) -> zipfile.ZipFile:
    """A ZIP file to be read.

    Raises:
        CollectionError: it is none.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED as error:
        raise _no_zip(name) from error


def clips(archive: zipfile.ZipFile, name: str) -> Iterator[PackedClip]:
    """The videos that lie in folders; hidden files and others are left out.

    Args:
        archive: the file.
        name: what people call it.

    Raises:
        CollectionError: one of them is too large.
    """
    for info in archive.infolist():
        path = PurePosixPath(info.filename)
        hidden = path.name.startswith(".")  # macOS has one for each file
        if info.is_dir() or hidden or path.suffix.lower() not in ENDINGS or len(path.parts) < 2:
            continue
        if info.file_size > _LARGEST_CLIP:
            raise CollectionError(
                f"{info.filename} is over {MEGABYTES} MB: trim it or make its picture smaller."
            )
        yield PackedClip(
            " ".join(path.parts[-2].split()),
            _NUMBERED.sub("", path.name, count=1),
            info.file_size,
            partial(_unpacked, archive, info, name),
        )


def opposites(archive: zipfile.ZipFile, name: str) -> list[tuple[str, str]]:
    """Pairs of class names, as `packed` writes them; none where there is no such table.

    Raises:
        CollectionError: the table is damaged.
    """
    for info in archive.infolist():
        if PurePosixPath(info.filename).name != _OPPOSITES or info.file_size > _LARGEST_TABLE:
            continue
        try:
            text = _unpacked(archive, info, name).decode("utf-8-sig")
            rows = list(csv.reader(text.splitlines()))
        except (UnicodeDecodeError, csv.Error) as error:
            raise _no_zip(name) from error
        return [(row[0], row[1]) for row in rows[1:] if len(row) >= 2]
    return []


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    try:
        return archive.read(info)
    except _DAMAGED as error:
        raise _no_zip(name) from error


def _no_zip(name: str) -> CollectionError:
    return CollectionError(
        f"{name} is no ZIP file that can be read: give one that was exported here, or one with a "
        "folder of videos for each class."
    )


def _safe(name: str) -> str:
    return re.sub(r"[^\w. -]", "_", Path(name).name)[-80:]
