"""Collections on disk. They survive reloads and restarts until their owner removes them.

A collection is a folder of its owner's: `collection.json`, the clips under their contents' names,
and what a teaching wrote.
"""

import hashlib
import json
import re
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from operator import methodcaller
from pathlib import Path

from app.errors import CollectionError
from app.server import collection_zip
from app.server.collection import LONGEST_TITLE, Collected, CollectedClip, Collection
from maagn import folders
from maagn.io import atomic_write
from maagn.video.formats import ENDINGS

FOLDER = folders.TAUGHT
_QUOTA = 4_000_000_000  # bytes of all owners
_OF_ONE = 500_000_000  # bytes of one owner
_DESCRIPTION = "collection.json"
_CLIPS = "clips"
_OF = "@"  # between a network and the key of its collection
_KEY = re.compile(r"[0-9a-f]{8}")
_FILE = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{2,5}")


class CollectionStore:
    """All owners' collections.

    Args:
        root: where they lie, a folder for each owner.
        quota: bytes that all may take together.
        of_one: bytes that one owner's may take.
    """

    def __init__(self, root: Path, *, quota: int = _QUOTA, of_one: int = _OF_ONE) -> None:
        self.root = root
        self._quota, self._of_one = quota, of_one
        self._lock = threading.RLock()  # a renaming is a change

    def folder(self, owner: str, key: str) -> Path:
        """Of a collection: its description, clips and taught networks.

        Raises:
            CollectionError: that is no key.
        """
        if not _KEY.fullmatch(key):
            raise CollectionError("This address names no collection.")
        return self._of(owner) / key

    def clips_folder(self, owner: str, key: str) -> Path:
        """Of a collection's clips."""
        return self.folder(owner, key) / _CLIPS

    def all(self, owner: str) -> list[Collection]:
        """An owner's collections, the latest first; what cannot be read is left out."""
        descriptions = sorted(
            self._of(owner).glob(f"*/{_DESCRIPTION}"), key=lambda path: -path.stat().st_mtime
        )
        found = (self.find(owner, path.parent.name) for path in descriptions)
        return [collection for collection in found if collection is not None]

    def find(self, owner: str, key: str) -> Collection | None:
        """The owner's collection of that key; None where there is none that can be read."""
        if not _KEY.fullmatch(key):
            return None
        try:
            content = json.loads((self.folder(owner, key) / _DESCRIPTION).read_text("utf-8"))
            return Collection(
                key,
                str(content["name"]),
                tuple(
                    Collected(
                        str(each["name"]),
                        tuple(
                            CollectedClip(_known_file(clip["file"]), str(clip["name"]))
                            for clip in each["clips"]
                        ),
                    )
                    for each in content["classes"]
                ),
                tuple((str(one), str(other)) for one, other in content["opposites"]),
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def create(self, owner: str, name: str) -> Collection:
        """A new, empty collection; a number is added to a name that another one has."""
        with self._lock:
            taken = {each.name.casefold() for each in self.all(owner)}
            free, number = name, 1
            while free.casefold() in taken:
                number += 1
                free = f"{name[: LONGEST_TITLE - 4].rstrip()} {number}"
            collection = Collection(secrets.token_hex(4), free)
            self._write(owner, collection)
        return collection

    def rename(self, owner: str, key: str, name: str) -> Collection:
        """Give a collection another name.

        Raises:
            CollectionError: another one has it, or the collection is not there any more.
        """
        with self._lock:
            for each in self.all(owner):
                if each.key != key and each.name.casefold() == name.casefold():
                    raise CollectionError(
                        f"There is a collection {each.name} already: take another name."
                    )
            return self.change(owner, key, lambda collection: replace(collection, name=name))

    def change(self, owner: str, key: str, edit: Callable[[Collection], Collection]) -> Collection:
        """Change a collection as it is now; files of clips that go are deleted.

        Raises:
            CollectionError: it is not there any more, or the change is refused.
        """
        with self._lock:
            before = self._there(owner, key)
            after = edit(before)
            if after != before:
                self._write(owner, after)
            for file in _files(before) - _files(after):
                for path in self.clips_folder(owner, key).glob(f"{Path(file).stem}.*"):
                    path.unlink(missing_ok=True)
            return after

    def take(self, owner: str, key: str, label: str, content: bytes, *, name: str) -> CollectedClip:
        """Keep a clip of a class; a file of that content is written once.

        Args:
            owner: whose collection it is.
            key: of the collection.
            label: the class.
            content: of the file, which is called after it.
            name: what people call it; never part of a path.

        Raises:
            CollectionError: it is called as no video is, the class does not take it, it is over a
                quota, or the disk takes no more. Then nothing is written.
        """
        ending = Path(name).suffix.lower()
        if ending not in ENDINGS:
            raise CollectionError(
                f"{name} is not called as videos are: give one of {', '.join(ENDINGS)}."
            )
        clip = CollectedClip(f"{hashlib.sha256(content).hexdigest()}{ending}", name)
        path = self.clips_folder(owner, key) / clip.file
        with self._lock:
            after = self._there(owner, key).with_clip(label, clip)
            if not path.exists():
                self._refuse_over_quota(owner, len(content), name)
                try:
                    with atomic_write(path) as part:
                        part.write_bytes(content)
                except OSError as error:
                    raise CollectionError(
                        f"{name} could not be kept ({error.strerror}): tell whoever runs this "
                        "explorer."
                    ) from error
            self._write(owner, after)
        return clip

    def networks(self, owner: str) -> list[str]:
        """Names of the networks that were taught from an owner's collections, the latest first."""
        return [
            f"{path.stem}{_OF}{each.key}"
            for each in self.all(owner)
            for path in sorted(self.folder(owner, each.key).glob("*.safetensors"))
        ]

    def network(self, name: str) -> Path | None:
        """The file of a network by its name among all owners'; None for any other name."""
        stem, of, key = name.rpartition(_OF)
        if not of or not _KEY.fullmatch(key):
            return None
        folders = self.root.glob(f"*/{key}")
        paths = (folder / f"{Path(stem).name}.safetensors" for folder in folders)
        return next((path for path in paths if path.is_file()), None)

    def remove(self, owner: str, key: str) -> None:
        """Delete a collection with its clips and what was taught from them."""
        with self._lock:
            shutil.rmtree(self.folder(owner, key), ignore_errors=True)

    def exported(self, owner: str, collection: Collection) -> bytes:
        """A ZIP file with a folder for each class, which `maagn teach` reads too, and opposites."""
        return collection_zip.packed(collection, self.clips_folder(owner, collection.key))

    def bring_back(self, owner: str, content: bytes, *, name: str) -> Collection:
        """A new collection from a ZIP file with a folder for each class.

        Raises:
            CollectionError: it is no such file, holds no clips, or is over a quota.
        """
        made = self.create(owner, collection_zip.title(name))
        try:
            self._fill(owner, made.key, content, name)
        except CollectionError:
            self.remove(owner, made.key)
            raise
        return self._there(owner, made.key)

    def _fill(self, owner: str, key: str, content: bytes, name: str) -> None:
        clips = 0
        with collection_zip.opened(content, name) as archive:
            for packed in collection_zip.clips(archive, name):
                self._refuse_over_quota(owner, packed.size, packed.name)
                label = packed.label
                if label not in (each.name for each in self._there(owner, key).classes):
                    self.change(owner, key, methodcaller("with_class", label))
                self.take(owner, key, label, packed.read(), name=packed.name)
                clips += 1
            pairs = collection_zip.opposites(archive, name)
        if not clips:
            raise CollectionError(
                f"{name} holds no videos in folders: put those of each class into one."
            )
        self.change(owner, key, lambda collection: _paired(collection, pairs))

    def _there(self, owner: str, key: str) -> Collection:
        found = self.find(owner, key)
        if found is None:
            raise CollectionError("This collection is not there any more: reload the page.")
        return found

    def _of(self, owner: str) -> Path:
        """The owner's folder: nobody's name stands on the disk."""
        return self.root / hashlib.sha256(owner.encode()).hexdigest()[:32]

    def _write(self, owner: str, collection: Collection) -> None:
        values = asdict(collection)
        values.pop("key")
        text = json.dumps(values, indent=1, ensure_ascii=False)
        with atomic_write(self.folder(owner, collection.key) / _DESCRIPTION) as part:
            part.write_text(text + "\n", encoding="utf-8")

    def _refuse_over_quota(self, owner: str, size: int, name: str) -> None:
        if _size(self._of(owner)) + size > self._of_one:
            raise CollectionError(
                f"{name} exceeds your quota: your collections together may have "
                f"{self._of_one / 1e6:.0f} MB. Remove clips or a collection."
            )
        if _size(self.root) + size > self._quota:
            raise CollectionError(
                f"There is no room for {name} now: all collections together may have "
                f"{self._quota / 1e6:.0f} MB. Tell whoever runs this explorer."
            )


def _known_file(file: str) -> str:
    """A file's name that is one of a clip's.

    Raises:
        ValueError: it is another, and could lead anywhere.
    """
    if not _FILE.fullmatch(file):
        raise ValueError("no name of a clip's file")
    return file


def _files(collection: Collection) -> set[str]:
    return {clip.file for each in collection.classes for clip in each.clips}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _paired(collection: Collection, pairs: list[tuple[str, str]]) -> Collection:
    names = {each.name for each in collection.classes}
    for one, other in pairs:
        if {one, other} <= names:
            collection = collection.with_opposite(one, other)
    return collection


ALL = CollectionStore(FOLDER)
"""Those of this explorer."""
