"""What is known of a network's masks and gates over many clips: its audit, where there is one."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import Float

from app.elements import markdown
from maagn.checkpoint import CheckpointInfo
from maagn.errors import ResultsError
from maagn.evaluate.attention import MaskAudit, NetworkAudit
from maagn.evaluate.audit_file import masks_line, read_audit, shipped_audits
from maagn.evaluate.runs import RENDERED, found_below
from maagn.evaluate.store import AUDIT
from maagn.explain.attention import Quantity
from maagn.explain.interventions import Values

Band = tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]


@lru_cache(maxsize=1)
def _shipped() -> dict[str, NetworkAudit]:
    return shipped_audits()


@lru_cache(maxsize=64)
def _read(path: Path, stamp: int) -> tuple[NetworkAudit, ...]:  # noqa: ARG001 - part of the key
    try:
        return read_audit(path)
    except ResultsError:
        return ()


def _of_runs() -> Iterator[NetworkAudit]:
    """Audits that lie among the runs of the command line, the latest first."""
    found = [(path.stat().st_mtime_ns, path) for path in found_below(AUDIT)]
    for stamp, path in sorted(found, reverse=True):
        yield from _read(path, stamp)


def audit_of(model: CheckpointInfo, *, data: str | None = None) -> NetworkAudit | None:
    """The audit of these very weights; None where there is none.

    Args:
        model: whose.
        data: name of the set that it should be on, where there is one on it; else the one that
            came with the explorer, or the latest.
    """
    own = [audit for audit in _of_runs() if audit.digest == model.digest]
    on_it = [audit for audit in own if audit.origin.data.name == data]
    shipped = _shipped().get(model.digest)
    return next(iter([*on_it, *([shipped] if shipped else []), *own]), None)


def summary_of(model: CheckpointInfo) -> str | None:
    """All masks of a network in one line of its card; None where it has none."""
    audit = audit_of(model)
    return masks_line(model, {} if audit is None else {model.digest: audit})


def of_mask(model: CheckpointInfo, quantity: Quantity, path: int) -> MaskAudit | None:
    """What the audit says of one mask or gate; None without an audit, or without such a mask."""
    audit = audit_of(model)
    try:
        return None if audit is None else audit.of(path, quantity.key)
    except KeyError:
        return None


def band_of(model: CheckpointInfo, quantity: Quantity, path: int) -> Band | None:
    """5th and 95th percentile over all clips, a number a frame of the path."""
    found = of_mask(model, quantity, path)
    if found is None or found.band is None:
        return None
    return np.array(found.band.low), np.array(found.band.high)


def average_of(model: CheckpointInfo, quantity: Quantity, path: int) -> Values | None:
    """The mask's average over clips, a number a frame or a number each of its channels.

    None without an audit, and of channels where the audit is of the time before it kept them.
    """
    found = of_mask(model, quantity, path)
    if found is None or found.band is None:
        return None
    return found.band.by_channel or None if found.channels > 1 else found.band.mean


def constant(model: CheckpointInfo, quantity: Quantity, path: int) -> bool:
    """Whether the audit found that the mask does not depend on the clip, or to no effect."""
    found = of_mask(model, quantity, path)
    return found is not None and found.verdict in ("constant", "dead")


def sentences(audit: NetworkAudit) -> str:
    """Markdown: a line for each mask and gate of every path, shallow first."""
    return "\n".join(
        f"- **{part.title}**: {part.sentence}" for part in audit.parts if part.path is not None
    )


def verdicts(
    model: CheckpointInfo, quantities: tuple[Quantity, ...], path: int, *, data: str | None = None
) -> str:
    """Markdown: a line a mask, or how to find out where nobody has measured.

    Args:
        model: whose masks.
        quantities: masks and gates.
        path: of the network.
        data: name of the set that the audit should be on, where there is one on it.
    """
    audit = audit_of(model, data=data)
    if audit is None:
        own = f"How far this follows the clip has not been measured for {markdown(model.name)}: "
        if model.taught is None:
            return own + "`maagn audit NAME --out runs/FOLDER` tells."
        return own + (
            "`maagn audit NAME --data CLIPS --out runs/FOLDER` tells, for clips of its classes."
        )
    lines = [
        f"- **{quantity.title}**: {audit.of(path, quantity.key).sentence}"
        for quantity in quantities
        if _has(audit, path, quantity)
    ]
    source = audit.origin.data
    where = f"{audit.clips:,} {source.split} clips"
    if source.name != RENDERED:
        where += f" of {markdown(source.name)}"
    lines.append(f"\nMeasured on {where}; the band behind a line is where nine of ten clips lie.")
    return "\n".join(lines)


def _has(audit: NetworkAudit, path: int, quantity: Quantity) -> bool:
    try:
        audit.of(path, quantity.key)
    except KeyError:
        return False
    return True
