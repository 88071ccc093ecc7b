"""Any set of videos, by what its folder or list looks like."""

from dataclasses import replace
from pathlib import Path
from typing import Literal, cast

from maagn.data.class_folders import classes_in, open_class_folders
from maagn.data.errors import DatasetError
from maagn.data.frame_list import open_frame_list
from maagn.data.kinetics import lists_in, open_kinetics
from maagn.data.layout import CLASSES, LABELS
from maagn.data.layout import Split as SplitName
from maagn.data.something_v1 import PREFIX, open_something_v1
from maagn.data.something_v2 import open_something_v2
from maagn.data.videos import Layout, VideoSet

SPLITS = ("train", "val", "test")
LAYOUTS = ("something-v1", "something-v2", "kinetics", "frame-list", "class-folders")


def open_videos(
    source: Path,
    *,
    layout: Layout | Literal["auto"] = "auto",
    split: str = "val",
    labels: Path | None = None,
    root: Path | None = None,
) -> VideoSet:
    """The videos of a split; no video is opened, and none will be outside of the set's folder.

    Args:
        source: a folder, or the list of a Kinetics split or of frames.
        layout: how it is distributed; `auto` sees for itself.
        split: `train`, `val` or `test`.
        labels: class names in order, for lists that have numbers.
        root: what such a list's paths are from.

    Raises:
        DatasetError: nothing there, of no known layout, or not whole.
        ValueError: no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"there is no split {split!r}: {', '.join(SPLITS)}")
    found = _listed(source, layout_of(source) if layout == "auto" else layout, split, labels, root)
    return replace(found, videos=tuple(replace(one, root=found.folder) for one in found.videos))


def _listed(
    source: Path, layout: Layout, split: str, labels: Path | None, root: Path | None
) -> VideoSet:
    match layout:
        case "something-v1":
            return open_something_v1(source, split)
        case "something-v2":
            return open_something_v2(source, cast(SplitName, split))
        case "kinetics":
            return open_kinetics(source, split)
        case "frame-list":
            return open_frame_list(source, split, labels=labels, root=root)
        case _:
            return open_class_folders(source, split)


def layout_of(source: Path) -> Layout:
    """How a set is distributed.

    Raises:
        DatasetError: nothing there, or of no known layout.
    """
    if not source.exists():
        raise DatasetError(f"There is no {source}: give a folder, or a list of videos.")
    if source.is_file():
        return "kinetics" if source.suffix.lower() == ".csv" else "frame-list"
    if (source / LABELS / CLASSES).is_file():
        return "something-v2"
    if (source / f"{PREFIX}labels.csv").is_file():
        return "something-v1"
    if lists_in(source):
        return "kinetics"
    if any(
        classes_in(one) for one in (source, *(source / split for split in SPLITS)) if one.is_dir()
    ):
        return "class-folders"
    raise DatasetError(
        f"{source} is none of {', '.join(LAYOUTS)}: see docs/data.md, or name its list."
    )
