"""Any set of videos, by what its folder or list looks like."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from maagn.data.layouts.class_folders import CLASS_FOLDERS, holds_pictures, is_video
from maagn.data.layouts.frame_list import Columns
from maagn.data.layouts.kinetics import KINETICS
from maagn.data.layouts.layout import Layout, Options
from maagn.data.layouts.list_folder import FRAME_LIST
from maagn.data.layouts.something import SOMETHING_V1, SOMETHING_V2
from maagn.data.videos import Video, VideoSet
from maagn.errors import DatasetError
from maagn.video.frame_folder import PICTURES, valid_template

SPLITS = ("train", "val", "test")
LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (SOMETHING_V1, SOMETHING_V2, KINETICS, FRAME_LIST, CLASS_FOLDERS)
}
"""By name, in the order in which a source is tried. A further one is a file in
`maagn/data/layouts` and an entry here."""


def open_videos(
    source: Path,
    *,
    layout: str = "auto",
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
        layout: how it is distributed, a key of `LAYOUTS`; `auto` sees for itself.
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
    kind = _named(layout_of(source) if layout == "auto" else layout)
    options = Options(labels, root, videos, columns, classes_from)
    _refuse_unused(kind, options)
    listed = kind.open(source, split, options)
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
        listed_elsewhere=partial(_listed_elsewhere, kind, source, options),
    )


def splits_of(source: Path, *, layout: str = "auto") -> frozenset[str]:
    """Which of `SPLITS` a source tells apart; none where it is one whole, as most lists are.

    Raises:
        DatasetError: nothing there, or of no known layout.
    """
    return _named(layout_of(source) if layout == "auto" else layout).splits(source)


def _named(name: str) -> Layout:
    if name not in LAYOUTS:
        raise DatasetError(f"There is no layout {name}: choose from {', '.join(LAYOUTS)}.")
    return LAYOUTS[name]


def _refuse_unused(layout: Layout, options: Options) -> None:
    if options.videos and options.root:
        raise DatasetError("--videos and --root are the same for a list: give one of them.")
    if options.videos and not layout.takes_videos:
        raise DatasetError(
            "The folders of the classes hold the videos: give their folder itself, not --videos."
        )
    if (options.columns != "auto" or options.classes_from is not None) and not layout.numbered:
        raise DatasetError(
            f"--columns and --classes-from are for lists with numbers, and this is {layout.name}: "
            "leave them out."
        )


def _listed_elsewhere(layout: Layout, source: Path, options: Options) -> frozenset[Path]:
    """What any of a set's lists names, whatever the split."""
    return frozenset(layout.listed(source, options))


def layout_of(source: Path) -> str:
    """How a set is distributed, a key of `LAYOUTS`.

    Raises:
        DatasetError: nothing there, or of no known layout, or of one that it hardly can be.
    """
    if not source.exists():
        raise DatasetError(f"There is no {source}: give a folder, or a list of videos.")
    if source.is_file() and source.suffix.lower() == ".json":
        raise DatasetError(f"{source} is no list of lines: give the folder of its data set.")
    layout = next((layout for layout in LAYOUTS.values() if layout.detects(source)), None)
    if layout is None:
        raise _unknown(source)
    reason = layout.doubt(source)
    if reason:
        raise DatasetError(
            f"{source} looks like one folder per class, but {reason}: give the folder or list that "
            "docs/data.md names for its layout, or say --layout class-folders."
        )
    return layout.name


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
