"""What an explanation looks like as JSON: plain names, plain numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from maagn.checkpoint import Card
from maagn.explain.gates import GateResponse
from maagn.types import ClipTensor, Explanation, Prediction

Json = dict[str, Any]
DIGITS = 6
"""Significant digits of every number: nearly what float32 holds."""

MTAM = {"max": "mask_max", "avg": "mask_avg", "both": "mask_both", "sum": "sum"}


def rounded(value: Any) -> Any:  # noqa: ANN401 - numbers in any nesting
    """Numbers, alone or nested in arrays, lists and mappings, to six significant digits."""
    match value:
        case np.ndarray():
            return rounded(value.tolist())
        case list():
            return [rounded(one) for one in value]
        case dict():
            return {key: rounded(one) for key, one in value.items()}
        case _:
            return float(f"{float(value):.{DIGITS}g}")


def prediction_record(prediction: Prediction) -> Json:
    """The five best classes, and all of them in the order of the logits."""
    return {
        "top": _top(prediction.labels, prediction.probabilities),
        "labels": list(prediction.labels),
        "probabilities": rounded(prediction.probabilities),
        "logits": rounded(prediction.logits),
    }


def path_records(
    model: Card,
    inputs: ClipTensor,
    prediction: Prediction,
    *,
    masks: Sequence[Explanation],
    gates: Sequence[GateResponse],
) -> list[Json]:
    """What each path saw, weighed and voted, shallow path first; a module it lacks is null."""
    values = {mask.name: rounded(mask.values) for mask in masks}
    gate = {one.path: _gate(one) for one in gates}
    records = []
    for index, votes in enumerate(prediction.path_probabilities):
        mtam = {name: values.get(f"paths.{index}.mtam.{part}") for name, part in MTAM.items()}
        records.append(
            {
                "path": index,
                "level": model.spec.levels[index],
                "rate": model.spec.rates[index],
                "seconds": rounded(inputs.seconds[:: model.spec.rates[index]]),
                "sdm": values.get(f"paths.{index}.sdm.mask"),
                "mtam": mtam if any(mtam.values()) else None,
                "agm": gate.get(index),
                "vote": _top(prediction.labels, votes),
            }
        )
    return records


def cam_record(cam: Explanation) -> Json:
    """A class activation map with what it is about, raw."""
    return {
        "method": cam.about["method"],
        "layer": cam.about["layer"],
        "target": cam.about["class"],
        "against": cam.about["against"],
        "pooling": cam.about["pooling"],
        "unit": cam.unit,
        "axes": list(cam.axes),
        "shape": list(cam.values.shape),
        "seconds": rounded(cam.seconds),
        "min": rounded(cam.values.min()),
        "max": rounded(cam.values.max()),
        "values": rounded(cam.values),
    }


def _gate(gate: GateResponse) -> Json:
    names = ("spatial", "temporal", "gate")
    return {
        "alpha": rounded(gate.alpha),
        "response": rounded(gate.response),
        "shares": {name: rounded(row) for name, row in zip(names, gate.shares, strict=True)},
        "silent": gate.silent,
    }


def _top(labels: Sequence[str], probabilities: Float[np.ndarray, " k"]) -> list[Json]:
    order = np.argsort(-probabilities, kind="stable")[:5]
    return [{"label": labels[i], "probability": rounded(probabilities[i])} for i in order]
