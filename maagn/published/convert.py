"""A published network as one of ours: every tensor used, or named as unused."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from maagn.checkpoint import Provenance, refuse_unusable, save_model
from maagn.config import PRESETS, ModelSpec, TransformSpec
from maagn.errors import CheckpointError
from maagn.labels import ClassPairs
from maagn.nn.build import build
from maagn.published.file import read_state
from maagn.published.names import (
    KINDS,
    Kind,
    Source,
    Weights,
    depth_of,
    is_shifted,
    is_unused,
    ours,
    shift_every,
    source_of,
)

__all__ = ["KINDS", "TRANSFORM", "Converted", "Kind", "convert", "save_converted"]

_NAMED = 3  # tensors in an error
_COUNTER = ".num_batches_tracked"  # of BatchNorm since PyTorch 0.4.1; no network reads it

TRANSFORM = TransformSpec(resize=256, crop=224)
"""RGB in [0, 1], ImageNet's mean and deviation: the test pipelines of all four sources, which write
the same numbers times 255 or swap the channels of OpenCV's pictures to come to it."""


@dataclass(frozen=True, eq=False)
class Converted:
    """A published network in our names.

    Attributes:
        spec: what it is.
        tensors: ours by name; they fit `build(spec)`.
        unused: published names that no network reads.
        source: whose code wrote the file.
        notice: a sentence about other weights in the file; empty where there are none.
    """

    spec: ModelSpec
    tensors: dict[str, Tensor]
    unused: tuple[str, ...]
    source: Source
    notice: str = ""


def convert(
    path: Path, kind: Kind | None = None, *, frames: int = 8, weights: Weights = "plain"
) -> Converted:
    """Read a published file.

    Args:
        path: of the file.
        kind: what it is; None where the file's names tell. decisionforce's do not tell TSM from
            TSN.
        frames: segments that it was trained with.
        weights: the trained weights, or their running average, where a file holds both.

    Raises:
        CheckpointError: it cannot be read, is of no known source or another network, has tensors
            that fit nowhere, lacks some, has some of other shapes or with numbers that are not
            finite; the message says what the file looks like.
    """
    state = read_state(path, weights=weights)
    names = set(state.tensors)
    source = source_of(names)
    if source is None:
        some = ", ".join(sorted(names)[:_NAMED])
        raise CheckpointError(
            f"{path.name} has no names of mit-han-lab, decisionforce, mmaction2 or torchvision "
            f"(its tensors are called {some}): give a file of one of these."
        )
    used = {name: ours(name, source) for name in state.tensors if not is_unused(name)}
    tensors = {mine: state.tensors[name] for name, mine in used.items() if mine is not None}
    looks = _Looks.of(source, names, tensors)
    spec = _spec(path, kind, looks, names, tensors, frames)
    nowhere = [name for name, mine in used.items() if mine is None]
    _refuse(path, looks, "it has tensors that fit nowhere", nowhere)
    tensors = _fitted(path, looks, spec, tensors)
    refuse_unusable(path, tensors)
    unused = tuple(sorted(names - set(used))) + state.unused
    return Converted(spec, tensors, unused, source, state.notice)


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
    save_model(out, network, labels=labels, transform=TRANSFORM, provenance=provenance, pairs=pairs)


@dataclass(frozen=True)
class _Looks:
    """What a file seems to hold, by its names: for the sentence with which it is refused."""

    source: Source
    arch: Literal["tsm", "tsn", "tpn"] | None
    depth: int | None
    classes: int | None

    @classmethod
    def of(cls, source: Source, names: set[str], tensors: dict[str, Tensor]) -> "_Looks":
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
    kind: Kind | None,
    looks: _Looks,
    names: set[str],
    tensors: dict[str, Tensor],
    frames: int,
) -> ModelSpec:
    if looks.source == "torchvision":
        raise CheckpointError(
            f"{path.name} is an ImageNet network for pictures: give it to `maagn train --start`."
        )
    if any(tensor.dim() == 5 for name, tensor in tensors.items() if name.startswith("backbone.")):
        raise CheckpointError(
            f"{path.name} has a backbone of 3D convolutions, as I3D, SlowOnly and the Kinetics "
            "TPN: only networks of 2D convolutions are brought here."
        )
    known = [one for one in KINDS if one.endswith(f"-r{looks.depth}")]
    known = [one for one in known if one.startswith(looks.arch or ("tsm", "tsn"))]
    if looks.classes is None:
        raise CheckpointError(
            f"{path.name} looks like {looks}: give the whole network's file, with its classifier."
        )
    if not known:
        raise CheckpointError(
            f"{path.name} looks like {looks}: what can be brought here is {', '.join(KINDS)}."
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
    return replace(
        PRESETS[f"{arch}-r50-8f"],
        frames=frames,
        classes=looks.classes,
        depth=looks.depth or 50,
        shift=shift,
        shift_downsample=shift and looks.source == "decisionforce",
        shift_every=every,
    )


def _fitted(
    path: Path, looks: _Looks, spec: ModelSpec, tensors: dict[str, Tensor]
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


def _refuse(path: Path, looks: _Looks, what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise CheckpointError(
            f"{path.name} looks like {looks}, but {what}: {', '.join(names[:_NAMED])}{more}; give "
            "the file of a network that its authors' code made, whole."
        )
