"""Reports kept in one file: what a page shows first, before any network is loaded.

NumPy's own format without objects, so that opening a file runs nothing.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from maagn.checkpoint import CheckpointInfo
from maagn.explain.attention import GateResponse
from maagn.explain.report import Report
from maagn.section import Section
from maagn.types import Clip, ClipTensor, Crop, Explanation, Prediction
from maagn.video.transform import normalise

_ALONE = ("kind", "name", "axes", "unit", "bounds", "signed", "about")
_PREDICTION = ("logits", "probabilities", "path_probabilities", "path_logits")
_GATE = ("seconds", "alpha", "response", "shares")
_ABOUT = ("digest", "name", "reader", "notices", "film_seconds")
_CLIP = ("frames", "seconds", "indices", "source_seconds")


def write_reports(path: Path | BytesIO, reports: Sequence[Report]) -> None:
    """Reports of several networks about one clip, with the clip's kept frames.

    Args:
        path: of the file, or where its bytes go.
        reports: one a network.
    """
    arrays: dict[str, Any] = {}
    clip = reports[0].clip
    arrays |= {f"clip.{name}": getattr(clip, name) for name in _CLIP}
    rows = [_row(report, f"{index}.", arrays) for index, report in enumerate(reports)]
    about = {name: getattr(clip, name) for name in _ABOUT}
    about["section"] = None if clip.section is None else asdict(clip.section)
    header = json.dumps({"clip": about, "reports": rows})
    np.savez_compressed(path, allow_pickle=False, header=np.array(header), **arrays)


def models_of(path: Path) -> list[str] | None:
    """Names of the networks whose reports a file holds; None where it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rows = json.loads(str(arrays["header"]))["reports"]
            return [str(row["model"]) for row in rows]
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        return None


def read_reports(path: Path, cards: Mapping[str, CheckpointInfo]) -> tuple[Report, ...] | None:
    """What `write_reports` wrote, if it is of the weights that there are now.

    Args:
        path: of the file.
        cards: the present networks by name.

    Returns:
        None where there is no such file, it cannot be read, or a network has other weights now.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(str(arrays["header"]))
            rows = header["reports"]
            now = {card.name: card.digest for card in cards.values()}
            if any(now.get(row["model"]) != row["digest"] for row in rows):
                return None
            about = header["clip"] | {"notices": tuple(header["clip"]["notices"])}
            section = about.get("section")  # files of before there were any have none
            about["section"] = None if section is None else Section(**section)
            clip = Clip(**{name: arrays[f"clip.{name}"] for name in _CLIP}, **about)
            return tuple(
                _report(row, f"{index}.", arrays, cards[row["model"]], clip)
                for index, row in enumerate(rows)
            )
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        return None  # the reports are worked out instead


def _row(report: Report, at: str, arrays: dict[str, Any]) -> dict[str, Any]:
    inputs = report.inputs
    arrays |= {
        f"{at}pictures": inputs.pictures,
        f"{at}positions": inputs.positions,
        f"{at}seconds": inputs.seconds,
    }
    arrays |= {f"{at}{name}": getattr(report.prediction, name) for name in _PREDICTION}
    for index, gate in enumerate(report.gates):
        arrays |= {f"{at}gate.{index}.{name}": getattr(gate, name) for name in _GATE}
    explained = (*report.masks, report.cam)
    for index, one in enumerate(explained):
        arrays |= {f"{at}{index}.values": one.values, f"{at}{index}.times": one.seconds}
    return {
        "model": report.model.name,
        "digest": report.model.digest,
        "target": report.target,
        "against": report.against,
        "crop": asdict(inputs.crop),
        "gates": [{"path": gate.path, "silent": gate.silent} for gate in report.gates],
        "explained": [{name: getattr(line, name) for name in _ALONE} for line in explained],
    }


def _report(row: dict[str, Any], at: str, arrays: Any, card: CheckpointInfo, clip: Clip) -> Report:  # noqa: ANN401
    explained = [
        Explanation(
            **one | {"axes": tuple(one["axes"]), "bounds": one["bounds"] and tuple(one["bounds"])},
            values=arrays[f"{at}{index}.values"],
            seconds=arrays[f"{at}{index}.times"],
        )
        for index, one in enumerate(row["explained"])
    ]
    gates = tuple(
        GateResponse(**gate, **{name: arrays[f"{at}gate.{index}.{name}"] for name in _GATE})
        for index, gate in enumerate(row["gates"])
    )
    pictures = arrays[f"{at}pictures"]
    return Report(
        model=card,
        clip=clip,
        inputs=ClipTensor(
            data=normalise(pictures[None], card.transform),
            pictures=pictures,
            positions=arrays[f"{at}positions"],
            seconds=arrays[f"{at}seconds"],
            crop=Crop(**row["crop"]),
            digest=clip.key,
        ),
        prediction=Prediction(card.labels, **{n: arrays[f"{at}{n}"] for n in _PREDICTION}),
        target=row["target"],
        against=row["against"],
        masks=tuple(explained[:-1]),
        gates=gates,
        cam=explained[-1],
    )
