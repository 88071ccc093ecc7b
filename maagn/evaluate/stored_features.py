"""What the classifiers of a run's network read of its clips, from the run's own table.

50,000 clips of 2,048 numbers take 200 MB: they are read batch by batch, for one network, and are
never part of a file of results.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jaxtyping import Float16, Int64

from maagn.errors import ResultsError
from maagn.evaluate.store import FEATURES_COLUMN

_ROWS = 2_048  # read at a time


def has_features(table: Path) -> bool:
    """Whether a run's table of predictions has features; false where there is no such table."""
    try:
        return FEATURES_COLUMN.name in pq.read_schema(table).names
    except (OSError, pa.ArrowException):
        return False


def read_features(
    table: Path, model: str, clips: Int64[np.ndarray, " n"]
) -> Float16[np.ndarray, "n d"]:
    """What the classifiers read of each clip, one classifier after the other.

    Args:
        table: `answers.parquet` of a run with features.
        model: the network's name in the run.
        clips: each one's `place` in the run's set.

    Raises:
        ResultsError: there is no such table, or it has no features of one of the clips.
    """
    rows = np.full(int(clips.max(initial=-1)) + 1, -1)
    rows[clips] = np.arange(len(clips))
    found: Float16[np.ndarray, "n d"] | None = None
    missing = np.ones(len(clips), bool)
    try:
        columns = ["model", "place", FEATURES_COLUMN.name]
        for batch in pq.ParquetFile(table).iter_batches(_ROWS, columns=columns):
            own = batch.filter(
                pc.and_(
                    pc.equal(batch["model"].cast(pa.string()), model),
                    batch[FEATURES_COLUMN.name].is_valid(),
                )
            )
            places = own["place"].to_numpy().astype(np.int64)
            asked = (places < len(rows)) & (rows[np.minimum(places, len(rows) - 1)] >= 0)
            if not asked.any():
                continue
            values = own[FEATURES_COLUMN.name].flatten().to_numpy().reshape(len(own), -1)
            if found is None:
                found = np.empty((len(clips), values.shape[1]), np.float16)
            found[rows[places[asked]]] = values[asked]
            missing[rows[places[asked]]] = False
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise ResultsError(
            f"{table.name} holds no features that can be read: evaluate again with --features."
        ) from error
    if found is None or missing.any():
        raise ResultsError(
            f"{table.name} has no features of {int(missing.sum()):,} of {len(clips):,} clips: "
            "evaluate them again with --features."
        )
    return found
