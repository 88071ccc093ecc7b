"""Runs that lie on this machine, whoever made them, read as results that can be compared.

`maagn evaluate`, `torchrun` and the app all leave a folder with a manifest and a table of
predictions. Here such folders are found, and a table becomes `Results`.
"""

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from jaxtyping import Bool, Int64
from numpy.typing import NDArray

from maagn import folders
from maagn.checkpoint import Model
from maagn.data.videos import VideoSet
from maagn.errors import ResultsError, RunError
from maagn.evaluate.plan import Plan
from maagn.evaluate.predictions import Predictions, opposite_numbers_of, prefers
from maagn.evaluate.results import (
    DIVERGENCE,
    Origin,
    Results,
    column_divergence,
    column_lists,
    column_numbers,
    kept_divergence,
    read_results,
)
from maagn.evaluate.store import ANSWERS, MANIFEST, RESULTS, SOURCE, VIDEOS
from maagn.explain.attention import ALPHA
from maagn.labels import ClassPairs, ClassRelations
from maagn.nn.maagn import MAAGN
from maagn.opposites.clip import opposite_numbers

FOLDER = folders.RUNS

RENDERED = "opposites"  # the layout of the rendered benchmark, whose clips are no files
_KINDS = ("answers", "both-orders")
_DEEP = 3  # folders below each other
_ROWS = 2048  # read at a time: more take twice their room


@dataclass(frozen=True)
class StoredRun:
    """A finished run.

    Attributes:
        name: its folder's path from where runs lie, with slashes; stands for it in an address.
        folder: of the run.
        plan: that it was made by.
        stamp: when its predictions were written, in nanoseconds.
    """

    name: str
    folder: Path
    plan: Plan
    stamp: int

    def read(self) -> Results:
        """As `read_run`."""
        return read_run(self.folder)


def runs(root: Path | None = None) -> tuple[StoredRun, ...]:
    """All finished runs below a folder, the latest first; what cannot be read is left out."""
    root = root or FOLDER
    found = [run for path in found_below(MANIFEST, root) if (run := _stored(path, root))]
    return tuple(sorted(found, key=lambda run: (-run.stamp, run.name)))


def find_run(name: str, root: Path | None = None) -> StoredRun:
    """The finished run of that name.

    Raises:
        ResultsError: there is none.
    """
    for run in runs(root):
        if run.name == name:
            return run
    raise ResultsError(
        f"There is no finished run {name[:80]!r}: give the folder of one, or make it with "
        "`maagn evaluate --out`."
    )


def address_of(run: Path) -> str:
    """Where the app shows a run, as it is started by default; how, where it lies elsewhere."""
    folder, root = run.resolve(), FOLDER.resolve()
    within = folder.is_relative_to(root) and 0 < len(folder.relative_to(root).parts) <= _DEEP
    name = folder.relative_to(root).as_posix() if within else folder.name
    address = f"http://127.0.0.1:8501/compare?{urlencode({'run': name})}"
    return address if within else f"{address}, started with MAAGN_RUNS={folder.parent}"


def found_below(name: str, root: Path | None = None) -> Iterator[Path]:
    """Files of that name in the folders below the one of runs, down to three deep."""
    for depth in range(1, _DEEP + 1):
        yield from (root or FOLDER).glob("/".join(["[!.]*"] * depth) + f"/{name}")


def _stored(manifest: Path, root: Path) -> StoredRun | None:
    folder = manifest.parent
    for table in (RESULTS, ANSWERS):
        try:
            stamp = (folder / table).stat().st_mtime_ns
            plan = _plan(folder, manifest.stat().st_mtime_ns)
        except (OSError, RunError):
            continue
        if plan.kind in _KINDS:
            return StoredRun(folder.relative_to(root).as_posix(), folder, plan, stamp)
    return None


@lru_cache(maxsize=512)  # all are listed whenever a page is drawn
def _plan(folder: Path, stamp: int) -> Plan:  # noqa: ARG001 - part of the key
    return Plan.read(folder)


