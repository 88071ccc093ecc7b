"""Audits of attention in one JSON file, and what cards and explanations say of them."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from maagn import folders
from maagn.checkpoint import CheckpointInfo
from maagn.errors import ResultsError
from maagn.evaluate.attention import MaskAudit, NetworkAudit
from maagn.evaluate.stored_json import read_stored, restored
from maagn.explain.report import Json, rounded
from maagn.io import atomic_write

FORMAT = "maagn-audit-2"
WITHOUT_CHANNELS = "maagn-audit-1"
"""The format before averages of channels were kept; it is read as if there were none."""

SHIPPED = folders.SHIPPED / "app" / "results" / "attention-audit.json"

_NUMBERS = re.compile(r"\[\n([^\[\]{}\"]+)\n *\]")  # a list of them, one a line


def write_audit(path: Path, audits: tuple[NetworkAudit, ...]) -> None:
    """Write one file, whole or not at all; equal audits are equal bytes.

    Verdicts and sentences are written for whoever reads the file; they follow from its numbers.

    Args:
        path: of the file.
        audits: of one run.
    """
    networks = []
    for audit in audits:
        content = asdict(audit)
        content.pop("origin")
        for part, own in zip(content["parts"], audit.parts, strict=True):
            part |= {"verdict": own.verdict, "sentence": own.sentence}
        networks.append(content)
    content = {"format": FORMAT, "origin": asdict(audits[0].origin), "networks": networks}
    with atomic_write(path) as part_file:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        text = _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text)
        part_file.write_text(text + "\n", encoding="utf-8")


def read_audit(path: Path = SHIPPED) -> tuple[NetworkAudit, ...]:
    """What `write_audit` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    return read_stored(
        path,
        _audits,
        format_=FORMAT,
        older=(WITHOUT_CHANNELS,),
        what="audit",
        command="maagn audit MODEL --out FOLDER",
    )


def _audits(content: Mapping[str, Any]) -> tuple[NetworkAudit, ...]:
    if content["format"] == WITHOUT_CHANNELS:
        parts = (part for network in content["networks"] for part in network["parts"])
        for band in (part["band"] for part in parts if part["band"] is not None):
            band["by_channel"] = []
    audits = tuple(
        restored(NetworkAudit, {**network, "origin": content["origin"]})
        for network in content["networks"]
    )
    if not audits or any("average" not in part.effects for one in audits for part in one.parts):
        raise ValueError("nothing that a verdict could be of")
    return audits


def shipped_audits() -> dict[str, NetworkAudit]:
    """By the digest of the network's file; none where the file is missing or damaged."""
    try:
        return {audit.digest: audit for audit in read_audit(SHIPPED)}
    except ResultsError:
        return {}


def masks_line(model: CheckpointInfo, audits: Mapping[str, NetworkAudit]) -> str | None:
    """What a network's card says of all its masks; None where it has none.

    Args:
        model: the network.
        audits: by the digest of the network's file.
    """
    if not model.has_masks:
        return None
    audit = audits.get(model.digest)
    return "not audited: `maagn audit NAME --out FOLDER`" if audit is None else audit.masks.summary


def audit_record(audit: NetworkAudit) -> Json:
    """What `explanation.json` holds of an audit: all masks together, then each mask and gate."""
    return {
        "data": audit.origin.data.name,
        "split": audit.origin.data.split,
        "clips": audit.clips,
        "masks": _part_record(audit.masks),
        "parts": [_part_record(part) for part in audit.parts if part.path is not None],
    }


def _part_record(part: MaskAudit) -> Json:
    average = part.effects["average"]
    shares = None if part.variance is None else part.variance.shares
    return {
        "path": part.path,
        "key": part.key,
        "title": part.title,
        "verdict": part.verdict,
        "variance": shares and rounded(dict(zip(("place", "class", "clip"), shares, strict=True))),
        "average": {
            "points": rounded(average.top1.points.value),
            "low": rounded(average.top1.points.low),
            "high": rounded(average.top1.points.high),
            "changed": rounded(average.changed),
            "clips": average.clips,
        },
    }
