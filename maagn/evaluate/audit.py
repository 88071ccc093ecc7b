"""The audit of attention as a run: two passes in a folder, and what they come to."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import torch
from jaxtyping import Int
from torch.utils.flop_counter import FlopCounterMode

from maagn.checkpoint import Model
from maagn.data.mapping import relabelled
from maagn.data.rendered import open_opposites
from maagn.data.videos import VideoSet
from maagn.errors import DatasetError, ModelError, RunError
from maagn.evaluate.attention import (
    REPLACEMENTS,
    AuditOrigin,
    Effect,
    MaskAudit,
    NetworkAudit,
    Replacement,
    Source,
)
from maagn.evaluate.audit_file import write_audit
from maagn.evaluate.audit_rows import EffectRows, MaskRows, Reference, Sums
from maagn.evaluate.mask_statistics import (
    Alive,
    Cost,
    Variance,
    at_bound,
    band,
    cost,
    dead_reason,
    together,
    variance,
)
from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.runner import Progress, run
from maagn.evaluate.store import AUDIT, clips_stored
from maagn.explain.attention import GATE, MTAM, SDM, Quantity
from maagn.explain.replacement import Part, hidden_units, logits_with, parts, run_live
from maagn.nn.maagn import MAAGN
from maagn.opposites.clip import OPPOSITES_LABELS, opposite_numbers
from maagn.opposites.split import Split

_REFERENCE = "reference"
_SUMS = "sums.safetensors"


@dataclass(frozen=True, eq=False)
class AuditData:
    """The clips of an audit.

    Attributes:
        videos: that are audited, all with a class, numbered as the networks'.
        reference: that averages and donors come from.
        opposite: number of each class's opposite; -1 where there is none.
    """

    videos: VideoSet
    reference: VideoSet
    opposite: Int[np.ndarray, " k"]

    @property
    def leave_one_out(self) -> bool:
        """Whether the reference is the audited clips themselves."""
        return self.videos.videos == self.reference.videos


def rendered_data(models: Sequence[Model], *, split: Split, per_class: int) -> AuditData:
    """The rendered benchmark, with its validation split as the reference.

    Args:
        models: trained on it.
        split: that is audited; of `val`, a clip's average is of all others.
        per_class: clips of each class, of either split.

    Raises:
        ModelError: a model's labels are not the benchmark's.
    """
    for model in models:
        if model.labels != OPPOSITES_LABELS:
            raise ModelError(
                f"{model.name} was not trained on the rendered opposites: give --data, or choose "
                "another model."
            )
    return AuditData(
        open_opposites(split, per_class=per_class),
        open_opposites("val", per_class=per_class),
        opposite_numbers(),
    )


def own_data(
    models: Sequence[Model],
    videos: VideoSet,
    validation: VideoSet | None,
    *,
    per_class: int | None = None,
) -> AuditData:
    """A set of one's own; opposites are those of the first network's classes.

    Args:
        models: whose classes the set has.
        videos: that are audited; those without a class are left out.
        validation: the set's validation split; None where it has none, and then the reference is
            the audited clips.
        per_class: the first so many clips of each class, of either; None for all.

    Raises:
        DatasetError: no video has a class, or a class is not among the networks'.
    """
    model = models[0]
    audited = _first(relabelled(videos, model.labels), per_class)
    reference = audited
    if validation is not None:
        reference = _first(relabelled(validation, model.labels), per_class)
    opposite = [model.relations.opposite_of(label) for label in model.labels]
    numbers = [-1 if label is None else model.labels.index(label) for label in opposite]
    return AuditData(audited, reference, np.array(numbers))


def _first(videos: VideoSet, per_class: int | None) -> VideoSet:
    """The first labelled videos of each class."""
    seen: dict[int, int] = {}
    kept = []
    for video in videos.videos:
        if video.label is None:
            continue
        seen[video.label] = seen.get(video.label, 0) + 1
        if per_class is None or seen[video.label] <= per_class:
            kept.append(video)
    if not kept:
        raise DatasetError(
            f"No video of {videos.name}, {videos.split}, has a class: an audit needs classes, "
            "give another --split."
        )
    return replace(videos, videos=tuple(kept))


def audit(
    folder: Path,
    models: Sequence[Model],
    data: AuditData,
    *,
    command: str = "",
    batch: int = 16,
    workers: int = 2,
    threads: int = 1,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> tuple[NetworkAudit, ...]:
    """Audit networks, or go on with an audit, and write `audit.json` into the folder.

    Whatever stops it, what was done is kept, and the file is the same to the byte as that of an
    audit that nothing stopped.

    Args:
        folder: of the run; made where there is none.
        models: with masks or gates.
        data: the clips.
        command: kept in the file, for people.
        batch: clips that are asked about together.
        workers: clips that are read at a time.
        threads: of the arithmetic on the CPU.
        report: told after every batch of either pass; may raise, to stop.

    Raises:
        ModelError: a network has no masks and no gates.
        RunError: the folder holds another run, another process is at work in it, or too few clips
            could be read for an average.
    """
    for model in models:
        parts(model)
    folder_of_sums = folder / _REFERENCE
    sums = Sums(folder_of_sums / _SUMS)
    if folder_of_sums.exists() and sums.stop < clips_stored(folder_of_sums):
        shutil.rmtree(folder_of_sums)  # sums that are lost cannot be told from its rows
        sums = Sums(folder_of_sums / _SUMS)
    plan = Plan.of(models, data.reference, kind="masks", batch=batch, threads=threads)
    rows = MaskRows(plan, models, sums)
    table = run(folder_of_sums, plan, data.reference, rows, workers=workers, report=report)
    reference = Reference(
        videos=data.reference,
        usable=_usable(table, plan),
        sums=sums,
        opposite=data.opposite,
        leave_one_out=data.leave_one_out,
    )
    for model in models:
        if sums.count(model.name) < 2:
            raise RunError(
                f"{model.name} could be run on {sums.count(model.name)} of {len(data.reference)} "
                "clips, and an average needs two: give a set with videos that can be read."
            )
    plan = Plan.of(models, data.videos, kind="effects", batch=batch, threads=threads)
    effects = EffectRows(plan, models, data.videos, reference)
    table = run(folder, plan, data.videos, effects, workers=workers, report=report)
    origin = AuditOrigin(
        command=command,
        data=_source(data.videos),
        reference=_source(data.reference),
        leave_one_out=data.leave_one_out,
        versions=present_versions(),
    )
    rows_read = pq.read_table(table)
    audits = tuple(
        _network(model, _of(rows_read, model.name), reference, origin) for model in models
    )
    write_audit(folder / AUDIT, audits)
    return audits


def _usable(table: Path, plan: Plan) -> np.ndarray:
    """Which clips every network could be run on."""
    rows = pq.read_table(table, columns=["place", "reason"])
    refused = rows.filter(rows["reason"].is_valid())["place"].to_numpy()
    return ~np.isin(np.arange(plan.clips), refused)


def _source(videos: VideoSet) -> Source:
    return Source(videos.name, videos.split, videos.digest, len(videos))


def _of(rows: pa.Table, model: str) -> pa.Table:
    return rows.filter(pc.equal(rows["model"].cast("string"), model))


def _network(
    model: Model, rows: pa.Table, reference: Reference, origin: AuditOrigin
) -> NetworkAudit:
    read = rows.filter(pc.is_null(rows["reason"]))
    if not len(read):
        raise RunError(f"{model.name} could be run on none of the clips: {rows['reason'][0]}")
    asked, labels = parts(model), read["label"].to_numpy().astype(np.int64)
    effects = _effects(read, labels, len(asked))
    singles: dict[tuple[int | None, str], MaskAudit] = {
        (part.path, part.key): _single(model, part, read, labels, effects[number])
        for number, part in enumerate(asked)
        if part.path is not None
    }
    audits = [
        _group(part, singles, effects[number])
        if part.path is None
        else singles[part.path, part.key]
        for number, part in enumerate(asked)
    ]
    preferred = read["preferred"].to_numpy()
    paired = preferred >= 0
    return NetworkAudit(
        model=model.name,
        digest=model.digest,
        clips=len(read),
        unread=len(rows) - len(read),
        top1=float((read["answer"].to_numpy() == labels).mean()),
        within_pair=float((preferred[paired] == 1).mean()) if paired.any() else None,
        forwards=_forwards(model, rows, labels, reference),
        parts=tuple(audits),
        origin=origin,
    )


def _effects(
    rows: pa.Table, labels: Int[np.ndarray, " n"], count: int
) -> list[dict[Replacement, Effect]]:
    """What each replacement does, of each part."""
    shape = (len(rows), len(REPLACEMENTS), count)
    answers, preferences, divergences = (
        rows[name].combine_chunks().flatten().to_numpy(zero_copy_only=False).reshape(shape)
        for name in ("answers", "preferences", "divergences")
    )
    answer, preferred = rows["answer"].to_numpy(), rows["preferred"].to_numpy()
    found: list[dict[Replacement, Effect]] = []
    for part in range(count):
        own: dict[Replacement, Effect] = {}
        for number, replacement in enumerate(REPLACEMENTS):
            there = answers[:, number, part] >= 0
            if not there.any():
                continue
            after = answers[there, number, part]
            paired = there & (preferred >= 0)
            pairs: Cost | None = None
            if paired.any():
                pairs = cost(preferred[paired] == 1, preferences[paired, number, part] == 1)
            own[replacement] = Effect(
                clips=int(there.sum()),
                top1=cost(answer[there] == labels[there], after == labels[there]),
                within_pair=pairs,
                divergence=float(divergences[there, number, part].astype(np.float64).mean()),
                changed=float((after != answer[there]).mean()),
            )
        found.append(own)
    return found


def _single(
    model: Model,
    part: Part,
    rows: pa.Table,
    labels: Int[np.ndarray, " n"],
    effects: dict[Replacement, Effect],
) -> MaskAudit:
    path, (quantity,) = part.path, part.quantities
    assert path is not None
    values = _of_path(rows, quantity.name, path)
    frames = model.spec.frames // model.spec.rates[path]
    spread = variance(values, labels)
    alive = _alive(model, path, quantity, rows, values)
    return MaskAudit(
        path=path,
        key=part.key,
        title=part.title,
        channels=values.shape[1] // frames,
        variance=spread,
        band=band(values, frames=frames),
        alive=alive,
        dead=dead_reason(alive),
        effects=effects,
    )


def _of_path(rows: pa.Table, name: str, path: int) -> np.ndarray:
    """A column's numbers of one path, a row a clip."""
    lists = pc.list_element(rows[name], path).combine_chunks()
    flat = lists.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(rows), -1)


