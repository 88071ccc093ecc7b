"""What a layout of data sets is to those who open one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from maagn.data.layouts.frame_list import Columns
from maagn.data.videos import VideoSet


@dataclass(frozen=True)
class Options:
    """What a person may say of a set beside where it lies.

    Attributes:
        labels: class names in order, for lists that have numbers.
        root: what such a list's paths are from.
        videos: the folder of the videos where it is elsewhere.
        columns: what the lines of a list hold, where it cannot be told.
        classes_from: the first class's number in a list; None sees for itself.
    """

    labels: Path | None = None
    root: Path | None = None
    videos: Path | None = None
    columns: Columns = "auto"
    classes_from: int | None = None


def _none(_source: Path) -> str:
    return ""


@dataclass(frozen=True)
class Layout:
    """One way in which sets of videos lie on disks.

    Attributes:
        name: what people call it.
        detects: whether a folder, or a list, is of this layout; no video is opened.
        open: the videos of a split, `train`, `val` or `test`; raises DatasetError where the set has
            no such split or is not whole.
        splits: which of `train`, `val` and `test` a source tells apart; none where it is one whole.
        listed: what any of the set's lists names, whatever the split; nothing without lists.
        doubt: half a sentence why a source that is detected is hardly of this layout, or nothing.
        takes_videos: whether the videos may lie in a folder elsewhere.
        numbered: whether lists have numbers, whose columns and first class can be told.
    """

    name: str
    detects: Callable[[Path], bool]
    open: Callable[[Path, str, Options], VideoSet]
    splits: Callable[[Path], frozenset[str]]
    listed: Callable[[Path, Options], Iterable[Path]]
    doubt: Callable[[Path], str] = _none
    takes_videos: bool = True
    numbered: bool = False
