"""One safetensors file holds a network: weights, spec, labels, preprocessing and provenance.

safetensors holds numbers alone, so opening a file from anyone runs nothing of theirs.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from maagn.config import Look, ModelSpec, SamplingSpec, TransformSpec
from maagn.errors import CheckpointError, UnknownModel
from maagn.io import atomic_write, file_digest
from maagn.labels import NO_PAIRS, ClassPairs, ClassRelations
from maagn.nn.build import Architecture, Network, architecture_of, build
from maagn.nn.taps import Stage
from maagn.suggest import closest_first

FOLDER = Path(os.environ.get("MAAGN_CHECKPOINTS") or Path(__file__).parents[1] / "checkpoints")
"""Where networks are looked for by name; the environment may name another folder."""

FORMAT = "maagn-1"


@dataclass(frozen=True)
class Provenance:
    """Where weights come from.

    Attributes:
        trained_on: the data, for people.
        command: the command that makes the file again.
        seed: of initialisation, data order and augmentation.
        epochs: passes that were trained.
        steps: optimiser steps.
        clips: training clips seen, repeats included.
        hardware: what it was trained on.
        versions: of the libraries that matter.
        metrics: measured after training, by name; accuracies in [0, 1].
        published: what its authors measured, with the source; nothing for networks trained here.
        history: one row an epoch: loss, rate, validation accuracy, mean |alpha| of every gate.
    """

    trained_on: str
    command: str
    seed: int
    epochs: int
    steps: int
    clips: int
    hardware: str
    versions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    published: str = ""
    history: list[dict[str, int | float]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class CheckpointInfo:
    """What a file says of its network, without the weights.

    Attributes:
        name: the file's name without its ending, for people.
        spec: what the network is.
        labels: class names in the order of the logits.
        transform: how pixels must be prepared.
        provenance: where the weights come from.
        digest: SHA-256 of the file, hexadecimal: the cache key.
        pairs: opposites and mirrored classes that a person gave for it; nothing in older files.
    """

    name: str
    spec: ModelSpec
    labels: tuple[str, ...]
    transform: TransformSpec
    provenance: Provenance
    digest: str
    pairs: ClassPairs = field(default=NO_PAIRS, kw_only=True)

    def or_with(self, pairs: ClassPairs) -> "CheckpointInfo":
        """A copy with these pairs, unless the checkpoint already has pairs of its own."""
        return replace(self, pairs=self.pairs.or_else(pairs))

    @property
    def relations(self) -> ClassRelations:
        """Which of its classes are opposites, and which a mirror exchanges."""
        return ClassRelations.of(self.labels, self.pairs)

    @property
    def architecture(self) -> Architecture:
        """Which kind of network it is."""
        return architecture_of(self.spec)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the network, shallow first."""
        return self.architecture.stages(self.spec)

    @property
    def paths(self) -> tuple[Stage, ...]:
        """Its paths with masks and gates, shallow first; none in most networks."""
        return self.architecture.paths(self.spec)

    @property
    def has_masks(self) -> bool:
        """Whether its paths weigh frames by masks, SDM's or MTAM's."""
        return bool(self.paths) and self.spec.fusion != "none"

    @property
    def sampling(self) -> SamplingSpec:
        """Which frames the network sees."""
        return SamplingSpec(self.spec.frames)

    @property
    def look(self) -> Look:
        """How it looks at a video: at which frames, and at which pixels of them."""
        return self.sampling, self.transform


@dataclass(frozen=True, eq=False)
class Model(CheckpointInfo):
    """A frozen network with all that has to go with it.

    Attributes:
        network: in evaluation mode, no parameter requires a gradient; safe to share by threads.
    """

    network: Network

    @property
    def card(self) -> CheckpointInfo:
        """The checkpoint's metadata, without the network."""
        return CheckpointInfo(
            **{one.name: getattr(self, one.name) for one in fields(CheckpointInfo)}
        )


def save_model(
    path: Path,
    network: Network,
    *,
    labels: tuple[str, ...],
    transform: TransformSpec,
    provenance: Provenance,
    pairs: ClassPairs | None = None,
) -> None:
    """Write one file, whole or not at all.

    Args:
        path: of the file.
        network: whose weights.
        labels: class names in the order of the logits.
        transform: how pixels must be prepared.
        provenance: where the weights come from.
        pairs: opposites and mirrored classes that a person gave for the labels.

    Raises:
        ValueError: the number of labels is not the network's number of classes.
    """
    if len(labels) != network.spec.classes:
        raise ValueError(f"{network.spec.classes} classes need as many labels, got {len(labels)}")
    header: dict[str, Any] = {
        "spec": network.spec.as_dict(),
        "labels": labels,
        "transform": asdict(transform),
        "provenance": asdict(provenance),
    }
    if pairs is not None and pairs != NO_PAIRS:
        header["pairs"] = pairs.as_dict()
    tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    content = save(tensors, metadata={"format": FORMAT, "maagn": json.dumps(header)})
    with atomic_write(path) as part:
        part.write_bytes(content)


