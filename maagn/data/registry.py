"""Sets of videos that were registered: their lists as Parquet files, the videos where they are."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from maagn import folders
from maagn.data.columns import called, read_columns
from maagn.data.videos import Video, VideoSet
from maagn.errors import RegistryError
from maagn.io import atomic_folder
from maagn.labels import NO_PAIRS, ClassPairs

FOLDER = folders.DATASETS

FORMAT = "maagn-dataset-1"
ROWS = "videos.parquet"
MEASURES = "measures.parquet"
COLUMNS = "columns.csv"
_HEAD = "dataset.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_SCHEMA = pa.schema(
    {
        "place": pa.int32(),
        "id": pa.string(),
        "path": pa.string(),
        "label": pa.int16(),
        "class": pa.dictionary(pa.int16(), pa.string()),
        "frames": pa.int32(),
    }
)


@dataclass(frozen=True)
class Registered:
    """What the registry knows of a set without opening its list.

    Attributes:
        name: unique among the registered.
        layout: how it is distributed.
        folder: that the videos lie in.
        split: of the set.
        labels: class names in the order of the numbers.
        clips: how many videos there are.
        digest: of the list (`VideoSet.digest`).
        rows: the Parquet file of the list.
        pairs: opposites and mirrored classes that a person gave for it.
        pictures: template of the frames' names (`VideoSet.pictures`).
    """

    name: str
    layout: str
    folder: Path
    split: str
    labels: tuple[str, ...]
    clips: int
    digest: str
    rows: Path
    pairs: ClassPairs = NO_PAIRS
    pictures: str | None = None

    @property
    def measures(self) -> Path:
        """Where the table of its clips' measures is kept, if it was made."""
        return self.rows.with_name(MEASURES)

    @property
    def columns(self) -> Path:
        """Where the person's own columns are kept, if any were given."""
        return self.rows.with_name(COLUMNS)


def register(
    videos: VideoSet,
    *,
    name: str | None = None,
    root: Path | None = None,
    pairs: ClassPairs | None = None,
    columns: Path | None = None,
) -> Registered:
    """Keep the list of a set; one of that name is replaced.

    Measures that its clips were taken stay: each is of a file's path, size and time, and counts for
    no other.

    Args:
        videos: the set; none of its files is opened.
        name: of letters, digits, dots, dashes and underscores; None makes it of the set's own
            name and split.
        root: where lists are kept; None is `FOLDER`.
        pairs: opposites and mirrored classes that a person gave for the set's labels.
        columns: a CSV of what else is known of the clips, which is copied.

    Raises:
        RegistryError: the name cannot be one.
        ColumnsError: the CSV cannot be read, or is not about these clips.
    """
    name = name or re.sub(r"[^A-Za-z0-9._-]+", "-", f"{videos.name}-{videos.split}").strip("-.")
    if not _NAME.fullmatch(name):
        raise RegistryError(
            f"{name[:80]!r} cannot be a name: take up to 60 letters, digits, dots and dashes."
        )
    folder = (root or FOLDER) / name
    head: dict[str, Any] = {
        "format": FORMAT,
        "layout": videos.layout,
        "folder": str(videos.folder.absolute()),
        "split": videos.split,
        "labels": videos.labels,
        "clips": len(videos),
        "digest": videos.digest,
        "pictures": videos.pictures,
    }
    if pairs is not None and pairs != NO_PAIRS:
        head["pairs"] = pairs.as_dict()
    if columns is not None:
        read_columns(columns, names_of(videos))
    with atomic_folder(folder) as part:
        if columns is not None:
            shutil.copyfile(columns, part / COLUMNS)
        if (folder / MEASURES).is_file():
            shutil.copyfile(folder / MEASURES, part / MEASURES)
        pq.write_table(_table(videos), part / ROWS, compression="zstd", row_group_size=32_768)
        (part / _HEAD).write_text(json.dumps(head, indent=1, ensure_ascii=False), encoding="utf-8")
    return _read(folder)


