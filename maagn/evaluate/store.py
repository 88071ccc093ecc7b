"""The tables of a run, and its folder while it is under way: a Parquet file a batch."""

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from maagn.data.videos import Video
from maagn.errors import RunError
from maagn.io import atomic_write

MANIFEST = "manifest.json"
VIDEOS = "videos.parquet"
SOURCE = "source.json"  # where the videos lie, which is no part of the plan: they may be moved
RESULTS = "results.parquet"
AUDIT = "audit.json"
ANSWERS = "answers.parquet"
EXPLANATIONS = "explanations.parquet"
FEATURES = "features.parquet"
POINTING = "pointing.parquet"

VIDEO_ROWS = pa.schema(
    {
        "place": pa.int32(),  # in the set, from 0
        "id": pa.string(),
        "path": pa.string(),  # from the set's folder
        "label": pa.int16(),  # null where the set does not say
    }
)
ANSWER_ROWS = pa.schema(
    {
        "model": pa.dictionary(pa.int8(), pa.string()),
        "place": pa.int32(),
        "id": pa.string(),
        "label": pa.int16(),
        "answer": pa.int16(),  # null, as all that follow, where there is a reason
        "probability": pa.float32(),  # of the answer
        "top5": pa.list_(pa.int16()),  # most probable first
        "logits": pa.list_(pa.float32()),  # mean of the views'
        "reason": pa.string(),  # why there is no answer; null where there is one
    }
)
EXPLANATION_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:6]},
        "path_frames": pa.list_(pa.int16()),  # of MAAGN's paths, shallow first
        "votes": pa.list_(pa.float32()),  # logits of each path, path by path
        # Masks and gates of the paths' frames, path by path; null without such a part.
        "sdm": pa.list_(pa.float32()),  # in (0, 1), Eq. 5
        "mtam_max": pa.list_(pa.float32()),  # in (0, 1), Eq. 7
        "mtam_avg": pa.list_(pa.float32()),  # in (0, 1), Eq. 9
        "mtam_both": pa.list_(pa.float32()),  # in (0, 1), Eq. 12
        "gate": pa.list_(pa.float32()),  # mean magnitude of the gate's output, Eq. 15
        "shares": pa.list_(pa.float32()),  # spatial, temporal, gate: three a frame, summing to 1
        "cam": pa.list_(pa.uint8()),  # Grad-CAM of the answer, frame by frame, row by row
        "cam_shape": pa.list_(pa.int16()),  # frames, rows, columns
        "cam_scale": pa.float32(),  # value = byte / 255 * scale; what is negative is 0
        "reason": pa.string(),
    }
)
BOTH_ORDERS_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:8]},
        "reversed_answer": pa.int16(),  # when the same frames are shown in reverse
        "divergence": pa.float32(),  # of that prediction from the forward one, in nats
        "votes": pa.list_(pa.float32()),  # logits of each path, path by path
        # Of the paths' frames, path by path; null without such a part.
        "sdm": pa.list_(pa.float32()),  # in (0, 1), Eq. 5
        "mtam": pa.list_(pa.float32()),  # the sum of the three masks, in (0, 3)
        "gate": pa.list_(pa.float32()),  # mean magnitude of the gate's output on each path
        "reason": pa.string(),
    }
)
FEATURE_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:4]},
        "layer": pa.string(),  # a row a layer of the network, its logits and votes among them
        "frames": pa.int16(),  # of the layer's feature
        # The feature, averaged over space, frame by frame: first of the clip as it is, then of the
        # same frames in reverse, in the order in which the network sees them.
        "forward": pa.list_(pa.float32()),
        "backward": pa.list_(pa.float32()),
    }
)
MASK_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:4]},
        "reason": pa.string(),  # why it has no part in the averages; null where it has
    }
)
_OF_PATHS = pa.list_(pa.list_(pa.float32()))  # a list a path, frame by frame, channel by channel
EFFECT_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:5]},
        "preferred": pa.int8(),  # the class more probable than its opposite; -1: it has none
        "sdm": _OF_PATHS,  # in (0, 1), Eq. 5
        "mtam_max": _OF_PATHS,  # in (0, 1), Eq. 7
        "mtam_avg": _OF_PATHS,  # in (0, 1), Eq. 9
        "mtam_both": _OF_PATHS,  # in (0, 1), Eq. 12
        "mtam": _OF_PATHS,  # the sum of the masks, in (0, 3)
        "gate": _OF_PATHS,  # mean magnitude of the gate's output a frame, Eq. 15
        "one_hot": pa.list_(pa.float32()),  # a path: share of places with a softmax over 0.99
        "active_sdm": pa.list_(pa.list_(pa.bool_())),  # hidden units above zero, a list a path
        "active_mtam": pa.list_(pa.list_(pa.bool_())),
        # With a part replaced, by replacement and then by part; -1 and null without a donor.
        "answers": pa.list_(pa.int16()),
        "preferences": pa.list_(pa.int8()),
        "divergences": pa.list_(pa.float32()),  # KL from the live prediction, in nats
        "reason": pa.string(),
    }
)
POINTING_ROWS = pa.schema(
    {
        **{name: ANSWER_ROWS.field(name).type for name in ANSWER_ROWS.names[:5]},
        "method": pa.string(),  # of the map, whose class is the answer; or a baseline
        "layer": pa.string(),  # a tap, or several fused; empty of a baseline
        "smoothing": pa.int8(),  # frames that each is the mean of
        "blank": pa.bool_(),  # nothing of it is positive
        # Of hand or thing, either alone, and what moves most; null where there is none in the clip.
        **{
            f"{number}_{part}": pa.float32()
            # Share of the map's mass, the same where another clip has that part, the pointing
            # game, and the share of the pixels.
            for number in ("share", "other", "hit", "area")
            for part in ("both", "hand", "thing", "motion")
        },
        # Areas under the curves by the map, and the mean of those by random orders; null where
        # nothing was deleted.
        **{
            f"{curve}{order}": pa.float32()
            for curve in ("deletion", "insertion")
            for order in ("", "_random")
        },
        "reason": pa.string(),
    }
)
FEATURES_COLUMN = pa.field("features", pa.list_(pa.float16()))
"""Of predictions where it is asked for: what each classifier read, one after the other; of networks
without any, the mean of the last stage."""

