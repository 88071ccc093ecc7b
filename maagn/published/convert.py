"""A published network as one of ours: every tensor used, or named as unused."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import torch
from torch import Tensor

from maagn.checkpoint import Provenance, save_model
from maagn.config import PRESETS, ModelSpec, TransformSpec
from maagn.errors import CheckpointError
from maagn.nn.build import build
from maagn.published.file import read_tensors
from maagn.published.names import Source, is_shifted, is_unused, ours, source_of

Kind = Literal["tsm-r50", "tsn-r50", "tpn-r50"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_NAMED = 3  # tensors in an error

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
    """

    spec: ModelSpec
    tensors: dict[str, Tensor]
    unused: tuple[str, ...]
    source: Source


def convert(path: Path, kind: Kind, *, frames: int = 8) -> Converted:
    """Read a published file.

    Args:
        path: of the file.
        kind: what it is; decisionforce's files do not say whether they shift, the others' must
            agree.
        frames: segments that it was trained with.

    Raises:
        CheckpointError: it cannot be read, is of no known source or another network, or has
            tensors that fit nowhere, lacks some, or has some of other shapes.
    """
    state = read_tensors(path)
    names = set(state)
    source = source_of(names)
    if source is None:
        raise CheckpointError(
            f"{path.name} has no names of mit-han-lab, decisionforce, mmaction2 or torchvision: "
            "give a file of one of these."
        )
    used = {name: ours(name, source) for name in state if not is_unused(name)}
    _refuse(path, "has tensors that fit nowhere", [n for n, mine in used.items() if mine is None])
    tensors = {str(mine): state[name] for name, mine in used.items()}
    spec = _spec(path, kind, source, names, tensors, frames)
    _check_shapes(path, spec, tensors)
    return Converted(spec, tensors, tuple(sorted(names - set(used))), source)


def save_converted(
    out: Path,
    converted: Converted,
    *,
    labels: tuple[str, ...],
    trained_on: str,
    command: str,
    published: str = "",
) -> None:
    """Write a network that was brought here as one of our files.

    Args:
        out: the file.
        converted: the network.
        labels: class names in the order of its logits.
        trained_on: the data, for people.
        command: that brought it here.
        published: its published accuracy and who says so, for people.

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
    save_model(out, network, labels=labels, transform=TRANSFORM, provenance=provenance)


def _spec(
    path: Path,
    kind: Kind,
    source: Source,
    names: set[str],
    tensors: dict[str, Tensor],
    frames: int,
) -> ModelSpec:
    says = is_shifted(names)
    if source == "torchvision":
        raise CheckpointError(
            f"{path.name} is an ImageNet network for pictures: give it to `maagn train --start`."
        )
    shift = kind == "tsm-r50" if says is None else says
    if kind == "tpn-r50":
        shift = True if says is None else says  # decisionforce's recipe for Something-Something
    elif shift != (kind == "tsm-r50"):
        raise CheckpointError(f"{path.name} is a {'TSM' if shift else 'TSN'}: say so with --as.")
    if "head.1.weight" not in tensors:
        raise CheckpointError(f"{path.name} has no classifier: give the whole network's file.")
    base = PRESETS[f"{kind}-8f"]
    return replace(
        base,
        frames=frames,
        classes=len(tensors["head.1.weight"]),
        shift=shift,
        shift_downsample=shift and source == "decisionforce",
    )


def _check_shapes(path: Path, spec: ModelSpec, tensors: dict[str, Tensor]) -> None:
    with torch.device("meta"):
        wanted = build(spec).state_dict()
    _refuse(path, f"is no {spec.arch.upper()}, it lacks", sorted(set(wanted) - set(tensors)))
    _refuse(path, f"is no {spec.arch.upper()}, it also has", sorted(set(tensors) - set(wanted)))
    other = [name for name, tensor in wanted.items() if tensors[name].shape != tensor.shape]
    _refuse(path, "has tensors of other shapes", other)


def _refuse(path: Path, what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        raise CheckpointError(
            f"{path.name} {what}: {', '.join(names[:_NAMED])}{more}. Check --as and the file."
        )
