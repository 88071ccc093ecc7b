"""Several processes that share a run, as torchrun starts them.

Lightning Fabric takes long to import and is of no use to a process that is alone.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_PATIENCE = timedelta(days=7)  # a process waits for the others' last batch, however long it takes


@dataclass(frozen=True)
class Processes:
    """Who this process is among those that share the work.

    Attributes:
        rank: its number, from 0.
        count: how many there are.
        fabric: Lightning's `Fabric`, that they meet through; None for one alone.
    """

    rank: int
    count: int
    fabric: Any = None

    def wait(self) -> None:
        """Wait until all processes have reached this point."""
        if self.fabric is not None:
            self.fabric.barrier()

    def leave(self) -> None:
        """Part from the others, when all have come here; this process is alone from then on."""
        if self.fabric is not None:
            from maagn.train.devices import leave

            leave(self.fabric)

    @contextlib.contextmanager
    def first_alone(self, context: Any) -> Iterator[None]:  # noqa: ANN401 - any context
        """Run the block with the context in the first process, without it in the others."""
        with context if self.rank == 0 else contextlib.nullcontext():
            yield


ALONE = Processes(0, 1)


def join_processes(device: str | None = None) -> Processes:
    """Meet the others that torchrun started; without it, this process is alone.

    On GPUs each process takes one of its own.

    Args:
        device: the kind, as `maagn.device.choose` takes it.

    Raises:
        DeviceError: there is no such device here, or not one for each process.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    count = int(os.environ.get("WORLD_SIZE", here))
    if count == 1:
        return ALONE
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    from maagn.device import choose, shared_by

    fabric = Fabric(
        **shared_by(here, choose(device)),
        strategy=DDPStrategy(timeout=_PATIENCE),
        num_nodes=count // here,
    )
    fabric.launch()
    return Processes(fabric.global_rank, fabric.world_size, fabric)
