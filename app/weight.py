"""How many bytes a kept value takes: the arrays and tensors that it reaches, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor, nn


def weigh(thing: object) -> int:
    """Bytes of all arrays, tensors, tables and texts that `thing` holds; networks are not its own.

    What two values share is counted for both.
    """
    seen: dict[int, int] = {}
    for buffer, size in _buffers(thing, set()):
        seen[buffer] = max(size, seen.get(buffer, 0))
    return sum(seen.values())


def _buffers(thing: Any, met: set[int]) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - any value
    if id(thing) in met or isinstance(thing, nn.Module | type):
        return
    met.add(id(thing))
    match thing:
        case Tensor():
            storage = thing.untyped_storage()
            yield storage.data_ptr(), storage.nbytes()
        case np.ndarray():
            while isinstance(thing.base, np.ndarray):
                thing = thing.base
            yield thing.ctypes.data, thing.nbytes
        case pd.DataFrame():
            yield id(thing), int(thing.memory_usage(deep=True).sum())
        case bytes() | str():
            yield id(thing), len(thing)
        case Mapping():
            for value in thing.values():
                yield from _buffers(value, met)
        case list() | tuple() | set() | frozenset():
            for value in thing:
                yield from _buffers(value, met)
        case _ if is_dataclass(thing):
            for one in fields(thing):
                yield from _buffers(getattr(thing, one.name), met)
