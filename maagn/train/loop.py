"""The training loop, in reading order: processes, data, network, epochs, save."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from lightning_fabric import Fabric
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from maagn.checkpoint import save_model
from maagn.config import TrainSpec
from maagn.errors import ModelError
from maagn.labels import ClassRelations
from maagn.nn.network import VideoNetwork
from maagn.train.augment import Augmentation, ClipSet
from maagn.train.data import (
    Batch,
    content_of,
    given_pairs,
    open_data,
    order,
    plain_batches,
    sized,
    training_batches,
)
from maagn.train.devices import set_up, shared_fabric
from maagn.train.masks import standardise
from maagn.train.pace import Pace, forecast
from maagn.train.provenance import provenance
from maagn.train.schedule import steps, steps_an_epoch
from maagn.train.state import Run, model_spec
from maagn.train.told import list_held_out, part_trained_on, told

_START_BATCHES = 4  # that masks are standardised on


class Bar:
    """A progress bar of steps on a terminal; nothing where stderr is a file or a pipe.

    Args:
        name: what is trained.
        done: steps of the run that were done before.
        total: steps of the whole run.
        shown: whether this process shows it; one does.
    """

    def __init__(self, name: str, *, done: int, total: int, shown: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )
        self._task = self._progress.add_task(name, completed=done, total=total, loss=0.0)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step(self, loss: float) -> None:
        """Count one finished step."""
        self._progress.update(self._task, advance=1, loss=loss)


def write_row(folder: Path, row: dict[str, int | float]) -> None:
    """Add an epoch's numbers to the board in `folder`; made where it is missing.

    An epoch that is written again, after an interruption, replaces what was there from it on.
    """
    epoch = int(row["epoch"])
    with SummaryWriter(str(folder), purge_step=epoch) as board:
        for name, value in row.items():
            if name != "epoch":
                board.add_scalar(name, value, epoch)


def validate(network: VideoNetwork, data: ClipSet, *, spec: TrainSpec) -> float:
    """Top-1 accuracy on clips spread evenly over the set, in [0, 1], in float32.

    Args:
        network: left in evaluation mode.
        data: held-out clips.
        spec: says how many of them, how many at a time, and how they are cut.
    """
    clips, batch, transform = spec.validation_clips, spec.batch, spec.transform
    device = next(network.parameters()).device
    numbers = np.arange(clips) * len(data) // clips
    network.eval()
    right = 0
    with torch.inference_mode():
        for inputs, targets in plain_batches(data, numbers, batch=batch, transform=transform):
            right += int((network(inputs.to(device)).argmax(1).cpu() == targets).sum())
    return right / clips


def share(rows: Int[np.ndarray, "s b"], *, rank: int, world: int) -> Int[np.ndarray, "s c"]:
    """Every world-th clip of each batch, from the rank-th on."""
    return rows[:, rank::world]


def gradients(fabric: Fabric, objective: nn.Module, batch: Batch, *, parts: int) -> float:
    """Add up the gradients of a batch, part by part, and give its mean loss over all processes.

    A clip counts the same wherever it is, though reversals make some shares larger than others.
    """
    everywhere: Any = fabric.all_reduce(torch.tensor(len(batch[0])), reduce_op="sum")
    average = float(everywhere) / fabric.world_size  # clips a process
    total = torch.zeros((), device=fabric.device)
    inputs, targets = (tensor.tensor_split(parts) for tensor in batch)
    for part in range(parts):
        with fabric.no_backward_sync(objective, enabled=part < parts - 1):  # type: ignore[arg-type]
            clips, classes = fabric.to_device((inputs[part], targets[part]))
            loss = objective(clips, classes) * (len(clips) / average)
            fabric.backward(loss)
        total += loss.detach()
    mean: Any = fabric.all_reduce(total, reduce_op="mean")
    return float(mean)


def train(
    spec: TrainSpec,
    *,
    out: Path,
    cache: Path | None = None,
    devices: int = 1,
    device: str | None = None,
    keep_every: int = 0,
    report: Callable[[str], None] = print,
) -> Path:
    """Train a preset and write `out`; resumes if it was stopped.

    Beside `out` it keeps `<out>.state` (removed at the end), `<out>.csv`, a row an epoch, and
    `<out>.board`, the same for TensorBoard; and, where clips were held out of data without a
    validation split, their list, `<out>.held-out.csv`.

    Args:
        spec: the run's settings.
        out: the checkpoint.
        cache: folder that keeps rendered clips for other runs; None for none.
        devices: processes, each on a device of its own; they share every batch.
        device: their kind, or the one device of a single process, as `maagn.device.choose` takes
            it.
        keep_every: steps after which the state is written, besides every epoch's end; 0 for never.
        report: told what is about to be done, after some steps how long an epoch takes, and a line
            an epoch; by the first process alone.

    Raises:
        DeviceError: there is no such device here, or not one for each process.
        UnknownModel: no preset has that name.
        DatasetError: the data cannot be opened or trained on, or a video cannot be read.
        ModelError: the state beside `out` belongs to a run with other settings or videos, a batch
            cannot be shared evenly, or the loss is no number.
        PairsError: a file of pairs cannot be used, or clips are to be flipped and the mirror image
            of a class is not known.
    """
    with shared_fabric(spec, devices=devices, device=device) as fabric:
        _train(fabric, spec, out=out, cache=cache, keep_every=keep_every, report=report)
    return out


def _train(
    fabric: Fabric,
    spec: TrainSpec,
    *,
    out: Path,
    cache: Path | None,
    keep_every: int,
    report: Callable[[str], None],
) -> None:
    """Run the training from its saved state to its end."""
    if spec.batch % (spec.accumulate * fabric.world_size):
        raise ModelError(
            f"A batch of {spec.batch} cannot be shared by {fabric.world_size} processes in"
            f" {spec.accumulate} parts: choose a multiple of their product."
        )
    asked = spec
    data, held_out = open_data(spec, frames=model_spec(spec, classes=1).frames, cache=cache)
    spec = sized(spec, training=len(data), validation=len(held_out))
    pairs = given_pairs(spec, data.labels)
    relations = ClassRelations.of(data.labels, pairs)
    augmentation = Augmentation.of(spec, data.labels, relations)
    content = content_of(data, held_out)
    run = Run.start(
        spec, classes=len(data.labels), labels=data.labels, pairs=pairs, content=content
    )
    state = out.with_suffix(".state")
    if spec.masks_spread and not state.exists():
        data.epoch = 0
        rows = order(spec.clips, available=len(data), batch=spec.batch, seed=spec.seed, epoch=0)
        batches = training_batches(data, rows[:_START_BATCHES], augmentation)
        run.objective.train()
        standardise(
            run.objective.network,
            torch.cat([clips for clips, _ in batches]),
            spread=0.0 if run.begun.silent else spec.masks_spread,
            kept=run.begun.kept,
        )
    objective, optimizer = set_up(fabric, run)
    scale = fabric.strategy.precision
    run.resume(state, scale=scale)
    fabric.barrier()  # nobody writes the state while another process still reads it
    first = fabric.is_global_zero
    if first and not (run.rows or run.step):
        for line in run.begun.told:
            report(line)
    if first:
        for line in told(spec, data, held_out, relations, augmentation):
            report(line)
        listed = list_held_out(held_out, out=out)
        if listed is not None:
            report(listed)

    def keep() -> None:
        if first:
            run.keep(state, scale=scale)

    pace = Pace()
    done = len(run.rows) * steps_an_epoch(spec) + run.step
    with Bar(spec.preset, done=done, total=steps(spec), shown=first) as bar:
        for epoch in range(len(run.rows), spec.epochs):
            data.epoch = epoch
            pace.begin()
            for loss in _epoch(fabric, run, data, augmentation, objective, optimizer):
                bar.step(loss)
                seconds = pace.step()
                if first and seconds is not None:
                    report(forecast(spec, seconds_a_step=seconds, device=fabric.device))
                if keep_every and run.step % keep_every == 0:
                    keep()
            # By one process alone: each has its own statistics for normalisation.
            top1 = validate(run.network, held_out, spec=spec) if first else 0.0
            run.finish_epoch(validation_top1=fabric.broadcast(top1))
            if first:
                keep()
                write_row(out.with_suffix(".board"), run.rows[-1])
                report(f"{spec.preset} epoch {epoch + 1}/{spec.epochs}: {run.told()}")
    if first:
        save_model(
            out,
            run.network,
            labels=data.labels,
            transform=spec.transform,
            provenance=provenance(run, out=out, asked=asked, part=part_trained_on(held_out)),
            pairs=run.pairs,
        )
        state.unlink(missing_ok=True)
        report(f"Written to {out}")


def _epoch(
    fabric: Fabric,
    run: Run,
    data: ClipSet,
    augmentation: Augmentation,
    objective: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> Iterator[float]:
    """The rest of an epoch's steps; gives each one's loss."""
    spec, epoch = run.spec, data.epoch
    rows = order(spec.clips, available=len(data), batch=spec.batch, seed=spec.seed, epoch=epoch)
    mine = share(rows[run.step :], rank=fabric.global_rank, world=fabric.world_size)
    objective.train()
    for batch in training_batches(data, mine, augmentation):
        # Dropout: the same after a resume, and another in every process.
        torch.manual_seed(_seed(spec.seed, epoch, run.step, fabric.global_rank))
        loss = gradients(fabric, objective, batch, parts=spec.accumulate)
        if not math.isfinite(loss):
            raise ModelError(f"The loss is {loss} in epoch {epoch + 1}: try a lower learning rate.")
        optimizer.step()
        optimizer.zero_grad()
        run.finish_step(loss)
        yield loss


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
