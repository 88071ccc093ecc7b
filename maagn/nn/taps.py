"""Taps: named points where a run can be listened to, without hooks.

A hook belongs to a module, and one model is shared by every visitor's thread: a hook set by one
fires in another's forward. The recorder here belongs to the context (thread or task) that runs the
forward, so nothing has to be removed and nothing leaks.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Stage:
    """A part of a network with a tap at its end, whose feature a map can be made of.

    Attributes:
        tap: the tap's name, e.g. `backbone.res4`.
        title: for people.
        frames: number of frames of the feature.
        rate: frames of the clip from one of these to the next.
        offset: frame i of the feature is centred at frame `i * rate + offset` of the clip, which
            may lie between two: that of a tubelet of two frames at half a frame.
    """

    tap: str
    title: str
    frames: int
    rate: int
    offset: float = 0.0

    @classmethod
    def at(cls, tap: str, title: str, *, of: int, rate: int, offset: float = 0.0) -> "Stage":
        """A stage with one frame for each `rate` of a clip's `of` frames."""
        return cls(tap, title, -(-of // rate), rate, offset)


class ActivationCache(dict[str, Tensor]):
    """Tapped tensors by the module name of their tap, e.g. `paths.2.mtam.mask_max`.

    Args:
        model: whose taps are heard.
        leaves: names of the taps at which a frozen network's graph may begin; None for all.
    """

    def __init__(self, model: nn.Module, *, leaves: Collection[str] | None = None) -> None:
        super().__init__()
        self._leaves = leaves
        self._names = {id(m): name for name, m in model.named_modules() if isinstance(m, Tap)}

    def take(self, tap: "Tap", x: Tensor) -> None:
        """Keep `x`; taps of another model than the recorded one are ignored.

        With gradients enabled, the first tapped tensors of a frozen network that may be leaves
        become those that gradients reach: everything before them runs without an autograd graph.
        """
        name = self._names.get(id(tap))
        if name is None:
            return
        name = name.removesuffix("_tap")
        if torch.is_grad_enabled() and (self._leaves is None or name in self._leaves):
            x.requires_grad_()
        self[name] = x


_active: ContextVar[ActivationCache | None] = ContextVar("maagn_recording", default=None)


_replaced: ContextVar[Mapping["Tap", Tensor] | None] = ContextVar("maagn_replaced", default=None)


class Tap(nn.Module):
    """Identity that shows its input to the recording of the running context, if there is one.

    In a context that replaces the tap's tensor, it passes on (and shows) that one instead.
    """

    def forward(self, x: Tensor) -> Tensor:
        """`x`, unchanged; or what the running context has in its place."""
        replaced = _replaced.get()
        if replaced is not None:
            x = replaced.get(self, x)
        kept = _active.get()
        if kept is not None:
            kept.take(self, x)
        return x


@contextmanager
def record(model: nn.Module, *, leaves: Collection[str] | None = None) -> Iterator[ActivationCache]:
    """Record what `model`'s taps see in this thread or task until the block ends.

    Args:
        model: the network that will run.
        leaves: names of the taps at which a frozen network's graph may begin; None for all.
    """
    kept = ActivationCache(model, leaves=leaves)
    token = _active.set(kept)
    try:
        yield kept
    finally:
        _active.reset(token)


@contextmanager
def replace(values: Mapping[Tap, Tensor]) -> Iterator[None]:
    """Until the block ends, have these taps pass on other tensors, in this thread or task alone.

    What is computed after a tap follows from the tensor in its place; what is computed before it
    runs as ever, and is lost. AGM's fast twin has taps that are only shown what it computes; of
    those it is `maagn.explain.replacement` that takes care.

    Args:
        values: of the shape that the tap would have seen.
    """
    token = _replaced.set(values)
    try:
        yield
    finally:
        _replaced.reset(token)


def recording() -> bool:
    """Whether this thread or task records."""
    return _active.get() is not None


def is_inference(module: nn.Module) -> bool:
    """Whether nobody can ask for the gradient of one of the module's parameters.

    Gradients of features may still be wanted: the fast twins are differentiable in their input.
    Under autocast the plain form runs, since there is nothing to be gained but another rounding.
    """
    if any(map(torch.is_autocast_enabled, ("cpu", "cuda", "mps"))):
        return False
    return not (torch.is_grad_enabled() and any(p.requires_grad for p in module.parameters()))
