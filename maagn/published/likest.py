"""Which of the networks here a file's tensors are the likest to, whoever named them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import torch
from torch import Tensor

from maagn.config import ModelSpec
from maagn.nn.build import PRESETS, PublishedAs, architectures, build
from maagn.published.names import KINDS as RESNETS
from maagn.published.names import LAYOUTS, RESPELLINGS, source_of
from maagn.published.state import State

_ALIKE = 0.5  # part of a network's names that a file must have to be taken for one of it
_AUTHORS = tuple(respelling.name for respelling in RESPELLINGS)


def kinds() -> tuple[str, ...]:
    """What can be brought here, as `maagn import --as` calls it."""
    own = (one.kind for kind in architectures().values() for one in kind.published)
    return (*RESNETS, *own)


def sources() -> tuple[str, ...]:
    """Whose files can be brought here."""
    return tuple(dict.fromkeys([*LAYOUTS, *(one.source for one in _published()), *_AUTHORS]))


def _published() -> Iterator[PublishedAs]:
    for architecture in architectures().values():
        yield from architecture.published


def spellings(state: State) -> Iterator[tuple[str | None, State]]:
    """The tensors by their own names, and by those of another code base that they stand for."""
    yield None, state
    for respelling in RESPELLINGS:
        names = respelling.respelt(state.tensors)
        if names:
            tensors = {names.get(name, name): tensor for name, tensor in state.tensors.items()}
            yield respelling.name, replace(state, tensors=tensors)


def likest(tensors: dict[str, Tensor], author: str | None) -> tuple[PublishedAs, ...]:
    """The network here whose tensors are the likest to a file's, by name and shape.

    A network whose own authors name tensors otherwise is not looked for where none were respelt:
    its ResNet's are called here as decisionforce calls those of TSM. Several where they are as
    like; none where fewer than half of their names are there.
    """
    best, found = 0.0, list[PublishedAs]()
    shapes = {(name, tensor.shape) for name, tensor in tensors.items()}
    for published in _published():
        if published.source in _AUTHORS and published.source != author:
            continue
        if f"{published.first}.weight" not in tensors:
            continue  # its library need not be loaded, or be there
        wanted = _shapes_of(published.preset)
        if len(wanted.keys() & tensors.keys()) <= _ALIKE * len(wanted):
            continue
        alike = len(shapes & wanted.items()) / len(wanted.keys() | tensors.keys())
        if alike > best:
            best, found = alike, []
        if alike == best:
            found.append(published)
    return tuple(found)


@cache
def _shapes_of(preset: str) -> dict[str, torch.Size]:
    with torch.device("meta"):
        state = build(PRESETS[preset]).state_dict()
    return {name: tensor.shape for name, tensor in state.items()}


def is_of_pictures(state: State) -> bool:
    """Whether a file holds torchvision's ResNet for pictures, and no network of videos."""
    of_videos = any(likest(spelt.tensors, author) for author, spelt in spellings(state))
    return not of_videos and source_of(set(state.tensors)) == "torchvision"


def of_one_kind(preset: ModelSpec, other: ModelSpec) -> bool:
    """Whether two networks differ in the numbers of classes and frames at most."""
    return replace(preset, classes=other.classes, frames=other.frames) == other
