"""A report as tidy tables: one observation a row, one variable a column.

Every table begins with `model` and `clip`, so that those of many reports can be put together; of a
film `clip` says which section it is (`Clip.title`), whose first frame times and places count from.
Frames are places in the source, from 0; times are seconds; probabilities are in [0, 1].
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from maagn.explain.attention import MASKS
from maagn.explain.moments import nearest
from maagn.explain.report import Report

_OF = ("model", "clip")


def answers(report: Report) -> pd.DataFrame:
    """A row a class, most probable first.

    Returns:
        `rank` from 1, `label`, `probability`, `logit`, and `path_1` on: the probability that each
        path alone gives, shallow path first.
    """
    prediction = report.prediction
    order = np.argsort(-prediction.probabilities, kind="stable")
    votes = {
        f"path_{number}": path[order]
        for number, path in enumerate(prediction.path_probabilities, start=1)
    }
    columns = {
        "rank": np.arange(1, len(order) + 1),
        "label": [prediction.labels[index] for index in order],
        "probability": prediction.probabilities[order],
        "logit": prediction.logits[order],
        **votes,
    }
    return _table(report, columns, columns)


def summary(report: Report) -> pd.DataFrame:
    """One row: the answer, the class that is explained, and how it stands against its opposite.

    Returns:
        `answer`, `probability`, `explained`, `explained_probability`, `against`, `opposite`,
        `margin` (the natural logarithm of p(explained) / p(opposite)), `evidence_at` (seconds, of
        the map's frame with most evidence), `frames` and `seconds` of the clip, and `notices`.
    """
    (label, probability), *_ = report.prediction.top(1)
    evidence = report.evidence
    row = {
        "answer": label,
        "probability": probability,
        "explained": report.label,
        "explained_probability": float(report.prediction.probabilities[report.target]),
        "against": None if report.against is None else report.model.labels[report.against],
        "opposite": report.opposite,
        "margin": report.margin,
        "evidence_at": float(report.cam.seconds[evidence.argmax()]) if evidence.any() else None,
        "frames": len(report.clip.source_seconds),
        "seconds": float(report.clip.source_seconds[-1]),
        "notices": " ".join(report.notices),
    }
    return _table(report, {name: [value] for name, value in row.items()}, row)


def masks(report: Report) -> pd.DataFrame:
    """A row a mask and frame, and channel where the network's masks are made of channels.

    Returns:
        `path` from 1, shallow first; `stage`, the backbone's; `module`, `SDM` or `MTAM`; `mask`;
        `frame`, `seconds`, `channel` from 0 (missing where there is one number a frame) and
        `weight`. A weight w makes X into X + X * w; MTAM's `sum` is in (0, 3), others in (0, 1).
    """
    columns = ("path", "stage", "module", "mask", "frame", "seconds", "channel", "weight")
    found = {explained.name: explained for explained in report.masks}
    tables = []
    for path, level in enumerate(report.model.spec.levels):
        for mask in MASKS:
            if (explained := found.get(mask.on(path))) is None:
                continue
            weights = explained.values.reshape(len(explained.values), -1)
            frames, channels = weights.shape
            tables.append(
                {
                    "path": path + 1,
                    "stage": f"res{level}",
                    "module": mask.module,
                    "mask": mask.key,
                    "frame": np.repeat(_frames(report, explained), channels),
                    "seconds": np.repeat(explained.seconds, channels),
                    "channel": np.tile(np.arange(channels), frames)
                    if "channel" in explained.axes
                    else pd.array([pd.NA] * frames, "Int64"),
                    "weight": weights.ravel(),
                }
            )
    return _joined(report, [pd.DataFrame(table) for table in tables], columns)


def gates(report: Report) -> pd.DataFrame:
    """A row a path and frame.

    Returns:
        `path` from 1, `stage`, `frame`, `seconds`; `alpha`, the learned parameter (Eq. 14);
        `response`, the mean magnitude of the gate's output (Eq. 15); `spatial`, `temporal` and
        `gate`, the share that each stream has in the fused feature, which sum to 1.
    """
    columns = (
        "path", "stage", "frame", "seconds", "alpha", "response", "spatial", "temporal", "gate",
    )  # fmt: skip
    tables = [
        pd.DataFrame(
            {
                "path": gate.path + 1,
                "stage": f"res{report.model.spec.levels[gate.path]}",
                "frame": _frames(report, gate),
                "seconds": gate.seconds,
                "alpha": gate.alpha,
                "response": gate.response,
                **dict(zip(columns[-3:], gate.shares, strict=True)),
            }
        )
        for gate in report.gates
    ]
    return _joined(report, tables, columns)


def evidence(report: Report) -> pd.DataFrame:
    """A row a frame of the class activation map.

    Returns:
        `frame`, `seconds`, `evidence` (the mean of the map's positive part, in its unit), and the
        `row` and `column` of its largest value among the map's cells, from 0.
    """
    values = report.cam.values
    peaks = values.reshape(len(values), -1).argmax(axis=1)
    rows, columns = np.unravel_index(peaks, values.shape[1:])
    found = {
        "frame": _frames(report, report.cam),
        "seconds": report.cam.seconds,
        "evidence": report.evidence,
        "row": rows,
        "column": columns,
    }
    return _table(report, found, found)


def _frames(report: Report, of: Any) -> np.ndarray:  # noqa: ANN401 - whatever has seconds
    """The source's frames at which a feature's frames are."""
    return report.inputs.positions[nearest(report.inputs.seconds, to=of.seconds)]


def _joined(report: Report, tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not tables:
        return _table(report, {name: [] for name in columns}, columns)
    joined = pd.concat(tables, ignore_index=True)
    return _table(report, {name: joined[name] for name in columns}, columns)


def _table(report: Report, columns: Any, names: Any) -> pd.DataFrame:  # noqa: ANN401 - by name
    table = pd.DataFrame(columns, columns=list(names))
    for place, (name, value) in enumerate(
        zip(_OF, (report.model.name, report.clip.title), strict=True)
    ):
        table.insert(place, name, value)
    return table
