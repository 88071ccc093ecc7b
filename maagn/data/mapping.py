"""Class numbers of a set in a network's order: by name, never by chance."""

from dataclasses import replace

from maagn.data.videos import VideoSet
from maagn.errors import DatasetError
from maagn.labels import plain

__all__ = ["plain", "relabelled"]

_NAMED = 3  # names in an error


def relabelled(videos: VideoSet, labels: tuple[str, ...]) -> VideoSet:
    """The set with its classes numbered as a network's.

    Args:
        videos: their classes must all be among the network's; it may know more.
        labels: class names in the order of the logits.

    Raises:
        DatasetError: a class of the set is not among them, or two are called the same.
    """
    number = {plain(label): i for i, label in enumerate(labels)}
    if len(number) < len(labels):
        raise DatasetError("The network has two classes of one name: give it distinct labels.")
    used = {video.label for video in videos.videos if video.label is not None}
    names = {i: videos.labels[i] for i in sorted(used)}
    unknown = [name for name in names.values() if plain(name) not in number]
    if unknown:
        listed = ", ".join(repr(name) for name in unknown[:_NAMED])
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        raise DatasetError(
            f"{len(unknown)} of the {len(names)} classes of {videos.name} are not among the "
            f"network's {len(labels)}: {listed}{more}. Give a network trained on these classes, "
            "or rename them."
        )
    new = {i: number[plain(name)] for i, name in names.items()}
    rows = tuple(
        video if video.label is None else replace(video, label=new[video.label])
        for video in videos.videos
    )
    return replace(videos, labels=labels, videos=rows)