def names_of(videos: VideoSet) -> list[tuple[str, ...]]:
    """What each clip of a set may be called in a person's own CSV."""
    return [
        called(video.id, video.path.relative_to(videos.folder).as_posix())
        for video in videos.videos
    ]


def registered(*, root: Path | None = None) -> tuple[Registered, ...]:
    """All that are registered, by name; what cannot be read is left out."""
    found = []
    for head in sorted((root or FOLDER).glob(f"[!.]*/{_HEAD}")):
        try:
            found.append(_read(head.parent))
        except RegistryError:
            continue
    return tuple(found)


def find(name: str, *, root: Path | None = None) -> Registered:
    """The registered set of that name.

    Raises:
        RegistryError: there is none.
    """
    if _NAME.fullmatch(name) and ((root or FOLDER) / name / _HEAD).is_file():
        return _read((root or FOLDER) / name)
    raise RegistryError(
        f"There is no data set {name[:80]!r}: register one with `maagn data register`."
    )


def videos_of(data: Registered, *, per_class: int | None = None) -> VideoSet:
    """The set that was registered; none of its files is opened.

    Args:
        data: which.
        per_class: videos of each class at most, evenly over its list, and none without a class;
            None takes all.

    Raises:
        RegistryError: its list is damaged or gone.
    """
    try:
        rows = pq.read_table(data.rows, columns=["id", "path", "label", "frames"])
        videos = tuple(
            Video(id_, data.folder / path, label, frames, data.folder, data.pictures)
            for id_, path, label, frames in zip(*(c.to_pylist() for c in rows.columns), strict=True)
        )
    except (OSError, KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise RegistryError(
            f"The list of {data.name} is damaged: register the data set again."
        ) from error
    if per_class is not None:
        videos = _few(videos, per_class)
    return VideoSet(
        data.name, data.layout, data.folder, data.split, data.labels, videos, data.pictures
    )


def _few(videos: tuple[Video, ...], most: int) -> tuple[Video, ...]:
    """As many of each class at most, evenly over its list, in the order of the set."""
    places: dict[int, list[int]] = {}
    for place, video in enumerate(videos):
        if video.label is not None:
            places.setdefault(video.label, []).append(place)
    kept = set()
    for own in places.values():
        count = min(most, len(own))
        kept |= {own[i * len(own) // count] for i in range(count)}
    return tuple(videos[place] for place in sorted(kept))


def _read(folder: Path) -> Registered:
    try:
        head: dict[str, Any] = json.loads((folder / _HEAD).read_text(encoding="utf-8"))
        if head["format"] != FORMAT or not (folder / ROWS).is_file():
            raise ValueError("another format")
        return Registered(
            name=folder.name,
            layout=str(head["layout"]),
            folder=Path(head["folder"]),
            split=str(head["split"]),
            labels=tuple(str(label) for label in head["labels"]),
            clips=int(head["clips"]),
            digest=str(head["digest"]),
            rows=folder / ROWS,
            pairs=ClassPairs.from_dict(head.get("pairs")),
            pictures=None if head.get("pictures") is None else str(head["pictures"]),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RegistryError(
            f"{folder.name} cannot be read: register it again with `maagn data register`."
        ) from error


def _table(videos: VideoSet) -> pa.Table:
    names = pa.array(videos.labels, pa.string())
    numbers = pa.array([video.label for video in videos.videos], pa.int16())
    columns = {
        "place": pa.array(range(len(videos)), pa.int32()),
        "id": pa.array([video.id for video in videos.videos], pa.string()),
        "path": pa.array([str(video.path.relative_to(videos.folder)) for video in videos.videos]),
        "label": numbers,
        "class": pa.DictionaryArray.from_arrays(numbers, names),
        "frames": pa.array([video.frames for video in videos.videos], pa.int32()),
    }
    return pa.table(columns, schema=_SCHEMA)
