"""A run of any size without a network, and how long questions to it take."""

import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.queries import Queries
from maagn.evaluate.store import ANSWER_ROWS, ANSWERS, VIDEO_ROWS, VIDEOS, WRITTEN
from maagn.labels import something_something_v2
from maagn.video.views import ViewSpec

_SEED = 0  # of the answers, and of the cells that are looked at
_PIECE = 8192  # rows that are in memory at a time
_RIGHT = 6.0  # added to the true class's logit, so that most answers are right


def make_up(folder: Path, *, clips: int, classes: int, models: int) -> None:
    """Write a run's files into an empty folder; the same numbers give the same rows.

    Args:
        folder: is made.
        clips: videos.
        classes: K.
        models: networks that are asked about each.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(_SEED)
    truth = rng.integers(0, classes, clips).astype(np.int16)
    _plan(clips, classes, models).agree(folder)
    places = np.arange(clips, dtype=np.int32)
    ids = [str(place) for place in places]
    videos = {
        "place": places,
        "id": ids,
        "path": [f"{identity}.webm" for identity in ids],
        "label": truth,
    }
    pq.write_table(pa.table(videos, schema=VIDEO_ROWS), folder / VIDEOS, **WRITTEN)
    names = pa.array([f"model-{number}" for number in range(models)])
    with pq.ParquetWriter(
        folder / ANSWERS,
        ANSWER_ROWS,
        compression=WRITTEN["compression"],
        compression_level=WRITTEN["compression_level"],
    ) as writer:
        for model in range(models):
            for start in range(0, clips, _PIECE):
                rows = slice(start, start + _PIECE)
                columns = _predictions(rng, truth[rows], classes)
                columns["model"] = pa.DictionaryArray.from_arrays(
                    pa.array(np.full(len(truth[rows]), model, np.int8)), names
                )
                columns["place"], columns["id"] = pa.array(places[rows]), pa.array(ids[rows])
                writer.write_table(pa.table(columns).select(ANSWER_ROWS.names).cast(ANSWER_ROWS))


def _plan(clips: int, classes: int, models: int) -> Plan:
    """A plan of networks that no file holds; as many classes as have names have those of V2."""
    known = something_something_v2()
    labels = known if classes == len(known) else tuple(f"Class {i}" for i in range(classes))
    return Plan(
        kind="answers",
        models=tuple(f"model-{number}" for number in range(models)),
        digests=tuple(f"{number:064d}" for number in range(models)),
        labels=labels,
        data="made-up",
        layout="something-v2",
        split="val",
        data_digest="0" * 64,
        clips=clips,
        views=ViewSpec(),
        window=0,
        batch=16,
        precision="32-true",
        threads=1,
        versions=present_versions(),
    )


def _predictions(rng: np.random.Generator, truth: np.ndarray, classes: int) -> dict[str, pa.Array]:
    count = len(truth)
    logits = rng.normal(0, 2, (count, classes)).astype(np.float32)
    logits[np.arange(count), truth] += _RIGHT * rng.random(count, dtype=np.float32)
    best = np.argsort(-logits, axis=1)[:, :5].astype(np.int16)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return {
        "label": pa.array(truth),
        "answer": pa.array(best[:, 0]),
        "probability": pa.array(odds.max(axis=1) / odds.sum(axis=1)),
        "top5": _lists(best),
        "logits": _lists(logits),
        "reason": pa.nulls(count, pa.string()),
    }


def _lists(rows: np.ndarray) -> pa.Array:
    ends = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(rows.ravel()))


_CELLS = 20


@dataclass(frozen=True)
class Timing:
    """What was measured, in a process that did nothing else.

    Attributes:
        page: seconds from nothing to what the first page shows: opening, accuracies, classes and
            confused pairs of the first model, and its confusion matrix.
        cell: median seconds to the clips of a cell of the matrix.
        slowest_cell: the longest of them.
        changed: median seconds to the clips fixed or broken between two models.
        megabytes: the most memory that the process held, Python and its libraries included.
    """

    page: float
    cell: float
    slowest_cell: float
    changed: float
    megabytes: float


def measure(folder: Path) -> Timing:
    """Ask a run's tables as a person would."""
    with multiprocessing.get_context("spawn").Pool(1) as fresh:
        return fresh.apply(_measured, (folder,))


def _measured(folder: Path) -> Timing:
    begun = time.perf_counter()
    queries = Queries(folder)
    first, last = queries.models[0], queries.models[-1]
    queries.overall()
    queries.per_class(first)
    queries.pairs(first)
    counts = queries.confusion(first)
    page = time.perf_counter() - begun
    rng = np.random.default_rng(_SEED)
    filled = rng.permutation(np.argwhere(counts > 0))[:_CELLS]
    cells = [_seconds(partial(queries.cell, first, label=int(i), answer=int(j))) for i, j in filled]
    changed = [
        _seconds(partial(queries.changed, first, last, fixed=fixed)) for fixed in (True, False) * 3
    ]
    return Timing(
        page, statistics.median(cells), max(cells), statistics.median(changed), _most_megabytes()
    )


def _seconds(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def _most_megabytes() -> float:
    if sys.platform == "linux":  # where a started process inherits its parent's `ru_maxrss`
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
