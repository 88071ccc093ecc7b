"""Clips of registered data sets: what stands for them in an address, and what an address opens."""

from dataclasses import replace

from app.selection import ClipChoice
from maagn.data.index import Index
from maagn.data.registry import Registered, find
from maagn.data.videos import Video
from maagn.errors import RegistryError

_MARK = "data"


def choice(data: Registered, video: Video) -> ClipChoice:
    """A video of a registered set as a clip choice, with the link that reopens it."""
    label = None if video.label is None else data.labels[video.label]
    link = f"{_MARK}/{data.name}/{video.id}"
    name = f"{data.name} {video.id}"
    found = ClipChoice.of(
        video.path, name=name, label=label, link=link, root=video.root, pictures=video.pictures
    )
    return replace(found, pairs=data.pairs)


def linked(text: str) -> ClipChoice | None:
    """The video that a link names; None where there is none."""
    named = parts(text)
    if named is None:
        return None
    name, number = named
    try:
        data = find(name)
        video = Index(data).video(number)
    except RegistryError:
        return None
    return None if video is None else choice(data, video)


def parts(link: str | None) -> tuple[str, str] | None:
    """The set's name and the video's id in a link; None of a link to anything else."""
    mark, _, rest = (link or "").partition("/")
    name, _, number = rest.partition("/")
    return (name, number) if mark == _MARK else None