def source_folder(run: Path) -> Path | None:
    """The folder of a run's videos; None where it does not say."""
    try:
        return Path(json.loads((run / SOURCE).read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_run(path: Path) -> Results:
    """A run's predictions, or those of a file of results.

    Only clips with a class and a prediction of every network are kept; the origin counts the rest.

    Args:
        path: folder of a finished run, or a file that `write_results` wrote.

    Raises:
        ResultsError: neither, damaged, or without any such clip.
    """
    if path.is_file():
        return read_results(path)
    if (path / RESULTS).exists():
        return read_results(path / RESULTS)
    try:
        if not (path / MANIFEST).exists():
            raise ValueError("no manifest")
        return _read(path)
    except RunError as error:
        raise ResultsError(str(error)) from error
    except (KeyError, TypeError, ValueError, IndexError, OSError, pa.ArrowException) as error:
        raise ResultsError(
            f"{path.name} holds no finished run of predictions: give the folder of "
            "`maagn evaluate --out`."
        ) from error


def _read(folder: Path) -> Results:
    plan = Plan.read(folder)
    file = pq.ParquetFile(folder / ANSWERS, pre_buffer=False)  # else it is read whole
    kept = whole_clips(file.read(columns=["answer", "label"]), plan)
    both = plan.kind == "both-orders"
    numbers = ("place", "label", "answer", *(["reversed_answer"] if both else []))
    columns: dict[str, type] = dict.fromkeys(numbers, np.int64)
    if both and DIVERGENCE in file.schema_arrow.names:  # runs of earlier versions lack it
        columns[DIVERGENCE] = np.float32
    values = _values(file, kept, columns | {"top5": np.int16, "logits": np.float32})
    opposites = opposites_of(plan)
    clips = len(values["place"]) // len(plan.models)
    predictions = []
    for number, model in enumerate(plan.models):
        own = {name: rows[number * clips : (number + 1) * clips] for name, rows in values.items()}
        predictions.append(
            Predictions(
                model=model,
                split=plan.split,
                labels=plan.labels,
                opposites=opposites,
                clip=own["place"],
                truth=own["label"],
                answer=own["answer"],
                top5=own["top5"],
                logits=own["logits"],
                preferred=prefers(own["logits"], own["label"], opposites),
                reversed_answer=own.get("reversed_answer"),
                divergence=kept_divergence(own.get(DIVERGENCE)),
            )
        )
    listed = pq.read_table(folder / VIDEOS, columns=["id", "path"])
    source, drawn = source_folder(folder), plan.layout == RENDERED
    origin = Origin(
        digests=dict(zip(plan.models, plan.digests, strict=True)),
        versions=dict(zip(("python", "torch", "numpy"), plan.versions, strict=True)),
        clips=None if drawn else tuple(listed["path"].to_pylist()),
        names=() if drawn else tuple(listed["id"].to_pylist()),
        folder="" if source is None else str(source),
        data=plan.data,
        left_out=plan.clips - clips,
    )
    return Results(tuple(predictions), origin)


def results_of(
    table: Path, models: Sequence[Model], plan: Plan, videos: VideoSet, command: str
) -> Results:
    """What a run in both orders found, in full precision, of the clips that all networks predict.

    Args:
        table: of the run.
        models: its networks, in the plan's order.
        plan: of the run.
        videos: its clips.
        command: kept in the results, for people.

    Raises:
        ResultsError: no clip has a class and a prediction of every network.
    """
    rows = pq.read_table(table)
    names = rows.column("model").cast("string").to_numpy()
    kept = whole_clips(rows, plan)
    clips = int(kept.sum()) // len(plan.models)
    drawn = plan.layout == RENDERED
    opposites = opposite_numbers() if drawn else opposites_of(plan)
    origin = Origin(
        digests=dict(zip(plan.models, plan.digests, strict=True)),
        command=command,
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
        clips=None
        if drawn
        else tuple(str(video.path.relative_to(videos.folder)) for video in videos.videos),
        names=() if drawn else tuple(video.id for video in videos.videos),
        folder="" if drawn else str(videos.folder.absolute()),
        data="" if drawn else plan.data,
        left_out=plan.clips - clips,
    )
    predictions = []
    for model in models:
        own = rows.filter(pa.array((names == model.name) & kept))
        n, classes = len(own), len(plan.labels)
        truth, logits = column_numbers(own, "label"), column_lists(own, "logits")
        parts = {
            name: None if own.column(name).null_count else column_lists(own, name)
            for name in ("votes", "sdm", "mtam", "gate")
        }
        votes = parts["votes"]
        predictions.append(
            Predictions(
                model=model.name,
                split=plan.split,
                labels=plan.labels,
                opposites=opposites,
                clip=column_numbers(own, "place"),
                truth=truth,
                answer=column_numbers(own, "answer"),
                top5=column_lists(own, "top5", np.int16),
                logits=logits,
                preferred=prefers(logits, truth, opposites),
                reversed_answer=column_numbers(own, "reversed_answer"),
                divergence=column_divergence(own),
                path_frames=_path_frames(model),
                votes=None if votes is None else votes.reshape(n, -1, classes),
                sdm=parts["sdm"],
                mtam=parts["mtam"],
                gate=parts["gate"],
                alpha=None if parts["gate"] is None else _alpha(model),
            )
        )
    return Results(tuple(predictions), origin)


def _path_frames(model: Model) -> tuple[int, ...]:
    if not isinstance(model.network, MAAGN):
        return ()
    return tuple(model.spec.frames // rate for rate in model.spec.rates)


def _alpha(model: Model) -> NDArray[np.float32]:
    """The gates' learned parameters (Eq. 14), path by path."""
    named = model.network.named_parameters()
    alphas = [alpha.detach().flatten() for name, alpha in named if name.endswith(f".{ALPHA.tap}")]
    return torch.cat(alphas).float().cpu().numpy()


def opposites_of(plan: Plan) -> Int64[np.ndarray, " k"]:
    """Number of the opposite of each class of a run, -1 without one."""
    relations = ClassRelations.of(plan.labels, ClassPairs.from_dict(plan.pairs))
    return opposite_numbers_of(plan.labels, relations)


def whole_clips(rows: pa.Table, plan: Plan) -> Bool[np.ndarray, " n"]:
    """Which rows are of a clip that has a class, and a prediction of every network.

    Args:
        rows: of a whole run, by network and then by place; `answer` and `label` are looked at.
        plan: of the run.

    Raises:
        ValueError: rows are missing.
        ResultsError: there is no such clip.
    """
    if len(rows) != plan.clips * len(plan.models):
        raise ValueError("rows are missing")
    known = rows["answer"].is_valid().to_numpy() & rows["label"].is_valid().to_numpy()
    whole = known.reshape(len(plan.models), plan.clips).all(axis=0)
    if not whole.any():
        raise ResultsError(
            f"No clip of {plan.data} has a class and a prediction of every network: see why with "
            "`maagn data check`."
        )
    return np.tile(whole, len(plan.models))


def _values(
    file: pq.ParquetFile, kept: Bool[np.ndarray, " n"], columns: dict[str, type]
) -> dict[str, NDArray[Any]]:
    """The rows that are kept, read some at a time: a large run would take its room twice."""
    found: dict[str, NDArray[Any]] = {}
    at = put = 0
    for batch in file.iter_batches(_ROWS, columns=list(columns)):
        rows = batch.filter(pa.array(kept[at : at + len(batch)]))
        at += len(batch)
        if not len(rows):
            continue
        for name, kind in columns.items():
            values = _array(rows.column(name))
            if name not in found:
                found[name] = np.empty((int(kept.sum()), *values.shape[1:]), kind)
            found[name][put : put + len(rows)] = values
        put += len(rows)
    return found


def _array(column: pa.Array) -> NDArray[Any]:
    """A number a row, or as many as each list has."""
    if not pa.types.is_list(column.type):
        return column.to_numpy(zero_copy_only=False)
    return column.flatten().to_numpy(zero_copy_only=False).reshape(len(column), -1)
