"""A training run: network, optimiser, schedule and history, kept together and resumable."""

import csv
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from maagn.config import PRESETS, TrainSpec
from maagn.errors import ModelError, UnknownModel
from maagn.nn.build import Network, build


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


@dataclass(eq=False)
class Run:
    """Everything that changes while a network is trained.

    Attributes:
        spec: the run's settings.
        objective: the network and its loss.
        optimizer: AdamW.
        schedule: linear warm-up, then a cosine to zero, stepped once a batch.
        rows: one a finished epoch: loss and validation accuracy.
    """

    spec: TrainSpec
    objective: Objective
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    rows: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def start(cls, spec: TrainSpec) -> "Run":
        """A run with fresh weights; the caller has seeded torch.

        Raises:
            UnknownModel: no preset has that name.
        """
        if spec.preset not in PRESETS:
            names = ", ".join(PRESETS)
            raise UnknownModel(f"There is no preset {spec.preset}: choose from {names}.")
        objective = Objective(build(PRESETS[spec.preset]), spec)
        optimizer = torch.optim.AdamW(
            objective.parameters(), lr=spec.learning_rate, weight_decay=spec.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, spec))
        return cls(spec, objective, optimizer, schedule)

    def keep(self, path: Path) -> None:
        """Write the run's state, whole or not at all, and its rows as CSV beside it."""
        partial = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {
            "spec": asdict(self.spec),
            "network": self.objective.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rows": self.rows,
        }
        torch.save(state, partial)
        partial.replace(path)
        with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def resume(self, path: Path) -> None:
        """Go on from the state at `path`, if there is one.

        Raises:
            ModelError: the state belongs to a run with other settings.
        """
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if state["spec"] != asdict(self.spec):
            raise ModelError(
                f"{path.name} belongs to a run with other settings: remove it to start afresh."
            )
        self.objective.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.rows = state["rows"]


def steps(spec: TrainSpec) -> int:
    """Optimiser steps of the whole run."""
    return spec.epochs * math.ceil(spec.clips / spec.batch)


def rate(step: int, spec: TrainSpec) -> float:
    """Learning rate at a step, as a part of the peak."""
    total = steps(spec)
    warm = spec.warmup * total
    if step < warm:
        return (step + 1) / (warm + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))
