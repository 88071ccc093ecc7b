"""A video lies in the folder of its set, or it is not opened."""

import os
from pathlib import Path

from maagn.data.videos import Video
from maagn.errors import UnreadableClip


def confine(video: Video, path: Path | None = None) -> None:
    """Refuse what lies outside of the set's folder once all links are followed.

    Args:
        video: of a set, or of none: then it may lie anywhere.
        path: something of the video; None is the video itself.

    Raises:
        UnreadableClip: it leads out of the folder.
    """
    if video.root is None:
        return
    root, found = os.path.realpath(video.root), os.path.realpath(path or video.path)
    if os.path.commonpath([root, found]) != root:
        of = "" if path is None else f" has {path.name}, which"
        raise UnreadableClip(
            f"{video.id}{of} leads out of the folder of its data set: put the file itself there, "
            "or give the folder that it lies in, with --videos where the lists are elsewhere."
        )
