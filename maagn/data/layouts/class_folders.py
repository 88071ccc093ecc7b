"""One folder of videos per class, as in copies of Kinetics, UCF101 and people's own sets.

A video is a file, or a folder with one picture per frame (`class/video/img_00001.jpg`).
"""

import os
import re
from contextlib import suppress
from pathlib import Path

from maagn.data.layouts.layout import Layout, Options
from maagn.data.layouts.names import is_names_file
from maagn.data.videos import Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.formats import ENDINGS
from maagn.video.frame_folder import PICTURES, is_other_modality, split_ending

_SPLITS = {
    "train": ("training",),
    "val": ("validation", "valid"),
    "test": ("testing",),
}
_NO_CLASS = re.compile(  # what people call folders that hold parts of a set
    r"(20bn|something-something)-.*|(rgb|raw|all|my)?[_ -]?(videos?|clips?|frames?|rgb|flow|data"
    r"|images?|annotations?|labels|train(ing)?|val(id(ation)?)?|test(ing)?)[_ -]?"
    r"(rgb|raw|train|val|test|set|mp4|webm|avi|frames|\d+p?)?",
    re.IGNORECASE,
)
_NAMES = ("train", "val", "test", "training", "validation", "valid", "testing")  # of splits
_KINDS_OF_FRAMES = ("rgb", "img", "imgs", "image", "images", "frames", "frame")
_READ = 1_000_000  # characters of a file that may be a list
_PROBED = 50  # classes whose videos such a file may name
_TELLING = 4  # letters of a name that are hardly a word of something else


def open_class_folders(folder: Path, split: str) -> VideoSet:
    """The videos of all classes; where there is a folder of the split's name, those in it.

    Raises:
        DatasetError: no folder in the folder holds a video.
    """
    root = split_folder(folder, split)
    classes = classes_in(root)
    labels = tuple(path.name for path in classes)
    videos = [
        Video(f"{path.name}/{video.name}", video, number)
        for number, path in enumerate(classes)
        for video in videos_in(path)
    ]
    if not videos:
        raise DatasetError(f"{root} has no folder with videos in it: give one folder per class.")
    return VideoSet(folder.name, "class-folders", root, split, labels, tuple(videos))


def split_folder(folder: Path, split: str) -> Path:
    """The folder of a split's classes; the folder itself where it has none for splits."""
    if (folder / split).is_dir():
        return folder / split
    names = (folder / name for name in _SPLITS.get(split, ()))
    return next((path for path in names if path.is_dir() and classes_in(path)), folder)


def classes_in(folder: Path) -> list[Path]:
    """Folders that hold videos, by name."""
    below = (path for path in sorted(folder.iterdir()) if path.is_dir() and path.name[0] != ".")
    return [path for path in below if videos_in(path)]


def videos_in(folder: Path) -> list[Path]:
    """The video files of a class, and its folders of frames, by name.

    Where one folder holds pictures and no file is a video, all are taken for videos, so that an
    empty one is noticed. Folders for optical flow, and for frames beside it, are of one video.
    """
    files, folders, pictures = [], [], False
    with os.scandir(folder) as entries:
        for entry in entries:
            ending = split_ending(entry.name)[1].lower()
            if entry.name[0] == ".":
                continue
            with suppress(OSError):  # a link to itself is neither
                if ending in ENDINGS and entry.is_file():
                    files.append(entry.name)
                elif ending in PICTURES:
                    pictures = True
                elif entry.is_dir():
                    folders.append(entry.name)
    if pictures:  # of one video, and what lies below is of it too
        folders = []
    if all(is_other_modality(name) or name.casefold() in _KINDS_OF_FRAMES for name in folders):
        folders = []
    if files or not any(holds_pictures(folder / name) for name in folders):
        folders = [name for name in folders if holds_pictures(folder / name)]
    return [folder / name for name in sorted([*files, *folders])]


def is_video(path: Path) -> bool:
    """Whether a file is called as videos are, in any case; hidden ones are not."""
    return path.suffix.lower() in ENDINGS and path.name[0] != "." and path.is_file()


def doubt(folder: Path) -> str:
    """Half a sentence why folders are hardly classes; nothing where they may well be."""
    roots = {split_folder(folder, split) for split in _SPLITS}
    classes = {path.name: path for root in roots for path in classes_in(root)}
    beside = [
        path.name for path in sorted(folder.iterdir()) if path.name not in (*classes, *_NAMES)
    ]
    if len(classes) == 1 and [name for name in beside if name[0] != "."]:
        return (
            f"only one folder holds videos, {next(iter(classes))}, and other things lie beside it"
        )
    strange = [name for name in classes if _NO_CLASS.fullmatch(name)]
    if 2 * len(strange) > len(classes):
        return f"{strange[0]} is hardly the name of a class"
    some = [path for _, path in sorted(classes.items())[:_PROBED]]
    sets = [path.name for path in some if any(map(is_names_file, path.iterdir()))]
    if sets:
        return f"{sets[0]} has names of classes in it, as a set of its own has"
    names = [video.name for path in some for video in videos_in(path)[:2]]
    lists = [path for path in sorted(folder.iterdir()) if _names_some(path, names)]
    return f"{lists[0].name} beside the folders names their videos" if lists else ""


def _names_some(path: Path, names: list[str]) -> bool:
    """Whether a file is a list of some of these videos."""
    if path.suffix.lower() not in (".json", ".jsonl", ".csv", ".tsv", ".txt", ".xml", ".yaml"):
        return False
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_READ)
    except OSError:
        return False
    if text.startswith("kind,id,reason"):  # what `maagn data check --out` found
        return False
    words = set(re.findall(r"[\w.-]+", text))
    stems = (name for name in map(split_ending, names) if len(name[0]) >= _TELLING)
    known = sum(name in words for name in names) + sum(stem in words for stem, _ in stems)
    return known >= min(2, len(names))


def holds_pictures(folder: Path) -> bool:
    """Whether pictures lie in a folder itself."""
    with os.scandir(folder) as entries:
        return any(split_ending(entry.name)[1].lower() in PICTURES for entry in entries)


def _detects(source: Path) -> bool:
    return source.is_dir() and any(
        classes_in(root) for root in {split_folder(source, split) for split in _SPLITS}
    )


def _open(source: Path, split: str, _options: Options) -> VideoSet:
    return open_class_folders(source, split)


def _splits(source: Path) -> frozenset[str]:
    return frozenset(split for split in _SPLITS if split_folder(source, split) != source)


def _no_lists(_source: Path, _options: Options) -> tuple[Path, ...]:
    return ()


CLASS_FOLDERS = Layout(
    "class-folders",
    _detects,
    _open,
    splits=_splits,
    listed=_no_lists,
    doubt=doubt,
    takes_videos=False,
)
