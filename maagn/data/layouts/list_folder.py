"""A folder with a list of videos for each split, as mmaction2, TSM and UCF101 are laid out.

train.txt  val.txt  labels.txt            or train_list.txt, val_videos.txt, ...
ucfTrainTestlist/{trainlist01,testlist01,classInd}.txt   UCF-101/ApplyEyeMakeup/v_....avi
"""

import os
import re
from contextlib import suppress
from itertools import islice
from pathlib import Path

from maagn.data.layouts.frame_list import Columns, named_paths, open_frame_list
from maagn.data.layouts.layout import Layout, Options
from maagn.data.layouts.names import is_names_file, read_lines, usual_names
from maagn.data.videos import VideoSet
from maagn.errors import DatasetError
from maagn.video.formats import ENDINGS

_ENDINGS = (".txt", ".csv", ".lst", ".list", ".tsv")
_WORD = re.compile(
    r"(?P<train>train(ing)?)|(?P<val>val(id(ation)?)?)|(?P<test>test(ing)?)", re.IGNORECASE
)
_AFTER = re.compile(
    r"(lists?|sets?|splits?|videos?|videofolder|data|files?|clips?)?", re.IGNORECASE
)
_PLACE = re.compile(
    r"(.*[_ -])?(annot\w*|labels?|lists?|splits?|meta(data)?)|.*[a-z](lists?|splits)", re.IGNORECASE
)
_PROBED = 20  # lines that show which folder their paths are from


def split_lists(folder: Path) -> dict[str, list[Path]]:
    """The lists of each split in a folder, or in one of its folders for annotations."""
    found: dict[str, list[Path]] = {}
    for place in (folder, *_places(folder)):
        for path in sorted(place.iterdir()):
            split = split_of(path)
            if split is not None and _may_be_list(path):
                found.setdefault(split, []).append(path)
    return found


def split_of(path: Path) -> str | None:
    """The split that a list's name tells: `train`, `val` or `test`; None where it tells none."""
    if path.suffix.lower() not in _ENDINGS:
        return None
    splits = set()
    for word in re.findall(r"[a-z]+", path.stem.casefold()):
        match = _WORD.match(word)
        if match is not None and _AFTER.fullmatch(word[match.end() :]):
            splits.add(match.lastgroup)
        elif word == "flow":  # the same videos as pictures of optical flow
            return None
    return splits.pop() if len(splits) == 1 else None


def open_list_folder(
    folder: Path,
    split: str,
    *,
    labels: Path | None = None,
    root: Path | None = None,
    columns: Columns = "auto",
    classes_from: int | None = None,
) -> VideoSet:
    """The videos of a split's list (`maagn.data.layouts.frame_list.open_frame_list`).

    Raises:
        DatasetError: there is no list of the split, or several.
    """
    lists = split_lists(folder)
    mine = lists.get(split, [])
    exact = [path for path in mine if path.stem.casefold() == split]
    mine = exact if len(exact) == 1 else mine
    if not mine:
        there = ", ".join(f"{name}: {paths[0].name}" for name, paths in sorted(lists.items()))
        raise DatasetError(
            f"{folder} has no list of the split {split} ({there or 'no lists'}): give another "
            "--split, or name the list."
        )
    if len(mine) > 1:
        names = ", ".join(path.name for path in mine[:4])
        raise DatasetError(f"{folder} has several lists of the split {split}, {names}: name one.")
    (source,) = mine
    return open_frame_list(
        source,
        split,
        labels=labels or usual_names(source.parent) or usual_names(folder),
        root=root or _root(source, folder),
        columns=columns,
        classes_from=classes_from,
    )


def paths_listed(source: Path, root: Path | None) -> set[Path]:
    """What any list names: of a folder's lists, or of those that lie beside a list.

    Args:
        source: the folder or the list.
        root: what their paths are from; None as `open_list_folder`, or as `open_frame_list`.
    """
    if source.is_dir():
        lists = [path for paths in split_lists(source).values() for path in paths]
    else:
        lists = [path for path in sorted(source.parent.iterdir()) if _may_be_list(path)]
    paths: set[Path] = set()
    for path in lists:
        with suppress(DatasetError):
            place = _root(path, source) if source.is_dir() else source.parent
            paths |= named_paths(path, (root or place).absolute())
    return paths


def _root(source: Path, folder: Path) -> Path:
    """The folder that the first paths of a list are from: its own where they are in none."""
    below = sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())
    paths = [_first_path(line) for line in islice(read_lines(source), _PROBED)]
    for place in (source.parent, folder, *below):
        if any(names and (place / Path(*names)).exists() for names in paths):
            return place
    return source.parent


def _first_path(line: str) -> tuple[str, ...]:
    """The first folder or file of a line's path, which is the same however its end is read."""
    first = line.partition("/")
    if first[1]:
        return (first[0].strip().strip('"') or "/",)
    return (re.split(r"(?:[,;\t]|\s+\d+$|\s+\d+\s)", line.strip().strip('"'))[0],)


def _places(folder: Path) -> list[Path]:
    return [
        path for path in sorted(folder.iterdir()) if _PLACE.fullmatch(path.name) and path.is_dir()
    ]


def _may_be_list(path: Path) -> bool:
    """Whether the first lines of a file are those of a list of videos."""
    if path.suffix.lower() not in _ENDINGS or is_names_file(path):
        return False
    try:
        lines = read_lines(path)[:2]
    except DatasetError:
        return split_of(path) is not None
    return any(
        re.search(r"\S[\s,;]\s*\"?\d+\"?$", line) or line.lower().endswith(ENDINGS)
        for line in lines
    )


def _detects(source: Path) -> bool:
    return source.is_file() or bool(split_lists(source))


def _open(source: Path, split: str, options: Options) -> VideoSet:
    """Of a folder with lists, or of one list."""
    opened = open_list_folder if source.is_dir() else open_frame_list
    return opened(
        source,
        split,
        labels=options.labels,
        root=options.root or options.videos,
        columns=options.columns,
        classes_from=options.classes_from,
    )


def _splits(source: Path) -> frozenset[str]:
    return frozenset(split_lists(source) if source.is_dir() else ())


def _listed(source: Path, options: Options) -> set[Path]:
    return paths_listed(source, options.root or options.videos)


FRAME_LIST = Layout("frame-list", _detects, _open, splits=_splits, listed=_listed, numbered=True)
