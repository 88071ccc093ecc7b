"""A published network as one of ours: every tensor used, or named as unused."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from maagn.checkpoint import Provenance, refuse_unusable, save_model
from maagn.config import ModelSpec, TransformSpec
from maagn.errors import CheckpointError
from maagn.labels import ClassPairs
from maagn.nn.build import PRESETS, PublishedAs, architecture_of, architectures, build
from maagn.published.file import read_state
from maagn.published.names import KINDS as RESNETS
from maagn.published.names import (
    LAYOUTS,
    Weights,
    depth_of,
    is_shifted,
    is_unused,
    ours,
    shift_every,
    source_of,
)
from maagn.published.state import State

__all__ = ["TRANSFORM", "Converted", "convert", "kinds", "save_converted"]

_NAMED = 3  # tensors in an error
_SEGMENTS = 8  # that networks were trained with, where nothing says how many
_ALIKE = 0.5  # part of a network's names that a file must have to be taken for one of it

_COUNTER = ".num_batches_tracked"  # of BatchNorm since PyTorch 0.4.1; no network reads it

TRANSFORM = TransformSpec(resize=256, crop=224)
"""RGB in [0, 1], ImageNet's mean and deviation: the test pipelines of all sources of ResNets, which
write the same numbers times 255 or swap the channels of OpenCV's pictures to come to it."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A published network in our names.

    Attributes:
        spec: what it is.
        tensors: ours by name; they fit `build(spec)`.
        unused: published names that no network reads.
        source: whose code wrote the file.
        notice: a sentence about other weights in the file; empty where there are none.
        transform: how its authors prepare pixels.
        kind: one of `kinds()`.
    """

    spec: ModelSpec
    tensors: dict[str, Tensor]
    unused: tuple[str, ...]
    source: str
    notice: str = ""
    transform: TransformSpec = TRANSFORM
    kind: str = ""


def kinds() -> tuple[str, ...]:
    """What can be brought here, as `maagn import --as` calls it."""
    own = (one.kind for kind in architectures().values() for one in kind.published)
    return (*RESNETS, *own)


def convert(
    path: Path, kind: str | None = None, *, frames: int | None = None, weights: Weights = "plain"
) -> Converted:
    """Read a published file.

    Args:
        path: of the file.
        kind: what it is, one of `kinds()`; None where the file's names tell. decisionforce's do not
            tell TSM from TSN.
        frames: that it was trained with; None for 8 segments, or for what its kind always sees.
        weights: the trained weights, or their running average, where a file holds both.

    Raises:
        CheckpointError: it cannot be read, is of no known source or another network, has tensors
            that fit nowhere, lacks some, has some of other shapes or with numbers that are not
            finite; the message says what the file looks like.
    """
    state = read_state(path, weights=weights)
    names = set(state.tensors)
    published = _published_as(names)
    if published is not None:
        return _as_it_is(path, kind, published, state, frames)
    source = source_of(names)
    if source is None:
        some = ", ".join(sorted(names)[:_NAMED])
        sources = list(LAYOUTS)
        raise CheckpointError(
            f"{path.name} has no names of {' or '.join([', '.join(sources[:-1]), sources[-1]])} "
            f"(its tensors are called {some}): give a file of one of these."
        )
    used = {name: ours(name, source) for name in state.tensors if not is_unused(name)}
    tensors = {mine: state.tensors[name] for name, mine in used.items() if mine is not None}
    looks = _Looks.of(source, names, tensors)
    kind, spec = _spec(path, kind, looks, names, tensors, frames or _SEGMENTS)
    nowhere = [name for name, mine in used.items() if mine is None]
    _refuse(path, looks, "it has tensors that fit nowhere", nowhere)
    tensors = _fitted(path, looks, spec, tensors)
    refuse_unusable(path, tensors)
    unused = tuple(sorted(names - set(used))) + state.unused
    return Converted(spec, tensors, unused, source, state.notice, kind=kind)


def _published_as(names: set[str]) -> PublishedAs | None:
    """The network here that calls its tensors as the file does; None where there is none."""
    for architecture in architectures().values():
        for published in architecture.published:
            with torch.device("meta"):
                wanted = set(build(PRESETS[published.preset]).state_dict())
            if len(names & wanted) > _ALIKE * len(wanted):
                return published
    return None


def _as_it_is(
    path: Path, kind: str | None, published: PublishedAs, state: State, frames: int | None
) -> Converted:
    """A network whose file needs no other names."""
    preset = PRESETS[published.preset]
    title = architecture_of(preset).title
    looks = f"{title} of {published.source}"
    if kind not in (None, published.kind):
        raise CheckpointError(f"{path.name} looks like {looks}: give --as {published.kind}.")
    classifier = state.tensors.get(published.classifier)
    if classifier is None or classifier.dim() == 0:
        raise CheckpointError(
            f"{path.name} looks like {looks}: give the whole network's file, with its classifier."
        )
    spec = replace(preset, classes=len(classifier), frames=frames or preset.frames)
    tensors = _fitted(path, looks, spec, state.tensors)
    refuse_unusable(path, tensors)
    return Converted(
        spec,
        tensors,
        state.unused,
        published.source,
        state.notice,
        transform=published.transform,
        kind=published.kind,
    )


def save_converted(
    out: Path,
    converted: Converted,
    *,
    labels: tuple[str, ...],
    trained_on: str,
    command: str,
    published: str = "",
    pairs: ClassPairs | None = None,
) -> None:
    """Write a network that was brought here as one of our files.

    Args:
        out: the file.
        converted: the network.
        labels: class names in the order of its logits.
        trained_on: the data, for people.
        command: that brought it here.
        published: its published accuracy and who says so, for people.
        pairs: opposites and mirrored classes that a person gave for the labels.

    Raises:
        CheckpointError: another number of labels than of classes.
    """
    if len(labels) != converted.spec.classes:
        raise CheckpointError(
            f"The file tells {converted.spec.classes} classes apart, but there are {len(labels)} "
            "labels: give the list that goes with it, a class a line."
        )
    network = build(converted.spec)
    network.load_state_dict(converted.tensors)
    provenance = Provenance(
        trained_on=trained_on,
        command=command,
        seed=0,
        epochs=0,
        steps=0,
        clips=0,
        hardware=f"by others; published by {converted.source}",
        versions={"torch": torch.__version__},
        published=published,
    )
    save_model(
        out,
        network,
        labels=labels,
        transform=converted.transform,
        provenance=provenance,
        pairs=pairs,
    )


@dataclass(frozen=True)
class _Looks:
    """What a file seems to hold, by its names: for the sentence with which it is refused."""

    source: str
    arch: Literal["tsm", "tsn", "tpn"] | None
    depth: int | None
    classes: int | None

    @classmethod
    def of(cls, source: str, names: set[str], tensors: dict[str, Tensor]) -> "_Looks":
        shifts = is_shifted(names)
        arch: Literal["tsm", "tsn", "tpn"] | None = None
        if any(name.startswith(("neck.", "necks.")) for name in names):
            arch = "tpn"
        elif shifts is not None:
            arch = "tsm" if shifts else "tsn"
        head = tensors.get("head.1.weight")
        return cls(source, arch, depth_of(tensors), None if head is None else len(head))

    def __str__(self) -> str:
        depth = f"ResNet-{self.depth}" if self.depth else "a ResNet of another depth"
        classes = "no classifier" if self.classes is None else f"{self.classes} classes"
        arch = self.arch.upper() if self.arch else "TSM or TSN"
        return f"{arch} of {self.source}, {depth}, {classes}"


def _spec(
    path: Path,
    kind: str | None,
    looks: _Looks,
    names: set[str],
    tensors: dict[str, Tensor],
    frames: int,
) -> tuple[str, ModelSpec]:
    if looks.source == "torchvision":
        raise CheckpointError(
            f"{path.name} is an ImageNet network for pictures: give it to `maagn train --start`."
        )
    if any(tensor.dim() == 5 for name, tensor in tensors.items() if name.startswith("backbone.")):
        raise CheckpointError(
            f"{path.name} has a backbone of 3D convolutions, as I3D, SlowOnly and the Kinetics "
            "TPN: only networks of 2D convolutions are brought here."
        )
    known = [one for one in RESNETS if one.endswith(f"-r{looks.depth}")]
    known = [one for one in known if one.startswith(looks.arch or ("tsm", "tsn"))]
    if looks.classes is None:
        raise CheckpointError(
            f"{path.name} looks like {looks}: give the whole network's file, with its classifier."
        )
    if not known:
        raise CheckpointError(
            f"{path.name} looks like {looks}: what can be brought here is {', '.join(kinds())}."
        )
    if kind is None and len(known) == 1:
        kind = known[0]
    if kind is None or kind not in known:
        options = " or ".join(f"--as {one}" for one in known)
        raise CheckpointError(f"{path.name} looks like {looks}: give {options}.")
    arch = kind.partition("-")[0]
    # Where names do not tell: decisionforce's recipe for Something-Something shifts in TPN, too.
    shift = arch != "tsn" if is_shifted(names) is None else bool(is_shifted(names))
    every = shift_every(names) if is_shifted(names) else 1
    if every is None:
        raise CheckpointError(
            f"{path.name} looks like {looks}, but shifts other blocks than every one or every "
            "second: no network here does."
        )
    spec = replace(
        PRESETS[f"{arch}-r50-8f"],
        frames=frames,
        classes=looks.classes,
        depth=looks.depth or 50,
        shift=shift,
        shift_downsample=shift and looks.source == "decisionforce",
        shift_every=every,
    )
    return kind, spec


def _fitted(
    path: Path, looks: object, spec: ModelSpec, tensors: dict[str, Tensor]
) -> dict[str, Tensor]:
    """The tensors as the network takes them: float32, with BatchNorm's counters, none missing."""
    with torch.device("meta"):
        wanted = build(spec).state_dict()
    counters = {name: torch.zeros((), dtype=torch.int64) for name in wanted if _counts(name)}
    tensors = counters | {
        name: tensor.reshape(()) if _counts(name) and tensor.numel() == 1 else tensor
        for name, tensor in tensors.items()
    }
    _refuse(path, looks, "it lacks", sorted(set(wanted) - set(tensors)))
    _refuse(path, looks, "it also has", sorted(set(tensors) - set(wanted)))
    other = [name for name, tensor in wanted.items() if tensors[name].shape != tensor.shape]
    _refuse(path, looks, "it has tensors of other shapes", other)
    coarse = [
        name for name, tensor in tensors.items()
        if wanted[name].is_floating_point() and not tensor.is_floating_point()
    ]  # fmt: skip
    _refuse(path, looks, "it has whole or complex numbers, as quantised networks have, in", coarse)
    return {name: tensor.to(wanted[name].dtype) for name, tensor in tensors.items()}


def _counts(name: str) -> bool:
    return name.endswith(_COUNTER)


def _refuse(path: Path, looks: object, what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise CheckpointError(
            f"{path.name} looks like {looks}, but {what}: {', '.join(names[:_NAMED])}{more}; give "
            "the file of a network that its authors' code made, whole."
        )