def _alive(
    model: Model, path: int, quantity: Quantity, rows: pa.Table, values: np.ndarray
) -> Alive:
    if quantity.key == GATE.key:
        assert isinstance(model.network, MAAGN)
        alpha = model.network.get_parameter(f"paths.{path}.agm.gate.alpha")
        one_hot = pc.list_element(rows["one_hot"], path).to_numpy()
        return Alive(
            alpha=float(alpha.detach().cpu().double().abs().mean()),
            one_hot=float(one_hot.astype(np.float64).mean()),
        )
    mlp = SDM if quantity.key == SDM.key else MTAM
    active = _of_path(rows, f"active_{mlp.name}", path).astype(bool)
    assert quantity.bounds is not None
    return Alive(
        hidden=hidden_units(model)[path, mlp.key],
        awake=tuple(active.mean(axis=0).tolist()),
        dead_units=tuple(np.flatnonzero(~active.any(axis=0)).tolist()),
        at_bound=at_bound(values, quantity.bounds),
    )


def _group(
    part: Part,
    singles: dict[tuple[int | None, str], MaskAudit],
    effects: dict[Replacement, Effect],
) -> MaskAudit:
    keys = [quantity.key for quantity in part.quantities]
    members = {key: [one for one in singles.values() if one.key == key] for key in keys}
    variances: dict[str, list[Variance]] = {
        key: [one.variance for one in own if one.variance is not None]
        for key, own in members.items()
    }
    flat = [one for own in members.values() for one in own]
    return MaskAudit(
        path=None,
        key=part.key,
        title=part.title,
        channels=max(one.channels for one in flat),
        variance=together(variances),
        band=None,
        alive=None,
        dead="each of them is dead" if all(one.dead for one in flat) else "",
        effects=effects,
    )


def _forwards(
    model: Model, rows: pa.Table, labels: Int[np.ndarray, " n"], reference: Reference
) -> float:
    """Forward passes that the audit was worth, for each audited clip; counted in arithmetic."""
    spec, crop = model.spec, model.transform.crop
    device = next(model.network.parameters()).device
    clip = torch.zeros(1, 3, spec.frames, crop, crop, device=device)
    with FlopCounterMode(display=False) as forward, torch.inference_mode():
        model.network(clip)
    live = run_live(model, clip)
    with FlopCounterMode(display=False) as behind:
        logits_with(model, live, parts(model), live.values)
    changed = len(REPLACEMENTS) * behind.get_total_flops() / forward.get_total_flops()
    donors = 1 + float((reference.opposite[labels] >= 0).mean())
    return 1 + donors + changed + len(reference.videos) / len(rows)
