"""What a visitor's collections give to every page: clips with links, and the networks taught."""

from dataclasses import replace
from pathlib import Path

from app import session
from app.selection import ClipChoice
from app.server import collection_store
from app.server.collection import CollectedClip, Collection
from maagn.data.videos import Video, VideoSet
from maagn.errors import MaagnError, TeachError
from maagn.labels import NO_PAIRS, ClassPairs, Opposites
from maagn.teach.examples import groups_of_names
from maagn.video.formats import ENDINGS

_MARK = "mine"
KINDS = tuple(ending[1:] for ending in ENDINGS)


def collections() -> list[Collection]:
    """The visitor's, the latest first; none where it is not known who they are."""
    try:
        return collection_store.ALL.all(session.owner())
    except MaagnError:
        return []


def folders() -> tuple[Path, ...]:
    """The folders of these collections, in which taught networks and their results lie."""
    owner = session.owner() if collections() else ""
    return tuple(collection_store.ALL.folder(owner, each.key) for each in collections())


def networks() -> list[str]:
    """Names of the networks that were taught from these collections."""
    return collection_store.ALL.networks(session.owner()) if collections() else []


def pairs_of(collection: Collection) -> ClassPairs:
    """The opposites that its owner named: all that there are."""
    if not collection.opposites:
        return replace(NO_PAIRS, opposites=())
    return replace(
        NO_PAIRS,
        opposites=tuple(
            Opposites(one, other, "time-reversal") for one, other in collection.opposites
        ),
    )


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
