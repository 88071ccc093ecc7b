"""The processes and devices of a run, and what is kept in float32 there."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from maagn.config import TrainSpec
from maagn.device import choose, shared_by
from maagn.train.objective import compile_objective
from maagn.train.state import Run


def open_fabric(spec: TrainSpec, *, devices: int, device: str | None = None) -> Fabric:
    """Processes that share every batch, each on a device of its own, seeded alike.

    Args:
        spec: gives precision and seed.
        devices: processes to start on this machine; under torchrun its own number counts.
        device: their kind, or the one device of a single process, as `maagn.device.choose` takes
            it.

    Raises:
        DeviceError: there is no such device here, or not one for each process.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", devices))
    machines = max(1, int(os.environ.get("WORLD_SIZE", here)) // here)
    fabric = Fabric(
        **shared_by(here, choose(device)),
        strategy="ddp" if here * machines > 1 else "auto",
        num_nodes=machines,
        precision=spec.precision,  # type: ignore[arg-type]
    )
    fabric.launch()
    fabric.seed_everything(spec.seed, verbose=False)
    return fabric


@contextmanager
def shared_fabric(spec: TrainSpec, *, devices: int, device: str | None = None) -> Iterator[Fabric]:
    """`open_fabric`, and `leave` at the end of a run that nothing stopped.

    A group of processes that the caller had before is left as it is.
    """
    joined = torch.distributed.is_available() and torch.distributed.is_initialized()
    fabric = open_fabric(spec, devices=devices, device=device)
    yield fabric
    if not joined:
        leave(fabric)


def leave(fabric: Fabric) -> None:
    """Wait for the other processes, and end the threads that talk to them.

    Without it the threads live on while the interpreter ends. One that has yet to let go of a
    tensor then waits for Python for ever, which aborts the process ("terminate called without an
    active exception"): now and then, where the machine has other things to do. The threads end with
    the last reference to the group, so the caller has let go of what `fabric.setup` gave it.
    """
    fabric.barrier()
    gc.collect()  # DistributedDataParallel refers to itself, and to the group
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def set_up(fabric: Fabric, run: Run) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The objective and the optimiser of a run as its process uses them, compiled if so asked.

    A compiled module keeps the names of its parameters: what is saved is as without.
    """
    if fabric.device.type == "cpu" and run.spec.precision != "32-true":
        keep_time_in_float32(run.objective)
    if run.spec.compile:
        compile_objective(run.objective, device=fabric.device)
    objective, optimizer = fabric.setup(run.objective, run.optimizer)
    if run.average:
        run.average.network.to(fabric.device)
    return objective, optimizer


class Float32Conv3d(nn.Conv3d):
    """A convolution that autocast leaves alone; same parameters and names as the one it was."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolve in float32, whatever the input's precision."""
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float())


def keep_time_in_float32(network: nn.Module) -> None:
    """Turn every convolution over time into one in float32, in place.

    On CPUs, torch 2.13's bfloat16 weight gradient of a kernel of 3 over 2 frames is memory that
    nobody wrote: seen as NaN, infinity or 1e14. These layers are few and small.
    """
    for module in network.modules():
        if type(module) is nn.Conv3d and module.kernel_size[0] > 1:
            module.__class__ = Float32Conv3d
