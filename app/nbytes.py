"""How many bytes a kept value takes: the arrays and tensors that it reaches, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor, nn
from torch.autograd.graph import Node


def nbytes(thing: object) -> int:
    """Bytes of all arrays, tensors, tables and texts that `thing` holds; networks are not its own.

    A tensor that gradients can be asked of also holds what its graph saved on the way: of a run
    that is kept, that is three quarters. What two values share is counted for both.
    """
    seen: dict[int, int] = {}
    for buffer, size in _buffers(thing, set()):
        seen[buffer] = max(size, seen.get(buffer, 0))
    return sum(seen.values())


def _buffers(thing: Any, met: set[Any]) -> Iterator[tuple[int, int]]:  # noqa: ANN401 - any value
    if id(thing) in met or isinstance(thing, nn.Module | nn.Parameter | type):
        return
    met.add(id(thing))
    match thing:
        case Tensor():
            yield _storage(thing)
            if thing.grad_fn is not None:
                yield from _saved(thing.grad_fn, met)
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
            for field in fields(thing):
                yield from _buffers(getattr(thing, field.name), met)


@cache
def _names(kind: type[Node]) -> tuple[str, ...]:
    """Attribute names under which graph nodes of a type keep their saved tensors."""
    return tuple(name for name in dir(kind) if name.startswith("_saved_"))


def _is_weight(one: Tensor) -> bool:
    """Whether a tensor is a network's parameter, or a view of one."""
    return isinstance(one, nn.Parameter) or isinstance(one._base, nn.Parameter)


def _storage(one: Tensor) -> tuple[int, int]:
    storage = one.untyped_storage()
    return storage.data_ptr(), storage.nbytes()


def _saved(last: Node, met: set[Any]) -> Iterator[tuple[int, int]]:
    """The tensors that autograd saved in the graph, without the network's weights."""
    nodes = [last]
    while nodes:
        node = nodes.pop()
        if node in met:
            continue
        met.add(node)  # the node, not its number: Python's face of it lives no longer than asked
        for name in _names(type(node)):
            kept = getattr(node, name)
            for one in kept if isinstance(kept, list | tuple) else (kept,):
                if isinstance(one, Tensor) and not _is_weight(one):
                    yield _storage(one)
        nodes += [before for before, _ in node.next_functions if before is not None]
