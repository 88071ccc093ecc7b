"""The training loop, in reading order: seed, data, network, epochs, save."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from lightning_fabric import Fabric

from maagn.checkpoint import save_model
from maagn.config import TrainSpec
from maagn.errors import ModelError
from maagn.train.augment import Augmentation
from maagn.train.batches import Batch, order, training_batches
from maagn.train.data import open_data, sized
from maagn.train.float32 import keep_time_in_float32
from maagn.train.provenance import provenance
from maagn.train.run import Run, model_spec
from maagn.train.validate import validate


def train(
    spec: TrainSpec,
    *,
    out: Path,
    cache: Path | None = None,
    devices: int = 1,
    keep_every: int = 0,
    report: Callable[[str], None] = print,
) -> Path:
    """Train a preset and write `out`; goes on where it was stopped.

    Beside `out` it keeps `<out>.state` (removed at the end) and `<out>.csv`, a row an epoch.

    Args:
        spec: the run's settings.
        out: the checkpoint.
        cache: folder that keeps rendered clips for other runs; None for none.
        devices: processes, each on a device of its own; they share every batch.
        keep_every: steps after which the state is written, besides every epoch's end; 0 for never.
        report: told a line an epoch, by the first process alone.

    Raises:
        UnknownModel: no preset has that name.
        ModelError: the state beside `out` belongs to a run with other settings, or a batch cannot
            be shared evenly.
    """
    fabric = Fabric(accelerator="auto", devices=devices, precision=spec.precision)  # type: ignore[arg-type]
    fabric.launch()
    fabric.seed_everything(spec.seed, verbose=False)
    if spec.batch % (spec.accumulate * fabric.world_size):
        raise ModelError(
            f"A batch of {spec.batch} cannot be shared by {fabric.world_size} processes in"
            f" {spec.accumulate} parts: choose a multiple of their product."
        )
    asked = spec
    frames = model_spec(spec, classes=1).frames
    data, held_out = open_data(spec, frames=frames, cache=cache)
    spec = sized(spec, training=len(data), validation=len(held_out))
    augmentation = Augmentation.of(spec, data.labels)
    run = Run.start(spec, classes=len(data.labels))
    if fabric.device.type == "cpu" and spec.precision != "32-true":
        keep_time_in_float32(run.objective)
    wrapped, optimizer = fabric.setup(run.objective, run.optimizer)
    if run.average:
        run.average.network.to(fabric.device)
    scale, state = fabric.strategy.precision, out.with_suffix(".state")
    run.resume(state, scale=scale)
    for epoch in range(len(run.rows), spec.epochs):
        data.epoch = epoch
        rows = order(spec.clips, available=len(data), batch=spec.batch, seed=spec.seed, epoch=epoch)
        wrapped.train()
        mine = share(rows[run.step :], rank=fabric.global_rank, world=fabric.world_size)
        for batch in training_batches(data, mine, augmentation):
            # Dropout and the like: the same after a resume, and another in every process.
            torch.manual_seed(_seed(spec.seed, epoch, run.step, fabric.global_rank))
            loss = gradients(fabric, wrapped, batch, parts=spec.accumulate)
            if not math.isfinite(loss):
                raise ModelError(
                    f"The loss is {loss} in epoch {epoch + 1}: try a lower learning rate."
                )
            optimizer.step()
            optimizer.zero_grad()
            run.schedule.step()
            if run.average:
                run.average.update(run.objective.network)
            run.step += 1
            run.total += loss
            if keep_every and run.step % keep_every == 0 and fabric.is_global_zero:
                run.keep(state, scale=scale)
        top1 = 0.0
        if fabric.is_global_zero:
            top1 = validate(
                run.network,
                held_out,
                clips=spec.validation_clips,
                batch=spec.batch,
                transform=spec.transform,
            )
        run.finish_epoch(loss=run.total / len(rows), validation_top1=fabric.broadcast(top1))
        if fabric.is_global_zero:
            run.keep(state, scale=scale)
            row = run.rows[-1]
            report(
                f"{spec.preset} epoch {epoch + 1}/{spec.epochs}: loss {row['loss']:.3f},"
                f" validation top-1 {row['validation_top1']:.1%}"
            )
    if fabric.is_global_zero:
        save_model(
            out,
            run.network,
            labels=data.labels,
            transform=spec.transform,
            provenance=provenance(run, out=out, asked=asked),
        )
        state.unlink(missing_ok=True)
    fabric.barrier()
    return out


def share(rows: Int[np.ndarray, "s b"], *, rank: int, world: int) -> Int[np.ndarray, "s c"]:
    """Every world-th clip of each batch, from the rank-th on."""
    return rows[:, rank::world]


def gradients(fabric: Fabric, objective: torch.nn.Module, batch: Batch, *, parts: int) -> float:
    """Add up the gradients of a batch, part by part, and give its mean loss over all processes."""
    total = torch.zeros((), device=fabric.device)
    inputs, targets = (tensor.chunk(parts) for tensor in batch)
    for part in range(parts):
        with fabric.no_backward_sync(objective, enabled=part < parts - 1):  # type: ignore[arg-type]
            clips, classes = fabric.to_device((inputs[part], targets[part]))
            loss = objective(clips, classes) / parts
            fabric.backward(loss)
        total += loss.detach()
    mean: Any = fabric.all_reduce(total, reduce_op="mean")
    return float(mean)


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
