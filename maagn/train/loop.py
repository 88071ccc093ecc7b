"""The training loop, in reading order: seed, network, epochs, save."""

import platform
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric

from maagn.checkpoint import Provenance, save_model
from maagn.config import DEMO_TRANSFORM, TrainSpec
from maagn.nn.build import Network
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from maagn.train.batches import batches
from maagn.train.run import Run, steps


def train(spec: TrainSpec, *, out: Path, report: Callable[[str], None] = print) -> Path:
    """Train a preset on the rendered opposites and write `out`; goes on where it was stopped.

    Beside `out` it keeps `<out>.state` (removed at the end) and `<out>.csv`, a row an epoch.

    Raises:
        UnknownModel: no preset has that name.
        ModelError: the state beside `out` belongs to a run with other settings.
    """
    fabric = Fabric(accelerator="auto", devices=1)
    fabric.seed_everything(spec.seed, verbose=False)
    run = Run.start(spec)
    wrapped, optimizer = fabric.setup(run.objective, run.optimizer)
    state = out.with_suffix(".state")
    data = OppositesDataset("train", length=spec.clips, train=True)
    run.resume(state)
    for epoch in range(len(run.rows), spec.epochs):
        torch.manual_seed(spec.seed * 1000 + epoch)  # dropout: the same after a resume
        order = np.random.default_rng((spec.seed, epoch)).permutation(spec.clips)
        data.epoch = epoch  # other scenes than the epochs before
        wrapped.train()
        total = 0.0
        for inputs, targets in batches(data, order, batch=spec.batch):
            loss = wrapped(fabric.to_device(inputs), fabric.to_device(targets))
            fabric.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
            run.schedule.step()
            total += float(loss.detach()) * len(targets)
        top1 = validate(run.objective.network, clips=spec.validation_clips, batch=spec.batch)
        run.rows.append({"epoch": epoch, "loss": total / spec.clips, "validation_top1": top1})
        run.keep(state)
        done = f"{spec.preset} epoch {epoch + 1}/{spec.epochs}"
        report(f"{done}: loss {total / spec.clips:.3f}, validation top-1 {top1:.1%}")
    save_model(
        out,
        run.objective.network,
        labels=OPPOSITES_LABELS,
        transform=DEMO_TRANSFORM,
        provenance=_provenance(run, out),
    )
    state.unlink(missing_ok=True)
    return out


def validate(network: Network, *, clips: int, batch: int) -> float:
    """Top-1 accuracy on the validation split, in [0, 1]."""
    data = OppositesDataset("val", length=clips)
    device = next(network.parameters()).device
    network.eval()
    right = 0
    with torch.inference_mode():
        for inputs, targets in batches(data, np.arange(clips), batch=batch):
            right += int((network(inputs.to(device)).argmax(1).cpu() == targets).sum())
    return right / clips


def _provenance(run: Run, out: Path) -> Provenance:
    spec = run.spec
    changed = {k: v for k, v in asdict(spec).items() if v != getattr(TrainSpec, k, spec.preset)}
    options = [part for k, v in changed.items() for part in (f"--{k.replace('_', '-')}", str(v))]
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    return Provenance(
        trained_on="rendered opposite actions, training split",
        command=shlex.join(["maagn", "train", spec.preset, *options, "--out", out.name]),
        seed=spec.seed,
        epochs=spec.epochs,
        steps=steps(spec),
        clips=spec.epochs * spec.clips,
        hardware=f"{device}, {platform.machine()}, {torch.get_num_threads()} threads",
        versions={
            "python": sys.version.split()[0],
            "torch": torch.__version__,
            "lightning-fabric": version("lightning-fabric"),
            "numpy": np.__version__,
        },
        metrics={"validation_top1": run.rows[-1]["validation_top1"]},
    )
