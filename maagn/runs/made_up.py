"""A run of any size without a network: chance answers of the right shape, for timing queries."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from maagn.runs.schema import ANSWER_ROWS, ANSWERS, MANIFEST, VIDEO_ROWS, VIDEOS, WRITTEN

_PIECE = 8192  # rows that are in memory at a time
_RIGHT = 6.0  # added to the true class's logit, so that most answers are right


def make_up(folder: Path, *, clips: int, classes: int, models: int, seed: int = 0) -> None:
    """Write a run's files into an empty folder.

    Args:
        folder: is made.
        clips: videos.
        classes: K.
        models: networks that are asked about each.
        seed: of the answers; the same gives the same rows.
    """
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    labels = [f"Class {number}" for number in range(classes)]
    truth = rng.integers(0, classes, clips).astype(np.int16)
    (folder / MANIFEST).write_text(json.dumps({"labels": labels}), encoding="utf-8")
    places = np.arange(clips, dtype=np.int32)
    ids = [str(place) for place in places]
    videos = {"place": places, "id": ids, "path": [f"{one}.webm" for one in ids], "label": truth}
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
                columns = _answers(rng, truth[rows], classes)
                columns["model"] = pa.DictionaryArray.from_arrays(
                    pa.array(np.full(len(truth[rows]), model, np.int8)), names
                )
                columns["place"], columns["id"] = pa.array(places[rows]), pa.array(ids[rows])
                writer.write_table(pa.table(columns).select(ANSWER_ROWS.names).cast(ANSWER_ROWS))


def _answers(rng: np.random.Generator, truth: np.ndarray, classes: int) -> dict[str, pa.Array]:
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
