"""Taps: named points where a run can be listened to, without hooks.

A hook belongs to a module, and one model is shared by every visitor's thread: a hook set by one
fires in another's forward. The recorder here belongs to the context (thread or task) that runs the
forward, so nothing has to be removed and nothing leaks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
from torch import Tensor, nn


class Recording(dict[str, Tensor]):
    """Tapped tensors by the module name of their tap, e.g. `paths.2.mtam.mask_max`."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self._names = {id(m): name for name, m in model.named_modules() if isinstance(m, Tap)}

    def take(self, tap: "Tap", x: Tensor) -> None:
        """Keep `x`; taps of another model than the recorded one are ignored.

        With gradients enabled, the first tapped tensor of a frozen network becomes the leaf that
        gradients reach: everything before it runs without an autograd graph.
        """
        name = self._names.get(id(tap))
        if name is None:
            return
        if torch.is_grad_enabled() and not x.requires_grad:
            x.requires_grad_()
        self[name.removesuffix("_tap")] = x


_active: ContextVar[Recording | None] = ContextVar("maagn_recording", default=None)


class Tap(nn.Module):
    """Identity that shows its input to the recording of the running context, if there is one."""

    def forward(self, x: Tensor) -> Tensor:
        """`x`, unchanged."""
        kept = _active.get()
        if kept is not None:
            kept.take(self, x)
        return x


@contextmanager
def record(model: nn.Module) -> Iterator[Recording]:
    """Record what `model`'s taps see in this thread or task until the block ends."""
    kept = Recording(model)
    token = _active.set(kept)
    try:
        yield kept
    finally:
        _active.reset(token)


def recording() -> bool:
    """Whether this thread or task records."""
    return _active.get() is not None
