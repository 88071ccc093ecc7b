"""Evaluations of rendered clips that an earlier version began: `plan.json`, and `.npz` batches.

They had a file for each network and batch, named after the network's digest, the batch's first clip
and its length.
"""

import json
import zipfile
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from maagn.data.rendered import open_opposites
from maagn.errors import RunError
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import prediction_table
from maagn.evaluate.store import BatchStore
from maagn.opposites.split import Split
from maagn.video.views import ViewSpec

PLAN = "plan.json"
_COLUMNS = ("logits", "reversed_answer", "votes", "sdm", "mtam", "gate")


def read_plan(folder: Path, *, threads: int) -> Plan:
    """The plan in a folder of that form.

    Args:
        folder: of the evaluation.
        threads: that it goes on with; which it was begun with is not on record.

    Raises:
        RunError: it has none, or one that cannot be read.
    """
    try:
        said = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        videos = open_opposites(cast(Split, str(said["split"])), per_class=int(said["per_class"]))
        return Plan(
            kind="both-orders",
            models=tuple(map(str, said["models"])),
            digests=tuple(map(str, said["digests"])),
            labels=videos.labels,
            data=videos.name,
            layout=videos.layout,
            split=videos.split,
            data_digest=videos.digest,
            clips=len(videos),
            views=ViewSpec(),
            window=0,
            batch=16,
            precision="32-true",
            threads=threads,
            versions=tuple(map(str, said["versions"])),
        )
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise RunError(f"{folder.name} has no {PLAN} that can be read: begin it anew.") from error


def clips_done(folder: Path, plan: Plan) -> int:
    """Clips that all networks were asked about; no file is opened."""
    return sum(
        len(indices)
        for indices in plan.batches()
        if all(_file(folder, digest, indices).exists() for digest in plan.digests)
    )


def adopt(folder: Path, plan: Plan, store: BatchStore) -> None:
    """Keep the batches that all networks were asked about as the store does; others are left."""
    videos = open_opposites(
        cast(Split, plan.split), per_class=plan.clips // len(plan.labels)
    ).videos
    for indices in plan.batches():
        files = [_file(folder, digest, indices) for digest in plan.digests]
        if not all(file.exists() for file in files) or store.has(indices):
            continue
        batches = [_columns(file, len(indices)) for file in files]
        tables = [
            prediction_table(
                plan,
                number,
                indices,
                videos[indices.start : indices.stop],
                values,
                [None] * len(indices),
            )
            for number, values in enumerate(batches)
            if values is not None
        ]
        if len(tables) == len(plan.models):
            store.store(indices, pa.concat_tables(tables))


def _file(folder: Path, digest: str, indices: range) -> Path:
    return folder / f"{digest[:12]}-{indices.start:06d}-{len(indices)}.npz"


def _columns(path: Path, clips: int) -> dict[str, NDArray[Any]] | None:
    """What the run's table has of a batch; None where the file is damaged, or not finite."""
    try:
        with np.load(path, allow_pickle=False) as file:
            values = {name: file[name] for name in _COLUMNS if name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    if "votes" in values:
        values["votes"] = values["votes"].reshape(len(values["votes"]), -1)
    whole = all(len(value) == clips for value in values.values())
    fine = {"logits", "reversed_answer"} <= values.keys() and np.isfinite(values["logits"]).all()
    return values if whole and fine else None
