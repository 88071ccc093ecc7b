"""One small step of a run, to see what the whole run would take."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric

from maagn.config import TrainSpec
from maagn.labels import ClassRelations
from maagn.train.augment import Augmentation
from maagn.train.data import given_pairs, open_data, sized, training_batches
from maagn.train.devices import set_up, shared_fabric
from maagn.train.loop import gradients
from maagn.train.pace import duration, forecast
from maagn.train.schedule import steps
from maagn.train.state import Run, model_spec
from maagn.train.told import told

_CLIPS = 2


@dataclass(frozen=True)
class Rehearsal:
    """What a run would take.

    Attributes:
        parameters: of the network.
        steps: optimiser steps.
        seconds: of all steps with their clips, from the time of two clips; validation apart.
        pace: the same of an epoch, in a sentence.
        memory: most bytes that two clips took: of the GPU, else of the process.
        begun: what the network takes from the one that it begins from, in lines.
    """

    parameters: int
    steps: int
    seconds: float
    memory: int
    pace: str
    begun: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The forecast in words."""
        size = (
            f"{self.parameters:,} parameters, {self.steps:,} steps, about"
            f" {duration(self.seconds)}; two clips took {self.memory / 2**20:,.0f} MiB. {self.pace}"
        )
        return "\n".join([*self.begun, size])


def rehearse(
    spec: TrainSpec, *, device: str | None = None, report: Callable[[str], None] = print
) -> Rehearsal:
    """Train on two clips twice, and time the second; nothing is written.

    Args:
        spec: the run's settings.
        device: as `maagn.device.choose` takes it.
        report: told what the run would do.

    Raises:
        MaagnError: whatever would stop the run at its beginning.
    """
    with shared_fabric(spec, devices=1, device=device) as fabric:
        return _rehearsed(fabric, spec, report)


def _rehearsed(fabric: Fabric, spec: TrainSpec, report: Callable[[str], None]) -> Rehearsal:
    data, held_out = open_data(spec, frames=model_spec(spec, classes=1).frames)
    spec = sized(spec, training=len(data), validation=len(held_out))
    run = Run.start(spec, classes=len(data.labels), labels=data.labels)
    objective, optimizer = set_up(fabric, run)
    relations = ClassRelations.of(data.labels, given_pairs(spec, data.labels))
    augmentation = Augmentation.of(spec, data.labels, relations)
    for line in told(spec, data, held_out, relations, augmentation):
        report(line)
    rows = np.resize(np.arange(len(data)), (2, _CLIPS))
    seconds = 0.0
    batches = training_batches(data, rows, augmentation)
    for _ in rows:
        start = time.perf_counter()
        gradients(fabric, objective, next(batches), parts=1)
        optimizer.step()
        seconds = time.perf_counter() - start
    a_step = seconds / _CLIPS * spec.batch
    return Rehearsal(
        parameters=sum(parameter.numel() for parameter in run.network.parameters()),
        steps=steps(spec),
        seconds=a_step * steps(spec),
        memory=_memory(fabric.device),
        pace=forecast(spec, seconds_a_step=a_step, device=fabric.device),
        begun=run.begun.told,
    )


def _memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
