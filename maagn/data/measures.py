"""The measures of a set's clips as a table that is kept, so that only new clips cost time."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from maagn.data.measure import ClipMeasures, measure
from maagn.data.videos import Video
from maagn.errors import ClipError, TableError
from maagn.io import atomic_write

FORMAT = "maagn-measures-1"
_NAMES = tuple(ClipMeasures.__dataclass_fields__)
_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        *((name, pa.float64()) for name in _NAMES),
        ("reason", pa.string()),
    ],
    metadata={"maagn": FORMAT},
)
_AHEAD = 16  # clips that are begun before the first of them is done, at most
_EVERY_SECONDS = 20.0  # between two times that unfinished work is written


class _Key(NamedTuple):
    """A clip's content, as far as the file system tells: other bytes have another time or size."""

    path: str
    size: int
    modified: int


def measured(
    videos: Sequence[Video],
    path: Path,
    *,
    also: Sequence[Path] = (),
    retry: bool = True,
    workers: int = 2,
    report: Callable[[int, int], None] = lambda _done, _all: None,
) -> pd.DataFrame:
    """The measures of all clips, in their order; those that the table has are not taken anew.

    The table is written every some seconds and at the end, whole or not at all, and also where
    `report` raises or the process is interrupted: the next call goes on from there.

    Args:
        videos: the clips; their paths are kept from their `root` on, where they have one.
        path: of the table; made, gone on with, or replaced where it is not one of this version.
        also: other tables that rows are taken from, such as a registered set's.
        retry: whether clips that could not be measured, and have not changed, are tried again.
        workers: clips that are measured at a time.
        report: told the clips done and all clips; may raise, to stop.

    Returns:
        `path`, `size` (bytes), `modified` (ns), the fields of `ClipMeasures`, and `reason`, a
        sentence where a clip could not be measured (its measures are NaN then), or nothing.
    """
    keys = [_key(video) for video in videos]
    rows = _rows((*also, path))
    if retry:
        rows = {key: row for key, row in rows.items() if not row["reason"]}
    missing = [index for index, key in enumerate(keys) if key not in rows]
    begun = len(videos) - len(missing)
    report(begun, len(videos))
    written = time.monotonic()
    try:
        with ThreadPoolExecutor(workers) as pool:
            for start in range(0, len(missing), _AHEAD):
                some = missing[start : start + _AHEAD]
                found = pool.map(_row, (videos[index] for index in some))
                for done, (index, row) in enumerate(zip(some, found, strict=True), start + 1):
                    rows[keys[index]] = row
                    report(begun + done, len(videos))
                if time.monotonic() - written > _EVERY_SECONDS:
                    _write(path, rows)
                    written = time.monotonic()
    except BaseException:
        _write(path, rows)
        raise
    rows = {key: rows[key] for key in keys}  # and no more of clips that are gone
    return _write(path, rows).to_pandas()


def kept_measures(videos: Sequence[Video], paths: Sequence[Path]) -> pd.DataFrame:
    """What tables have of some clips, as `measured` returns it; `reason` is missing of the rest.

    Args:
        videos: the clips, in the order of the rows.
        paths: of the tables; one that cannot be read has nothing.
    """
    rows = _rows(paths)
    unknown = asdict(ClipMeasures()) | {"reason": None}
    keys = [_key(video) for video in videos]
    return _table((key, rows.get(key, unknown)) for key in keys).to_pandas()


def read_measures(path: Path) -> pd.DataFrame:
    """The rows of a table that `measured` wrote.

    Raises:
        TableError: there is none, it is damaged, or it is of another version.
    """
    try:
        table = pq.read_table(path)
        if (table.schema.metadata or {}).get(b"maagn") != FORMAT.encode():
            raise ValueError("another format")
        return table.select(_SCHEMA.names).cast(_SCHEMA).to_pandas()
    except (OSError, KeyError, ValueError) as error:  # Arrow's own errors are ValueErrors
        raise TableError(
            f"{path.name} holds no measures of clips that can be read: make it with "
            "`maagn data measure`."
        ) from error


def path_in_table(video: Video) -> str:
    """What a clip's row is found by: its path from the folder of its set, or whole without one."""
    path = video.path if video.root is None else Path(os.path.relpath(video.path, video.root))
    return path.as_posix()


def _key(video: Video) -> _Key:
    try:
        status = video.path.stat()
    except OSError:  # a rendered clip has no file, and of a missing one the reader tells
        return _Key(path_in_table(video), 0, 0)
    return _Key(path_in_table(video), status.st_size, status.st_mtime_ns)


def _row(video: Video) -> dict[str, Any]:
    try:
        return asdict(measure(video)) | {"reason": ""}
    except ClipError as error:
        return asdict(ClipMeasures()) | {"reason": str(error)}


def _rows(paths: Sequence[Path]) -> dict[_Key, dict[str, Any]]:
    """The rows of the tables that can be read; of a clip in several, the last one's."""
    rows = {}
    for path in paths:
        try:
            kept = read_measures(path).to_dict("records")
        except TableError:
            continue
        for row in kept:
            key = _Key(*(row[name] for name in _Key._fields))
            rows[key] = {name: row[name] for name in (*_NAMES, "reason")}
    return rows


def _table(rows: Iterable[tuple[_Key, dict[str, Any]]]) -> pa.Table:
    return pa.Table.from_pylist([key._asdict() | row for key, row in rows], schema=_SCHEMA)


def _write(path: Path, rows: dict[_Key, dict[str, Any]]) -> pa.Table:
    table = _table(rows.items())
    with atomic_write(path) as part:
        pq.write_table(table, part, compression="zstd")
    return table
