"""Audits of attention in one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from maagn.evaluate.attention import NetworkAudit
from maagn.evaluate.stored_json import read_stored, restored
from maagn.io import atomic_write

FORMAT = "maagn-audit-1"
SHIPPED = Path(__file__).parents[2] / "app" / "results" / "attention-audit.json"


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
        part_file.write_text(text + "\n", encoding="utf-8")


def read_audit(path: Path = SHIPPED) -> tuple[NetworkAudit, ...]:
    """What `write_audit` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    return read_stored(
        path, _audits, format_=FORMAT, what="audit", command="maagn audit MODEL --out FOLDER"
    )


def _audits(content: Mapping[str, Any]) -> tuple[NetworkAudit, ...]:
    audits = tuple(
        restored(NetworkAudit, {**network, "origin": content["origin"]})
        for network in content["networks"]
    )
    if not audits or any("average" not in part.effects for one in audits for part in one.parts):
        raise ValueError("nothing that a verdict could be of")
    return audits
