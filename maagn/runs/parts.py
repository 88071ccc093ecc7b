"""A run's folder while it is under way: a Parquet file a batch, whole or not there."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from maagn.runs.errors import RunError
from maagn.runs.schema import WRITTEN

_PARTS = "parts"
_LOCK = ".lock"
_ROWS = 16_384  # of a row group in the whole table


class Parts:
    """The batches of one run that were done.

    Args:
        folder: of the run; is made.
        schema: of the rows.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder = folder
        self.schema = schema
        (folder / _PARTS).mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs out of the folder; the system lets go of it with the process.

        Raises:
            RunError: another process is at work in it.
        """
        with (self.folder / _LOCK).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise RunError(
                    f"Another process is at work in {self.folder.name}: wait for it, or stop it."
                ) from error
            yield

    def clean(self) -> None:
        """Remove what a killed process left half written."""
        for path in (self.folder / _PARTS).glob("*.part"):
            path.unlink(missing_ok=True)

    def has(self, places: range) -> bool:
        """Whether a batch is done; a damaged file is removed, and the batch is not."""
        path = self._path(places)
        try:
            if pq.read_table(path).schema.equals(self.schema):
                return True
        except FileNotFoundError:
            return False
        except (OSError, pa.ArrowException):
            pass
        path.unlink(missing_ok=True)
        return False

    def store(self, places: range, rows: pa.Table) -> None:
        """Keep a batch's rows."""
        path = self._path(places)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        pq.write_table(rows.cast(self.schema), part, **WRITTEN)
        part.replace(path)

    def join(self, batches: list[range], models: tuple[str, ...], out: Path) -> None:
        """Write the table of all batches, by model and then by place, whole or not at all.

        Equal rows give equal bytes: row groups do not follow the batches' files.
        """
        part = out.with_suffix(".part")
        with pq.ParquetWriter(
            part,
            self.schema,
            compression=WRITTEN["compression"],
            compression_level=WRITTEN["compression_level"],
        ) as writer:
            waiting: list[pa.Table] = []
            for model in models:
                for places in batches:
                    table = pq.read_table(self._path(places))
                    waiting.append(table.filter(pc.equal(table["model"].cast("string"), model)))
                    if sum(map(len, waiting)) >= _ROWS:
                        waiting = _write(writer, waiting, least=_ROWS)
            _write(writer, waiting, least=1)
        part.replace(out)

    def _path(self, places: range) -> Path:
        return self.folder / _PARTS / f"{places.start:08d}-{len(places)}.parquet"


def _write(writer: pq.ParquetWriter, waiting: list[pa.Table], *, least: int) -> list[pa.Table]:
    """Write full row groups; what is left waits."""
    if not waiting:
        return []
    table = pa.concat_tables(waiting).unify_dictionaries().combine_chunks()
    while len(table) >= least:
        writer.write_table(table.slice(0, _ROWS), row_group_size=_ROWS)
        table = table.slice(_ROWS)
    return [table] if len(table) else []
