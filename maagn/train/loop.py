"""The training loop, in reading order: seed, data, network, loop, save."""

import csv
import math
import platform
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning_fabric
import numpy as np
import torch
from jaxtyping import Float, Int
from lightning_fabric import Fabric
from torch import Tensor, nn

from maagn.checkpoint import Provenance, save_model
from maagn.config import DEMO_TRANSFORM, PRESETS, TrainSpec
from maagn.errors import ModelError, UnknownModel
from maagn.nn.build import Network, build
from maagn.opposites.dataset import OPPOSITES_LABELS, OppositesDataset
from maagn.train.batches import batches

Report = Callable[[str], None]


class Objective(nn.Module):
    """The loss of one batch, as one module, so that a distributed strategy sees one forward."""

    def __init__(self, network: Network, spec: TrainSpec) -> None:
        super().__init__()
        self.network = network
        self.auxiliary_weight = spec.auxiliary_weight
        self.loss = nn.CrossEntropyLoss(label_smoothing=spec.label_smoothing)

    def forward(
        self, clips: Float[Tensor, "n 3 t h w"], targets: Int[Tensor, " n"]
    ) -> Float[Tensor, ""]:
        """Cross entropy, plus the auxiliary head's where the network has one."""
        logits, auxiliary = self.network.training_logits(clips)
        loss: Tensor = self.loss(logits, targets)
        if auxiliary is not None:
            loss = loss + self.auxiliary_weight * self.loss(auxiliary, targets)
        return loss


def train(spec: TrainSpec, *, out: Path, report: Report = print) -> Path:
    """Train a preset on the rendered opposites and write `out`; goes on where it was stopped.

    Beside `out` it keeps `<out>.state` (removed at the end) and `<out>.csv`, a row an epoch.

    Raises:
        UnknownModel: no preset has that name.
        ModelError: the state beside `out` belongs to another run.
    """
    if spec.preset not in PRESETS:
        raise UnknownModel(f"There is no preset {spec.preset}: choose from {', '.join(PRESETS)}.")
    fabric = Fabric(accelerator="auto", devices=1)
    fabric.seed_everything(spec.seed, verbose=False)
    objective = Objective(build(PRESETS[spec.preset]), spec)
    optimizer = torch.optim.AdamW(
        objective.parameters(), lr=spec.learning_rate, weight_decay=spec.weight_decay
    )
    steps = spec.epochs * math.ceil(spec.clips / spec.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps, spec))
    wrapped, optimizer = fabric.setup(objective, optimizer)
    state = out.with_suffix(".state")
    rows = _resume(state, spec, objective, optimizer, schedule)
    for epoch in range(len(rows), spec.epochs):
        loss = _epoch(spec, epoch, fabric, wrapped, optimizer, schedule)
        top1 = validate(objective.network, clips=spec.validation_clips, batch=spec.batch)
        rows.append({"epoch": epoch, "loss": loss, "validation_top1": top1})
        report(f"{spec.preset} epoch {epoch + 1}/{spec.epochs}: loss {loss:.3f}, top-1 {top1:.1%}")
        _keep(state, spec, objective, optimizer, schedule, rows)
        _write_rows(out.with_suffix(".csv"), rows)
    save_model(
        out,
        objective.network,
        labels=OPPOSITES_LABELS,
        transform=DEMO_TRANSFORM,
        provenance=_provenance(spec, steps, out, rows),
    )
    state.unlink(missing_ok=True)
    return out


def validate(network: Network, *, clips: int, batch: int) -> float:
    """Top-1 accuracy on the validation split, in [0, 1]."""
    data = OppositesDataset("val", length=clips)
    network.eval()
    right = 0
    with torch.inference_mode():
        for inputs, targets in batches(data, np.arange(clips), batch=batch):
            device = next(network.parameters()).device
            right += int((network(inputs.to(device)).argmax(1).cpu() == targets).sum())
    return right / clips


def _epoch(
    spec: TrainSpec, epoch: int, fabric: Fabric, objective: Any, optimizer: Any, schedule: Any
) -> float:
    torch.manual_seed(spec.seed * 1000 + epoch)  # dropout: the same after a resume
    order = np.random.default_rng((spec.seed, epoch)).permutation(spec.clips)
    data = OppositesDataset("train", length=spec.clips, train=True, epoch=epoch)
    objective.train()
    total = 0.0
    for inputs, targets in batches(data, order, batch=spec.batch):
        loss = objective(fabric.to_device(inputs), fabric.to_device(targets))
        fabric.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        total += float(loss.detach()) * len(targets)
    return total / spec.clips


def _rate(step: int, steps: int, spec: TrainSpec) -> float:
    warm = spec.warmup * steps
    if step < warm:
        return (step + 1) / (warm + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


def _keep(
    state: Path, spec: TrainSpec, objective: Objective, optimizer: Any, schedule: Any, rows: Any
) -> None:
    partial = state.with_name(state.name + ".part")
    state.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "spec": asdict(spec),
            "network": objective.network.state_dict(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "rows": rows,
        },
        partial,
    )
    partial.replace(state)


def _resume(
    state: Path, spec: TrainSpec, objective: Objective, optimizer: Any, schedule: Any
) -> list[dict[str, float]]:
    if not state.exists():
        return []
    kept = torch.load(state, weights_only=True)
    if kept["spec"] != asdict(spec):
        raise ModelError(
            f"{state.name} belongs to a run with other settings: remove it to start afresh."
        )
    objective.network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    schedule.load_state_dict(kept["schedule"])
    rows: list[dict[str, float]] = kept["rows"]
    return rows


def _write_rows(path: Path, rows: list[dict[str, float]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _provenance(spec: TrainSpec, steps: int, out: Path, rows: list[dict[str, float]]) -> Provenance:
    flags = {k: v for k, v in asdict(spec).items() if k != "preset" and v != getattr(TrainSpec, k)}
    options = [f"--{k.replace('_', '-')} {v}" for k, v in flags.items()]
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    return Provenance(
        trained_on="rendered opposite actions, training split",
        command=shlex.join(
            ["maagn", "train", spec.preset, "--out", out.name, *" ".join(options).split()]
        ),
        seed=spec.seed,
        epochs=spec.epochs,
        steps=steps,
        clips=spec.epochs * spec.clips,
        hardware=f"{device}, {platform.machine()}, {torch.get_num_threads()} threads",
        versions={
            "python": sys.version.split()[0],
            "torch": torch.__version__,
            "lightning-fabric": lightning_fabric.__version__,
            "numpy": np.__version__,
        },
        metrics={"validation_top1": rows[-1]["validation_top1"]},
    )
