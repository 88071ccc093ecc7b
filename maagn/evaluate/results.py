"""Per-clip results of several models on one split in one Parquet file, and their means by class."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Float32, Int64
from numpy.typing import NDArray

from maagn import folders
from maagn.errors import ResultsError
from maagn.evaluate.predictions import Predictions
from maagn.io import atomic_write
from maagn.opposites.clip import opposite_numbers
from maagn.shown import plural, shortened

FORMAT = "maagn-results-3"
OLDER = "maagn-results-2"  # of the rendered benchmark alone
SHIPPED = folders.SHIPPED / "app" / "results" / "opposites-test.parquet"
_SHOWN = 4  # networks of a repr
_PARTS = ("votes", "sdm", "mtam", "gate", "alpha")
_NUMBERS = pa.list_(pa.float16())
DIVERGENCE = "divergence"  # a column that files of earlier versions lack
_HALF = float(np.finfo(np.float16).max)  # of a logit; larger ones would be infinite there
_SCHEMA = pa.schema(
    [
        ("model", pa.string()),
        ("split", pa.string()),
        ("clip", pa.int32()),
        ("label", pa.int16()),
        ("answer", pa.int16()),
        ("top5", pa.list_(pa.int16())),
        ("logits", _NUMBERS),
        ("preferred", pa.bool_()),
        ("reversed_answer", pa.int16()),
        (DIVERGENCE, pa.float32()),
        *((name, _NUMBERS) for name in _PARTS),
    ]
)


@dataclass(frozen=True)
class Origin:
    """Where results come from.

    Attributes:
        digests: SHA-256 of each model's file, by name.
        command: what makes the file again.
        versions: of the libraries that matter.
        clips: the clips' files, in the order of their numbers, as paths from `folder`; None for the
            rendered benchmark.
        names: what people call them, in the same order; nothing where their paths say it.
        folder: that the clips lie in; "" for the folder of the results.
        data: what people call the set of the clips; "" for the rendered benchmark.
        left_out: clips of the set that have no class or no prediction, and are not among the rows.
    """

    digests: dict[str, str]
    command: str = ""
    versions: dict[str, str] | None = None
    clips: tuple[str, ...] | None = None
    names: tuple[str, ...] = ()
    folder: str = ""
    data: str = ""
    left_out: int = 0

    def clip_name(self, number: int) -> str:
        """What people call a clip that is a file."""
        assert self.clips is not None
        return self.names[number] if self.names else self.clips[number]


@dataclass(frozen=True, eq=False)
class Results:
    """Answers of several models of the same classes on the same clips, and where they come from."""

    predictions: tuple[Predictions, ...]
    origin: Origin

    def __iter__(self) -> Iterator[Predictions]:
        return iter(self.predictions)

    def __repr__(self) -> str:
        data = shortened(self.origin.data or "the rendered benchmark")
        lines = [f"Results on {data}, of {plural(len(self.predictions), 'network')}:"]
        lines += [f"  {predictions!r}" for predictions in self.predictions[:_SHOWN]]
        return "\n".join([*lines, *["  and more"] * (len(self.predictions) > _SHOWN)])

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models."""
        return tuple(prediction.model for prediction in self.predictions)

    def of(self, model: str) -> Predictions:
        """One model's answers.

        Raises:
            ResultsError: the file has none of that model.
        """
        for prediction in self.predictions:
            if prediction.model == model:
                return prediction
        raise ResultsError(f"There are no results of {model}, only of {', '.join(self.models)}.")

    def table(self) -> pd.DataFrame:
        """One row per model and clip: model, split, clip, label, answer, reversed_answer."""
        names = ("clip", "answer", "reversed_answer")
        return pd.concat(
            pd.DataFrame(
                {"model": prediction.model, "split": prediction.split, "label": prediction.truth}
                | {name: getattr(prediction, name) for name in names},
                index=range(len(prediction)),
            )
            for prediction in self.predictions
        ).reset_index(drop=True)


def write_results(path: Path, results: Results) -> None:
    """Write one file, zstd, whole or not at all.

    Raises:
        ResultsError: a clip's file lies outside of the folder.
    """
    _confine(path, results.origin)
    first = results.predictions[0]
    header = {
        "format": FORMAT,
        "path_frames": {result.model: list(result.path_frames) for result in results},
        "labels": first.labels,
        "opposites": first.opposites.tolist(),
        **asdict(results.origin),
    }
    table = pa.concat_tables([_table(result) for result in results])
    table = table.replace_schema_metadata({"maagn": json.dumps(header)})
    with atomic_write(path) as part:
        pq.write_table(table, part, compression="zstd", compression_level=19)


