"""Any set of videos, by what its folder or list looks like."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from maagn.data.layouts.class_folders import (
    classes_in,
    doubt,
    holds_pictures,
    is_video,
    open_class_folders,
    split_folder,
)
from maagn.data.layouts.frame_list import Columns, open_frame_list
from maagn.data.layouts.kinetics import is_list, lists_in, open_kinetics, parts_there
from maagn.data.layouts.list_folder import open_list_folder, paths_listed, split_lists
from maagn.data.layouts.names import Split as SplitName
from maagn.data.layouts.something import (
    is_something_v1,
    is_something_v2,
    open_something_v1,
    open_something_v2,
)
from maagn.data.videos import Layout, Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.frame_folder import PICTURES, valid_template

SPLITS = ("train", "val", "test")
LAYOUTS = ("something-v1", "something-v2", "kinetics", "frame-list", "class-folders")


def open_videos(
    source: Path,
    *,
    layout: Layout | Literal["auto"] = "auto",
    split: str = "val",
    labels: Path | None = None,
    root: Path | None = None,
    videos: Path | None = None,
    pictures: str | None = None,
    columns: Columns = "auto",
    classes_from: int | None = None,
) -> VideoSet:
    """The videos of a split; no video is opened, and none will be outside of the set's folder.

    Args:
        source: a folder, or the list of a Kinetics split or of frames.
        layout: how it is distributed; `auto` sees for itself.
        split: `train`, `val` or `test`.
        labels: class names in order, for lists that have numbers.
        root: what such a list's paths are from.
        videos: the folder of the videos where it is elsewhere; of a list the same as `root`.
        pictures: template of the frames' names in folders, such as `img_{:05d}.jpg`; None takes the
            pictures that are called as RGB frames usually are.
        columns: what the lines of a list hold, where it cannot be told.
        classes_from: 0 or 1, the first class's number in a list; None sees for itself.

    Raises:
        DatasetError: nothing there, of no known layout, or not whole; an option that the layout
            has no use for.
        ValueError: no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}: {', '.join(SPLITS)}")
    if pictures is not None and not valid_template(pictures):
        raise DatasetError(
            f"{pictures!r} is no template of picture names: give one with a field for the number, "
            "such as 'img_{:05d}.jpg'."
        )
    if videos is not None and not videos.is_dir():
        raise DatasetError(f"There is no folder {videos}: give the one that the videos lie in.")
    kind = layout_of(source) if layout == "auto" else layout
    numbered = columns != "auto" or classes_from is not None
    _refuse_unused(kind, root=root is not None, videos=videos is not None, numbered=numbered)
    if kind == "frame-list":
        root = root or videos
    listed = _listed(
        kind,
        source,
        split,
        labels=labels,
        root=root,
        videos=videos,
        columns=columns,
        classes_from=classes_from,
    )
    if not listed.videos:
        raise DatasetError(f"{source} lists no videos of the split {split}: give another split.")
    folder = listed.folder
    return replace(
        listed,
        videos=tuple(
            Video(video.id, video.path, video.label, video.frames, folder, pictures)
            for video in listed.videos
        ),
        pictures=pictures,
        listed_elsewhere=partial(_listed_elsewhere, kind, source, root, videos),
    )


def _listed(
    kind: Layout,
    source: Path,
    split: str,
    *,
    labels: Path | None,
    root: Path | None,
    videos: Path | None,
    columns: Columns,
    classes_from: int | None,
) -> VideoSet:
    match kind:
        case "something-v1":
            return open_something_v1(source, split, videos=videos)
        case "something-v2":
            return open_something_v2(source, cast(SplitName, split), videos=videos)
        case "kinetics":
            return open_kinetics(source, split, videos=videos)
        case "frame-list":
            opened = open_list_folder if source.is_dir() else open_frame_list
            return opened(
                source, split, labels=labels, root=root, columns=columns, classes_from=classes_from
            )
        case _:
            return open_class_folders(source, split)


def _refuse_unused(kind: Layout, *, root: bool, videos: bool, numbered: bool) -> None:
    if videos and root:
        raise DatasetError("--videos and --root are the same for a list: give one of them.")
    if videos and kind == "class-folders":
        raise DatasetError(
            "The folders of the classes hold the videos: give their folder itself, not --videos."
        )
    if numbered and kind != "frame-list":
        raise DatasetError(
            f"--columns and --classes-from are for lists with numbers, and this is {kind}: leave "
            "them out."
        )


def _listed_elsewhere(
    kind: Layout, source: Path, root: Path | None, videos: Path | None
) -> frozenset[Path]:
    """What any of a set's lists names, whatever the split."""
    if kind == "frame-list":
        return frozenset(paths_listed(source, root))
    if kind == "kinetics":
        return frozenset(parts_there(source, videos))
    paths: set[Path] = set()
    for split in SPLITS if kind != "class-folders" else ():
        with suppress(DatasetError):  # a split whose list is not there names nothing
            if kind == "something-v1":
                listed = open_something_v1(source, split, videos=videos)
            else:
                listed = open_something_v2(source, cast(SplitName, split), videos=videos)
            paths.update(video.path for video in listed.videos)
    return frozenset(paths)


def layout_of(source: Path) -> Layout:
    """How a set is distributed.

    Raises:
        DatasetError: nothing there, or of no known layout, or of one that it hardly can be.
    """
    if not source.exists():
        raise DatasetError(f"There is no {source}: give a folder, or a list of videos.")
    if source.is_file():
        if source.suffix.lower() == ".json":
            raise DatasetError(f"{source} is no list of lines: give the folder of its data set.")
        return "kinetics" if is_list(source) else "frame-list"
    if is_something_v2(source):
        return "something-v2"
    if is_something_v1(source):
        return "something-v1"
    if lists_in(source):
        return "kinetics"
    if split_lists(source):
        return "frame-list"
    if not any(classes_in(root) for root in {split_folder(source, split) for split in SPLITS}):
        raise _unknown(source)
    reason = doubt(source)
    if reason:
        raise DatasetError(
            f"{source} looks like one folder per class, but {reason}: give the folder or list that "
            "docs/data.md names for its layout, or say --layout class-folders."
        )
    return "class-folders"


def _unknown(source: Path) -> DatasetError:
    """What lies in a folder that is no set, and what to give."""
    paths = [path for path in sorted(source.iterdir()) if path.name[0] != "."]
    if any(path.suffix.lower() in PICTURES for path in paths):
        what = "it holds pictures, which are one clip: give the list that names it"
    elif any(map(is_video, paths)):
        what = "it holds videos without a list: put them into one folder per class"
    elif any(holds_pictures(path) for path in paths if path.is_dir()):
        what = "its folders of pictures have no classes: give their list, or one folder per class"
    else:
        what = "see docs/data.md, or name its list"
    return DatasetError(f"{source} is none of {', '.join(LAYOUTS)}: {what}.")