SCHEMAS = {
    "answers": ANSWER_ROWS,
    "explanations": EXPLANATION_ROWS,
    "both-orders": BOTH_ORDERS_ROWS,
    "features": FEATURE_ROWS,
    "masks": MASK_ROWS,
    "effects": EFFECT_ROWS,
    "pointing": POINTING_ROWS,
}
TABLES = {
    "answers": ANSWERS,
    "explanations": EXPLANATIONS,
    "both-orders": ANSWERS,
    "features": FEATURES,
    "masks": "masks.parquet",
    "effects": "effects.parquet",
    "pointing": POINTING,
}
"""A run's rows, and the file that they are put together in, by its kind."""

WRITTEN = {"compression": "zstd", "compression_level": 3, "row_group_size": 16_384}
"""How tables are written: without times or chance, so that equal rows are equal bytes."""


def names(models: Sequence[str], number: int, count: int) -> pa.DictionaryArray:
    """One network's name in every row; all of a run share the list that it is a number of."""
    return pa.DictionaryArray.from_arrays(
        pa.array(np.full(count, number, np.int8)), pa.array(models, pa.string())
    )


def clip_columns(
    models: Sequence[str], number: int, indices: range, videos: Sequence[Video]
) -> dict[str, pa.Array]:
    """The columns that every run's rows begin with: which network, and which clip of the set."""
    return {
        "model": names(models, number, len(indices)),
        "place": pa.array(indices, pa.int32()),
        "id": pa.array([video.id for video in videos], pa.string()),
        "label": pa.array([video.label for video in videos], pa.int16()),
    }


def lists(values: NDArray[Any], read: list[int], count: int, kind: pa.DataType) -> pa.ListArray:
    """A list in each row that was read, null elsewhere.

    Args:
        values: (n, m), one row for each of `read`.
        read: indices among the rows, in order.
        count: rows in all.
        kind: of the numbers.
    """
    long = np.zeros(count, np.int32)
    long[read] = values.shape[1]
    ends = np.concatenate([[0], np.cumsum(long)]).astype(np.int32)
    absent = np.ones(count, bool)
    absent[read] = False
    flat = pa.array(np.ascontiguousarray(values).ravel(), kind)
    return pa.ListArray.from_arrays(
        pa.array(ends), flat, type=pa.list_(kind), mask=pa.array(absent)
    )


_PARTS = "parts"
_LOCK = ".lock"
_ROWS = 16_384  # of a row group in the whole table


def clips_stored(folder: Path) -> int:
    """Videos whose rows are in a run's folder; no file is opened, each is named by its length."""
    batches = (folder / _PARTS).glob("*.parquet")
    return sum(int(path.stem.rsplit("-", 1)[1]) for path in batches)


class BatchStore:
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

    def has(self, indices: range) -> bool:
        """Whether a batch is done; a damaged file is removed, and the batch is not."""
        path = self._path(indices)
        try:
            if pq.read_table(path).schema.equals(self.schema):
                return True
        except FileNotFoundError:
            return False
        except (OSError, pa.ArrowException):
            pass
        path.unlink(missing_ok=True)
        return False

    def store(self, indices: range, rows: pa.Table) -> None:
        """Keep a batch's rows."""
        with atomic_write(self._path(indices)) as part:
            pq.write_table(rows.cast(self.schema), part, **WRITTEN)

    def join(self, batches: list[range], models: tuple[str, ...], out: Path) -> None:
        """Write the table of all batches, by model and then by place, whole or not at all.

        Equal rows give equal bytes: row groups do not follow the batches' files.
        """
        with (
            atomic_write(out) as part,
            pq.ParquetWriter(
                part,
                self.schema,
                compression=WRITTEN["compression"],
                compression_level=WRITTEN["compression_level"],
            ) as writer,
        ):
            waiting: list[pa.Table] = []
            for model in models:
                for indices in batches:
                    table = pq.read_table(self._path(indices))
                    waiting.append(table.filter(pc.equal(table["model"].cast("string"), model)))
                    if sum(map(len, waiting)) >= _ROWS:
                        waiting = _write(writer, waiting, least=_ROWS)
            _write(writer, waiting, least=1)

    def _path(self, indices: range) -> Path:
        return self.folder / _PARTS / f"{indices.start:08d}-{len(indices)}.parquet"


def _write(writer: pq.ParquetWriter, waiting: list[pa.Table], *, least: int) -> list[pa.Table]:
    """Write full row groups; what is left waits."""
    if not waiting:
        return []
    table = pa.concat_tables(waiting).unify_dictionaries().combine_chunks()
    while len(table) >= least:
        writer.write_table(table.slice(0, _ROWS), row_group_size=_ROWS)
        table = table.slice(_ROWS)
    return [table] if len(table) else []
