"""What a trained network's checkpoint tells of its making."""

import platform
import shlex
import sys
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from maagn.checkpoint import Provenance
from maagn.config import TrainSpec
from maagn.device import described
from maagn.train.data import RENDERED
from maagn.train.schedule import steps
from maagn.train.state import Run


def provenance(run: Run, *, out: Path, asked: TrainSpec, part: str) -> Provenance:
    """Of a finished run.

    Args:
        run: every epoch done.
        out: the checkpoint's file, of which the name alone is told.
        asked: the settings as they were asked for, before the data's size was known.
        part: of the data that it was trained on.
    """
    spec = run.spec
    data = "rendered opposite actions" if spec.data == RENDERED else Path(spec.data).name
    trained_on = f"{data}, {part}"
    if run.begun.digest:
        parts = ", ".join(run.begun.parts)
        trained_on += f"; {parts} of the file with SHA-256 {run.begun.digest}"
        trained_on += ", backbone not changed" * (spec.freeze == "backbone")
    device = described(next(run.network.parameters()).device)
    return Provenance(
        trained_on=trained_on,
        command=command(asked, out=out),
        seed=spec.seed,
        epochs=spec.epochs,
        steps=steps(spec),
        clips=steps(spec) * spec.batch,
        hardware=f"{device}, {platform.machine()}, {torch.get_num_threads()} threads",
        versions={
            "python": sys.version.split()[0],
            "torch": torch.__version__,
            "lightning-fabric": version("lightning-fabric"),
            "numpy": np.__version__,
        },
        metrics={"validation_top1": run.rows[-1]["validation_top1"]},
        history=run.rows,
    )


def command(spec: TrainSpec, *, out: Path) -> str:
    """The shell command that makes the checkpoint again."""
    options = []
    for setting in fields(TrainSpec)[1:]:
        value = getattr(spec, setting.name)
        if value != setting.default:
            options += _option(setting.name, value)
    return shlex.join(["maagn", "train", spec.preset, *options, "--out", out.name])


def _option(name: str, value: Any) -> list[str]:  # noqa: ANN401 - whatever the field holds
    option = f"--{name.replace('_', '-')}"
    match name:
        case "changes":
            return [word for key, text in value for word in ("--set", f"{key}={text}")]
        case "milestones":
            return [word for epoch in value for word in ("--milestone", str(epoch))]
        case "short_side":
            return [option, *map(str, value)]
        case _ if isinstance(value, bool):
            return [option if value else f"--no-{name}"]
        case _:
            return [option, str(value)]