def read_results(path: Path = SHIPPED) -> Results:
    """What `write_results` wrote, of this version or the one before.

    Raises:
        ResultsError: no such file, not one of ours, or damaged; or a clip's file lies outside of
            its folder.
    """
    try:
        table = pq.read_table(path)
        header = json.loads((table.schema.metadata or {})[b"maagn"])
        known = header.pop("format")
        if known == OLDER:
            header["opposites"] = opposite_numbers().tolist()
        elif known != FORMAT:
            raise ValueError("another format")
        paths, labels = header.pop("path_frames"), tuple(map(str, header.pop("labels")))
        opposites = np.array(header.pop("opposites"), np.int64)
        if header.get("clips") is not None:
            header["clips"] = tuple(map(str, header["clips"]))
        header["names"] = tuple(map(str, header.get("names", ())))
        origin = Origin(**header)
        names = table.column("model").to_numpy()
        predictions = tuple(
            _predictions(
                table.filter(pa.array(names == name)), name, tuple(frames), labels, opposites
            )
            for name, frames in paths.items()
        )
        for one in predictions:
            _check(one, origin.clips)
        if origin.names and len(origin.names) != len(origin.clips or ()):
            raise ValueError("names and clips are of different numbers")
        _confine(path, origin)
    except FileNotFoundError as error:
        raise ResultsError(
            f"There is no {path.name} yet: make it with `maagn evaluate --out {path.name}`."
        ) from error
    except (KeyError, TypeError, ValueError, IndexError, OSError) as error:
        raise ResultsError(
            f"{path.name} holds no results that this version can read: make it again."
        ) from error
    return Results(predictions, origin)


def _check(predictions: Predictions, clips: tuple[str, ...] | None) -> None:
    """Raise `ValueError` or `IndexError` where a number names no class, no clip, no opposite."""
    classes, opposites = np.arange(len(predictions.labels)), predictions.opposites
    if not len(classes) == len(opposites) == predictions.logits.shape[1]:
        raise ValueError("labels, opposites and logits are of different numbers")
    paired = classes[opposites >= 0]
    if (opposites[paired] == paired).any() or (opposites[opposites[paired]] != paired).any():
        raise ValueError("two classes are not each other's opposites")
    for name in ("truth", "answer", "reversed_answer", "top5"):
        values = getattr(predictions, name)
        if values is not None and not np.isin(values, classes).all():
            raise ValueError(f"{name} is no class")
    if clips is not None and not np.isin(predictions.clip, np.arange(len(clips))).all():
        raise ValueError("no such clip")


def clips_folder(path: Path, origin: Origin) -> Path:
    """The folder that the clips of a file of results lie in."""
    return Path(origin.folder) if origin.folder else path.parent


def _confine(path: Path, origin: Origin) -> None:
    """Raise `ResultsError` where a clip's file lies outside of the folder, links followed."""
    lies_in = clips_folder(path, origin)
    folder = os.path.realpath(lies_in)
    for clip in origin.clips or ():
        found = os.path.realpath(lies_in / clip)
        if Path(clip).is_absolute() or os.path.commonpath([folder, found]) != folder:
            raise ResultsError(
                f"{path.name} names the clip {clip!r}, which leads out of its folder: put the "
                "files themselves there, and name them from there."
            )


def column_numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    """A column of whole numbers."""
    return table.column(name).to_numpy().astype(np.int64)


def column_divergence(table: pa.Table) -> Float32[np.ndarray, " n"] | None:
    """The temporal divergence of each row; None where it was not kept."""
    if DIVERGENCE not in table.column_names:
        return None
    return kept_divergence(table.column(DIVERGENCE).to_numpy())


def kept_divergence(values: NDArray[Any] | None) -> Float32[np.ndarray, " n"] | None:
    """The values of that column; None of none, and where one is missing."""
    if values is None or np.isnan(values.astype(np.float32)).any():
        return None
    return values.astype(np.float32)


def column_lists(table: pa.Table, name: str, kind: type = np.float32) -> NDArray[Any]:
    """A column of lists of one length, a row each."""
    flat = table.column(name).combine_chunks().flatten()
    return flat.to_numpy(zero_copy_only=False).astype(kind).reshape(len(table), -1)


