"""A folder a class with its videos in it, as Kinetics copies, UCF and people's own sets have it."""

from pathlib import Path

from maagn.data.errors import DatasetError
from maagn.data.videos import Video, VideoSet
from maagn.video.formats import ENDINGS


def open_class_folders(folder: Path, split: str) -> VideoSet:
    """The videos of all classes; where there is a folder of the split's name, those in it.

    Raises:
        DatasetError: no folder in the folder holds a video.
    """
    root = folder / split if (folder / split).is_dir() else folder
    labels = tuple(one.name for one in classes_in(root))
    videos = [
        Video(f"{label}/{path.name}", path, number)
        for number, label in enumerate(labels)
        for path in sorted((root / label).iterdir())
        if is_video(path)
    ]
    if not videos:
        raise DatasetError(f"{root} has no folder with videos in it: give one folder a class.")
    return VideoSet(folder.name, "class-folders", root, split, labels, tuple(videos))


def classes_in(folder: Path) -> list[Path]:
    """Folders that hold videos, by name."""
    found = (one for one in sorted(folder.iterdir()) if one.is_dir() and one.name[0] != ".")
    return [one for one in found if any(map(is_video, one.iterdir()))]


def is_video(path: Path) -> bool:
    """Whether a file is called as videos are, in any case; hidden ones are not."""
    return path.suffix.lower() in ENDINGS and path.name[0] != "." and path.is_file()
