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
from maagn.nn.build import PRESETS, PublishedAs, architecture_of, build
from maagn.published.file import read_state
from maagn.published.hugging_face import Described, described, our_name
from maagn.published.likest import kinds, likest, of_one_kind, sources, spellings
from maagn.published.names import KINDS as RESNETS
from maagn.published.names import (
    Weights,
    depth_of,
    is_shifted,
    is_unused,
    ours,
    shift_every,
    source_of,
)
from maagn.published.state import State

_NAMED = 3  # tensors in an error
_SEGMENTS = 8  # that networks were trained with, where nothing says how many

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
        kind: one of `kinds()`, or what a folder of transformers describes.
        labels: class names in the order of its logits; none where only their number is known.
    """

    spec: ModelSpec
    tensors: dict[str, Tensor]
    unused: tuple[str, ...]
    source: str
    notice: str = ""
    transform: TransformSpec = TRANSFORM
    kind: str = ""
    labels: tuple[str, ...] = ()


def convert(
    path: Path, kind: str | None = None, *, frames: int | None = None, weights: Weights = "plain"
) -> Converted:
    """Read a published file.

    Args:
        path: of the file, or of a folder of transformers.
        kind: what it is, one of `kinds()`; None where the file's names tell. decisionforce's do not
            tell TSM from TSN.
        frames: that it was trained with; None for 8 segments, or for what its kind always sees.
        weights: the trained weights, or their running average, where a file holds both.

    Raises:
        CheckpointError: it cannot be read, is of no known source or another network, has tensors
            that fit nowhere, lacks some, has some of other shapes or with numbers that are not
            finite; the message says what the file looks like.
    """
    folder = described(path)
    if folder is not None:
        return _of_transformers(folder, kind, frames)
    return convert_state(read_state(path, weights=weights), path, kind, frames=frames)


def convert_state(
    state: State,
    path: Path,
    kind: str | None = None,
    *,
    frames: int | None = None,
    like: ModelSpec | None = None,
) -> Converted:
    """The same of a file that was read.

    Args:
        state: what it holds.
        path: of the file, for people.
        kind: as in `convert`.
        frames: as there.
        like: a network that it is to be like, where neither names nor `kind` tell what it is.

    Raises:
        CheckpointError: as there.
    """
    for author, spelt in spellings(state):
        found = likest(spelt.tensors, author)
        if found:
            if kind is None and like is not None:
                alike = [one for one in found if of_one_kind(PRESETS[one.preset], like)]
                kind = alike[0].kind if len(alike) == 1 else None
            return _as_it_is(path, kind, found, spelt, frames, author)
    names = set(state.tensors)
    source = source_of(names)
    if source is None:
        some = ", ".join(sorted(names)[:_NAMED])
        *most, last = sources()
        raise CheckpointError(
            f"{path.name} has no names of {', '.join(most)} or {last} "
            f"(its tensors are called {some}): give a file of one of these."
        )
    used = {name: ours(name, source) for name in state.tensors if not is_unused(name)}
    tensors = {mine: state.tensors[name] for name, mine in used.items() if mine is not None}
    looks = _Looks.of(source, names, tensors)
    if kind is None and looks.arch is None and like is not None:
        looks = replace(looks, arch="tsm" if like.shift else "tsn")
    kind, spec = _spec(path, kind, looks, names, tensors, frames or _SEGMENTS)
    nowhere = [name for name, mine in used.items() if mine is None]
    _refuse(path, looks, "it has tensors that fit nowhere", nowhere)
    tensors = _fitted(path, looks, spec, tensors)
    refuse_unusable(path, tensors)
    unused = tuple(sorted(names - set(used))) + state.unused
    return Converted(spec, tensors, unused, source, state.notice, kind=kind)


def _of_transformers(folder: Described, kind: str | None, frames: int | None) -> Converted:
    """A network whose numbers stand beside its tensors."""
    state = read_state(folder.weights)
    if kind is not None:
        raise CheckpointError(
            f"{folder.weights.name} is {folder.kind}, as the files beside it say: leave --as out."
        )
    classifier = state.tensors.get("classifier.weight")
    if classifier is None or classifier.dim() == 0:
        raise CheckpointError(
            f"{folder.weights.name} has no classifier: give one that was trained to tell classes "
            "apart."
        )
    spec = replace(folder.spec, classes=len(classifier), frames=frames or folder.spec.frames)
    if len(folder.labels) not in (0, spec.classes):
        raise CheckpointError(
            f"{folder.weights.name} tells {spec.classes} classes apart, but the file beside it "
            f"names {len(folder.labels)}: give those that belong together."
        )
    tensors = {our_name(name): tensor for name, tensor in state.tensors.items()}
    unused = tuple(sorted(filter(is_unused, tensors)))
    used = {name: tensor for name, tensor in tensors.items() if name not in unused}
    used = _fitted(folder.weights, folder.kind, spec, used)
    refuse_unusable(folder.weights, used)
    return Converted(
        spec,
        used,
        unused + state.unused,
        "transformers",
        state.notice,
        transform=folder.transform,
        kind=folder.kind,
        labels=folder.labels,
    )


def _as_it_is(
    path: Path,
    kind: str | None,
    candidates: tuple[PublishedAs, ...],
    state: State,
    frames: int | None,
    author: str | None,
) -> Converted:
    """A network whose tensors need no other names.

    Args:
        path: of the file.
        kind: what it was said to be.
        candidates: what it may be.
        state: its tensors.
        frames: that it was trained with.
        author: whose code wrote the file; None for the one that `candidates` names.
    """
    source = author or candidates[0].source
    looks = f"{architecture_of(PRESETS[candidates[0].preset]).title} of {source}"
    known = {published.kind: published for published in candidates}
    if kind is None and len(known) == 1:
        (kind,) = known
    if kind is None or kind not in known:
        options = " or ".join(f"--as {one}" for one in known)
        raise CheckpointError(f"{path.name} looks like {looks}: give {options}.")
    published = known[kind]
    classifier = state.tensors.get(published.classifier)
    if classifier is None or classifier.dim() == 0:
        raise CheckpointError(
            f"{path.name} looks like {looks}: give the whole network's file, with its classifier."
        )
    preset = PRESETS[published.preset]
    spec = replace(preset, classes=len(classifier), frames=frames or preset.frames)
    unused = tuple(sorted(filter(is_unused, state.tensors)))
    used = {name: tensor for name, tensor in state.tensors.items() if name not in unused}
    tensors = _fitted(path, looks, spec, used)
    refuse_unusable(path, tensors)
    return Converted(
        spec,
        tensors,
        unused + state.unused,
        source,
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
            "TPN: of such networks those of PySlowFast and PyTorchVideo are brought here."
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
    try:
        with torch.device("meta"):
            wanted = build(spec).state_dict()
    except ValueError as error:  # of frames that were asked for
        raise CheckpointError(
            f"{path.name} looks like {looks}, but {error}: give others."
        ) from error
    counters = {name: torch.zeros((), dtype=torch.int64) for name in wanted if _counts(name)}
    tensors = counters | {
        name: tensor.reshape(wanted[name].shape) if _is_padded(tensor, wanted.get(name)) else tensor
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


def _is_padded(tensor: Tensor, wanted: Tensor | None) -> bool:
    """Whether it has what is wanted but for axes of 1 at its end.

    A counter of old BatchNorms has one, a linear layer written as a convolution of size 1 three.
    """
    if wanted is None:
        return False
    return tensor.dim() > wanted.dim() and tensor.shape == wanted.shape + (1,) * (
        tensor.dim() - wanted.dim()
    )


def _refuse(path: Path, looks: object, what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise CheckpointError(
            f"{path.name} looks like {looks}, but {what}: {', '.join(names[:_NAMED])}{more}; give "
            "the file of a network that its authors' code made, whole."
        )