def _table(predictions: Predictions) -> pa.Table:
    n = len(predictions)
    columns: dict[str, pa.Array] = {
        "model": pa.array([predictions.model] * n),
        "split": pa.array([predictions.split] * n),
        "clip": pa.array(predictions.clip),
        "label": pa.array(predictions.truth),
        "answer": pa.array(predictions.answer),
        "top5": _lists(predictions.top5, np.int16),
        "logits": _lists(np.clip(predictions.logits, -_HALF, _HALF), np.float16),
        "preferred": pa.array(predictions.preferred),
        "reversed_answer": pa.nulls(n)
        if predictions.reversed_answer is None
        else pa.array(predictions.reversed_answer),
        DIVERGENCE: pa.nulls(n)
        if predictions.divergence is None
        else pa.array(predictions.divergence),
    }
    for name in _PARTS:
        values = getattr(predictions, name)
        if values is None:
            columns[name] = pa.nulls(n, _NUMBERS)
        else:
            rows = np.broadcast_to(values, (n, *values.shape)) if name == "alpha" else values
            columns[name] = _lists(rows.reshape(n, -1), np.float16)
    return pa.table(columns).cast(_SCHEMA)


def _lists(values: NDArray[Any], kind: type) -> pa.Array:
    """One list per row, all of one length."""
    flat = pa.array(np.ascontiguousarray(values, kind).ravel())
    ends = pa.array(np.arange(len(values) + 1, dtype=np.int32) * values.shape[1])
    return pa.ListArray.from_arrays(ends, flat)


def _predictions(
    table: pa.Table,
    model: str,
    frames: tuple[int, ...],
    labels: tuple[str, ...],
    opposites: Int64[np.ndarray, " k"],
) -> Predictions:
    n = table.num_rows
    parts = {
        name: None if table.column(name).null_count else column_lists(table, name)
        for name in _PARTS
    }
    votes, alpha = parts["votes"], parts["alpha"]
    return Predictions(
        model=model,
        split=table.column("split")[0].as_py(),
        labels=labels,
        opposites=opposites,
        clip=column_numbers(table, "clip"),
        truth=column_numbers(table, "label"),
        answer=column_numbers(table, "answer"),
        top5=column_lists(table, "top5", np.int16),
        logits=column_lists(table, "logits"),
        preferred=table.column("preferred").to_numpy(),
        reversed_answer=None
        if table.column("reversed_answer").null_count
        else column_numbers(table, "reversed_answer"),
        divergence=column_divergence(table),
        path_frames=frames,
        votes=None if votes is None else votes.reshape(n, -1, len(labels)),
        sdm=parts["sdm"],
        mtam=parts["mtam"],
        gate=parts["gate"],
        alpha=None if alpha is None else alpha[0],
    )


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """Means over the clips of each class, on one path.

    Attributes:
        clips: of each class.
        sdm: SDM's mask, in (0, 1), a frame.
        mtam: the sum of MTAM's masks, in (0, 3), a frame.
        gate: mean magnitude of the gate's output.
        gate_spread: its standard deviation over the class's clips.
    """

    clips: int
    sdm: Float[np.ndarray, "k t"]
    mtam: Float[np.ndarray, "k t"]
    gate: Float[np.ndarray, " k"]
    gate_spread: Float[np.ndarray, " k"]


def class_means(predictions: Predictions, path: int) -> ClassMeans:
    """Means of one path.

    Raises:
        ResultsError: the network has no masks and gates, or no such path.
    """
    if predictions.sdm is None or predictions.mtam is None or predictions.gate is None:
        raise ResultsError(f"{predictions.model} has no masks and gates: choose a MAAGN.")
    if not 0 <= path < len(predictions.path_frames):
        raise ResultsError(f"{predictions.model} has {len(predictions.path_frames)} paths.")
    start = sum(predictions.path_frames[:path])
    columns = slice(start, start + predictions.path_frames[path])
    classes = range(predictions.logits.shape[1])
    of = [predictions.truth == number for number in classes]
    return ClassMeans(
        clips=len(predictions),
        sdm=np.stack([predictions.sdm[rows, columns].mean(axis=0) for rows in of]),
        mtam=np.stack([predictions.mtam[rows, columns].mean(axis=0) for rows in of]),
        gate=np.array([predictions.gate[rows, path].mean() for rows in of]),
        gate_spread=np.array([predictions.gate[rows, path].std() for rows in of]),
    )
