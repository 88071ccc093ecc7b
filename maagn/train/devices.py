"""The processes and devices of a run."""

import os

from lightning_fabric import Fabric

from maagn.config import TrainSpec


def open_fabric(spec: TrainSpec, *, devices: int) -> Fabric:
    """Processes that share every batch, each on a device of its own, seeded alike.

    Args:
        spec: gives precision and seed.
        devices: processes to start on this machine; under torchrun its own number counts.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", devices))
    machines = max(1, int(os.environ.get("WORLD_SIZE", here)) // here)
    fabric = Fabric(
        accelerator="auto",
        strategy="ddp" if here * machines > 1 else "auto",
        devices=here,
        num_nodes=machines,
        precision=spec.precision,  # type: ignore[arg-type]
    )
    fabric.launch()
    fabric.seed_everything(spec.seed, verbose=False)
    return fabric