def load_model(model: str | Path) -> Model:
    """The model of that name in `checkpoints/`, or in that file; on the GPU where there is one.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: the file is not one of ours, is damaged, does not fit its own spec, or has
            numbers that are not finite.
    """
    path = find(model)
    card = load_card(path)
    try:
        with safe_open(path, framework="pt") as file:
            # Copied: what the file maps into memory would change, or crash, with the file.
            tensors = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise _unreadable(path) from error
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = _network(path, card.spec, tensors)
    refuse_unusable(path, network.state_dict())
    network = network.to(device)
    return Model(**{one.name: getattr(card, one.name) for one in fields(card)}, network=network)


def refuse_unusable(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Refuse weights with which no network can answer.

    Args:
        path: of their file, for people.
        tensors: by name, on the CPU; a name that ends in `running_var` is of variances.

    Raises:
        CheckpointError: a number is infinite or none at all, or a variance is negative.
    """
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.numel():
            continue
        low, high = torch.aminmax(tensor)  # one pass, and a NaN anywhere is a NaN here
        if not (torch.isfinite(low) and torch.isfinite(high)):
            raise CheckpointError(
                f"{path.name} has numbers that are not finite in {name}: use an earlier checkpoint."
            )
        if name.endswith("running_var") and low < 0:
            raise CheckpointError(
                f"{path.name} has a negative variance in {name}: use an earlier checkpoint."
            )


def load_card(model: str | Path) -> CheckpointInfo:
    """What the file of that name says of itself; no weight is read.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: the file is not one of ours, or is damaged.
    """
    path = find(model)
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except (SafetensorError, OSError, ValueError) as error:
        raise _unreadable(path) from error
    if metadata.get("format") != FORMAT:
        raise CheckpointError(
            f"{path.name} holds no MAAGN description: choose a file made by `maagn train`."
        )
    header = _header(path, metadata)
    return CheckpointInfo(
        name=path.stem,
        spec=ModelSpec.from_dict(header["spec"]),
        labels=tuple(header["labels"]),
        transform=_transform(header),
        provenance=Provenance(**header["provenance"]),
        digest=file_digest(path),
        pairs=ClassPairs.from_dict(header.get("pairs")),
    )


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path.name} is not a readable safetensors file: choose one made by `maagn train`."
    )


def available() -> list[str]:
    """Names of the models in `checkpoints/`, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def find(model: str | Path) -> Path:
    """The file of that name in `checkpoints/`, or that file."""
    for path in (FOLDER / f"{model}.safetensors", Path(model)):
        if path.is_file():
            return path
    names = closest_first(str(model), available()) or "none yet"
    raise UnknownModel(f"There is no model {model}: give a safetensors file or one of {names}.")


def _header(path: Path, metadata: dict[str, str]) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(metadata["maagn"])
        architecture_of(ModelSpec.from_dict(header["spec"]))
        Provenance(**header["provenance"])
        _transform(header)
        ClassPairs.from_dict(header.get("pairs"))
        if not all(isinstance(label, str) for label in header["labels"]):
            raise TypeError("a label is not a text")
        fits = len(header["labels"]) == header["spec"]["classes"]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path.name} describes its network in a way this version cannot read: train it again."
        ) from error
    if not fits:
        raise CheckpointError(f"{path.name} has another number of labels than of classes.")
    return header


def _network(path: Path, spec: ModelSpec, tensors: dict[str, Any]) -> Network:
    try:
        with torch.device("meta"):  # a file's spec must not decide how much memory is taken
            network = build(spec)
        network.load_state_dict(tensors, assign=True)
    except (RuntimeError, ValueError, TypeError, ArithmeticError) as error:
        raise CheckpointError(
            f"{path.name} does not fit the network that it describes: the file is damaged."
        ) from error
    return network.float().eval().requires_grad_(False)


def _transform(header: dict[str, Any]) -> TransformSpec:
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in header["transform"].items()
    }
    return TransformSpec(**values)
