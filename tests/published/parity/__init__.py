"""What the authors' own code computes of weights and a clip that anybody can draw again.

`theirs.json` has its logits, and a digest of the names and shapes of its tensors; their code is not
here. Numbers are drawn by NumPy's RandomState, whose stream never changes.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FILE = Path(__file__).with_name("theirs.json")
Shapes = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Theirs:
    """One network of an author's code, with ten classes.

    Attributes:
        code: repository and commit.
        built: how that code was asked for it.
        frames: of the clip.
        side: of its frames.
        parameters: that its code counts, with ten classes.
        names: digest of its tensors' names and shapes.
        logits: of the drawn weights and clip.
    """

    code: str
    built: str
    frames: int
    side: int
    parameters: int
    names: str
    logits: tuple[float, ...]


def theirs() -> dict[str, Theirs]:
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: Theirs(**one | {"logits": tuple(one["logits"])}) for name, one in found.items()}


def shapes_of(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Of every tensor but BatchNorm's counters, which no network reads."""
    return {
        name: tuple(tensor.shape)
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }


def digest(shapes: Shapes) -> str:
    lines = sorted(f"{name} {tuple(shape)}" for name, shape in shapes.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def drawn(shapes: Shapes) -> dict[str, Tensor]:
    """A tensor for every name, each from its own name alone; those of a norm keep numbers small."""
    return {name: _drawn(name, tuple(shape)) for name, shape in shapes.items()}


def _drawn(name: str, shape: tuple[int, ...]) -> Tensor:
    chance = np.random.RandomState(zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        values = chance.uniform(0.5, 1.5, shape)
    elif len(shape) == 1 and name.endswith("weight"):
        values = chance.uniform(0.3, 0.7, shape)
    elif len(shape) == 1:
        values = 0.1 * chance.standard_normal(shape)
    else:
        values = chance.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
    return torch.from_numpy(values.astype(np.float32))


def clip(frames: int, side: int) -> Tensor:
    """(1, 3, frames, side, side)."""
    values = np.random.RandomState(7).standard_normal((1, 3, frames, side, side))
    return torch.from_numpy(values.astype(np.float32))
