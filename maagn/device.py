"""Where networks compute: on the CPU, or on an accelerator that PyTorch finds here."""

import os
import platform
from typing import Any

import torch

from maagn.errors import DeviceError

VARIABLE = "MAAGN_DEVICE"
"""The environment's choice, where none is given."""
AUTO = "auto"
"""The accelerator where there is one, else the CPU."""
CPU = torch.device("cpu")


def choices() -> tuple[str, ...]:
    """What can be asked for on this machine, e.g. ("cpu", "cuda", "cuda:0", "cuda:1", "auto").

    A kind without a number is the one that the process has chosen, by itself the first.
    """
    found = _accelerator()
    if found is None:
        return "cpu", AUTO
    numbers = range(torch.accelerator.device_count())
    return "cpu", found.type, *(f"{found.type}:{number}" for number in numbers), AUTO


def _accelerator() -> torch.device | None:
    return torch.accelerator.current_accelerator(check_available=True)


def choose(asked: str | None = None) -> torch.device:
    """The device of that name; without one, of that in MAAGN_DEVICE, else of `auto`.

    Raises:
        DeviceError: it is not here.
    """
    name = asked or os.environ.get(VARIABLE) or AUTO
    if name == AUTO:
        return _accelerator() or CPU
    here = choices()
    if name not in here:
        raise DeviceError(f"There is no {name} here: choose from {', '.join(here)}.")
    return torch.device(name)


def shared_by(processes: int, device: torch.device) -> dict[str, Any]:
    """The arguments by which Lightning's `Fabric` gives each process of this machine its device.

    Args:
        processes: on this machine, that share the work.
        device: as `choose` gives it.

    Raises:
        DeviceError: there are more of them than devices.
    """
    if device == CPU:
        return {"accelerator": "cpu", "devices": processes}
    count = 1 if device.index is not None else torch.accelerator.device_count()
    if processes > count:
        raise DeviceError(
            f"{processes} processes need a device each, and {device} is {count}: start {count}, "
            "or choose cpu."
        )
    own = processes if device.index is None else [device.index]
    return {"accelerator": device.type, "devices": own}


def wait(device: torch.device) -> None:
    """Return when everything that the device was given is done, so that it can be timed."""
    if device != CPU:
        torch.accelerator.synchronize(device)


def described(device: torch.device) -> str:
    """The device's name, for people: of the GPU, or "CPU"."""
    if device == CPU:
        return "CPU"
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} of {platform.machine()}"
