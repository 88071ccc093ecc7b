"""Small networks, quick to run, with nothing left at the values that make parts of it silent."""

from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.build import Network, build

Made = TypeVar("Made", bound=nn.Module)

SPECS = {
    "maagn": ModelSpec(
        "maagn", classes=5, depth=18, width=8, shift=True, neck_width=16, neck_groups=4
    ),
    "tpn": ModelSpec(
        "tpn",
        classes=5,
        depth=18,
        width=8,
        shift=True,
        neck_width=16,
        neck_groups=4,
        levels=(4, 5),
        rates=(1, 1),
    ),
    "tsm": ModelSpec("tsm", classes=5, depth=18, width=8, shift=True),
    "tsn": ModelSpec("tsn", classes=5, depth=18, width=8),
}


def spec(arch: str, /, **changes: object) -> ModelSpec:
    return replace(SPECS[arch], **changes)


def clip(*, frames: int = 8, size: int = 32, batch: int = 1, seed: int = 0) -> Tensor:
    return torch.randn(batch, 3, frames, size, size, generator=generator(seed))


def network(of: ModelSpec, *, seed: int = 0, gated: bool = True) -> Network:
    """In evaluation mode, with lively normalisation and, if `gated`, gates that are open."""
    torch.manual_seed(seed)
    made = build(of).eval()
    for name, parameter in made.named_parameters():
        if gated and name.endswith("alpha"):
            nn.init.normal_(parameter)
    return lively(made)


def lively(made: Made) -> Made:
    """The same with normalisation that has something to do."""
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm3d):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return made


def randomise(module: nn.Module, *, seed: int) -> None:
    """Draw every parameter anew, zeros and identities included."""
    for parameter in module.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator(seed)))
        seed += 1


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)
