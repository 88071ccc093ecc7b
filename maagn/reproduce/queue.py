"""All trainings of the tables, one after the other; what is done is never done again."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from maagn.checkpoint import Model, load_model
from maagn.config import TrainSpec
from maagn.evaluate.attention import MaskAudit
from maagn.evaluate.audit import audit, rendered_data
from maagn.evaluate.evaluations import ask
from maagn.evaluate.metrics import count
from maagn.evaluate.predictions import Predictions
from maagn.io import atomic_write
from maagn.reproduce.study import Row, Size
from maagn.train.loop import train


@dataclass(frozen=True)
class Outcome:
    """One network of one seed, measured on the test split.

    Attributes:
        key: of the row.
        seed: of initialisation, order, augmentation and dropout.
        command: that trained it.
        steps: of the optimiser.
        hardware: on which it ran.
        clips: of the test split.
        top1: share of right answers.
        within_pair: share of clips whose class is more probable than its opposite.
        opposite_confusion: share answered with the opposite.
        reversal_flips: share of right answers that become the opposite when frames are reversed.
        per_class: right answers of each class, in the benchmark's order.
        averages_cost: points of top-1 that it loses with its masks' averages over clips of the
            validation split in their place; None where that was not measured.
        opposites_cost: the same with masks of clips of the opposite class.
        clip_share: part of its masks' variance that the single clip explains, in [0, 1].
    """

    key: str
    seed: int
    command: str
    steps: int
    hardware: str
    clips: int
    top1: float
    within_pair: float
    opposite_confusion: float
    reversal_flips: float
    per_class: tuple[int, ...]
    averages_cost: float | None = None
    opposites_cost: float | None = None
    clip_share: float | None = None

    def write(self, folder: Path) -> None:
        """Write `<key>-<seed>.json`, whole or not at all."""
        with atomic_write(folder / f"{self.key}-{self.seed}.json") as part:
            part.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def read_outcomes(folder: Path) -> list[Outcome]:
    """Every outcome in that folder, by key and seed."""
    found = []
    for path in sorted(folder.glob("*-*.json")):
        values = json.loads(path.read_text(encoding="utf-8"))
        values["per_class"] = tuple(values["per_class"])
        found.append(Outcome(**values))
    return sorted(found, key=lambda outcome: (outcome.key, outcome.seed))


def run_queue(
    rows: Iterable[Row],
    *,
    seeds: Iterable[int],
    size: Size,
    work: Path,
    results: Path,
    cache: Path,
    device: str | None = None,
    report: Callable[[str], None] = print,
) -> None:
    """Train and measure every row with every seed, a seed's rows together.

    Stopped at any moment and started again, it goes on within the training that was running.

    Args:
        rows: of studies of that size.
        seeds: of initialisation, order, augmentation and dropout.
        size: of each training.
        work: for checkpoints and the state of the one that is running, in a folder a size.
        results: where each outcome is written, likewise.
        cache: for rendered clips, shared by all.
        device: as `maagn.device.choose` takes it.
        report: takes a line a training.
    """
    rows = tuple(rows)
    work, results = work / size.name, results / size.name
    for seed in seeds:
        waiting = [row for row in rows if not (results / f"{row.key}-{seed}.json").exists()]
        if not waiting:
            continue
        start = None
        if (common := size.start(seed)) is not None:
            start = str(_trained(work / f"start-{seed}.safetensors", common, cache, device, report))
        for number, row in enumerate(waiting, 1):
            report(f"Seed {seed}, {number} of {len(waiting)}: {row.name}")
            spec = size.training(row, seed, start)
            _trained(_weights(work, row, seed), spec, cache, device, report)
        # All at once, so that every test clip is drawn once a seed.
        models = [load_model(_weights(work, row, seed), device) for row in waiting]
        predictions = ask(models, split="test", per_class=size.test_per_class)
        asked = [model for row, model in zip(waiting, models, strict=True) if row.audited]
        masks = _audited(work, asked, size)
        for row, model, found in zip(waiting, models, predictions, strict=True):
            _outcome(row, seed, model, found, masks.get(model.name)).write(results)


def _weights(work: Path, row: Row, seed: int) -> Path:
    return work / f"{row.key}-{seed}.safetensors"


def _trained(
    path: Path,
    spec: TrainSpec,
    cache: Path,
    device: str | None,
    report: Callable[[str], None],
) -> Path:
    if path.exists():
        return path
    return train(spec, out=path, cache=cache, device=device, report=report)


def _audited(work: Path, models: list[Model], size: Size) -> dict[str, MaskAudit]:
    """All masks of each network together, by its name, on the clips of the test split."""
    if not models:
        return {}
    # Networks of other rows, asked for another time, are another audit.
    folder = work / f"audit-{'+'.join(model.name for model in models)}"
    clips = rendered_data(models, split="test", per_class=size.test_per_class)
    return {each.model: each.masks for each in audit(folder, models, clips)}


def _outcome(
    row: Row, seed: int, model: Model, predictions: Predictions, masks: MaskAudit | None
) -> Outcome:
    counted = count(predictions)
    costs = {} if masks is None else masks.effects
    right = predictions.truth[predictions.answer == predictions.truth]
    made = model.provenance
    return Outcome(
        key=row.key,
        seed=seed,
        command=made.command,
        steps=made.steps,
        hardware=made.hardware,
        clips=counted.clips,
        top1=counted.top1.value,
        within_pair=counted.within_pair.value,
        opposite_confusion=counted.opposite_confusion.value,
        reversal_flips=counted.reversal_flips.value,
        per_class=tuple(np.bincount(right, minlength=len(model.labels)).tolist()),
        averages_cost=costs["average"].top1.points.value if costs else None,
        opposites_cost=costs["opposite"].top1.points.value if costs else None,
        clip_share=None if masks is None else masks.clip_share,
    )
