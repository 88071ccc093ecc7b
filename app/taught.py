"""What a visitor's collections give to every page: clips with links, and the networks taught."""

from dataclasses import replace
from pathlib import Path

from app import session
from app.errors import LoginError
from app.selection import ClipChoice
from app.server import collection_store
from app.server.collection import CollectedClip, Collection
from maagn.data.videos import Video, VideoSet
from maagn.errors import TeachError
from maagn.labels import ClassPairs, Opposites
from maagn.teach.examples import groups_of_names
from maagn.video.formats import ENDINGS

_MARK = "mine"
KINDS = tuple(ending[1:] for ending in ENDINGS)


def collections() -> list[Collection]:
    """The visitor's, the latest first; none where it is not known who they are."""
    owner = _owner()
    return [] if owner is None else collection_store.ALL.all(owner)


def folders() -> tuple[Path, ...]:
    """The folders of these collections, in which taught networks and their results lie."""
    owner = _owner()
    if owner is None:
        return ()
    store = collection_store.ALL
    return tuple(store.folder(owner, each.key) for each in store.all(owner))


def networks() -> list[str]:
    """Names of the networks that were taught from these collections."""
    owner = _owner()
    return [] if owner is None else collection_store.ALL.networks(owner)


def _owner() -> str | None:
    try:
        return session.owner()
    except LoginError:
        return None


def pairs_of(collection: Collection) -> ClassPairs:
    """The opposites that its owner named: all that there are."""
    pairs = collection.opposites
    return ClassPairs(tuple(Opposites(one, other, "time-reversal") for one, other in pairs))


def videos_of(owner: str, collection: Collection) -> VideoSet:
    """A collection as a set of videos; files lie where the store keeps them."""
    folder = collection_store.ALL.folder(owner, collection.key)
    clips = collection_store.ALL.clips_folder(owner, collection.key)
    return VideoSet(
        collection.name,
        "class-folders",
        folder,
        "train",
        tuple(each.name for each in collection.classes),
        tuple(
            Video(f"{each.name}/{index + 1} {clip.name}", clips / clip.file, number, root=folder)
            for number, each in enumerate(collection.classes)
            for index, clip in enumerate(each.clips)
        ),
    )


def groups_of(owner: str, collection: Collection) -> dict[str, str] | None:
    """Groups of clips whose files' names begin alike, by the videos' ids.

    None where none do, and where a class is one group: then names tell of classes, not of people.
    """
    videos = videos_of(owner, collection).videos
    names = [clip.name for each in collection.classes for clip in each.clips]
    try:
        groups = groups_of_names(names)
    except TeachError:
        return None
    for each in collection.classes:
        if len({groups[clip.name] for clip in each.clips}) == 1:
            return None
    return {video.id: groups[name] for video, name in zip(videos, names, strict=True)}


def choice(collection: Collection, label: str, clip: CollectedClip) -> ClipChoice:
    """A collected clip that pages can open, with the link that opens it again for its owner."""
    clips = collection_store.ALL.clips_folder(session.owner(), collection.key)
    found = ClipChoice.of(
        clips / clip.file,
        name=clip.name,
        label=label,
        link=f"{_MARK}/{collection.key}/{clip.file}",
        root=clips,
    )
    return replace(found, pairs=pairs_of(collection))


def linked(text: str) -> ClipChoice | None:
    """The clip that a link names, if it is one of the visitor's; None for any other text."""
    mark, _, rest = text.partition("/")
    key, _, file = rest.partition("/")
    if mark != _MARK:
        return None
    for collection in collections():
        if collection.key == key:
            for each in collection.classes:
                for clip in each.clips:
                    if clip.file == file:
                        return choice(collection, each.name, clip)
    return None
