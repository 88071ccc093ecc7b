"""One safetensors file holds a network: weights, spec, labels, preprocessing and provenance.

A network that was taught (`maagn.teach`) is stored as what differs from the one that it started
from. safetensors holds numbers alone, so opening a file from anyone runs nothing of theirs.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from maagn import folders
from maagn.config import Look, ModelSpec, SamplingSpec, TransformSpec
from maagn.device import choose
from maagn.errors import CheckpointError, ModelError, UnknownModel
from maagn.io import atomic_write, file_digest
from maagn.labels import NO_PAIRS, ClassPairs, ClassRelations
from maagn.nn.adapted import Adapted
from maagn.nn.build import Architecture, architecture_of, build, is_known
from maagn.nn.network import VideoNetwork
from maagn.nn.plugins import load_plugins
from maagn.nn.taps import Stage
from maagn.shown import plural, shortened
from maagn.suggest import closest_first

FOLDER, *_MORE = folders.NETWORKS
"""Where networks are written, and looked for by name before the other places."""

FORMAT = "maagn-1"
DIFFERENCE = "maagn-difference-1"
"""Key of the description in a file of the tensors in which a network differs from its base."""


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


@dataclass(frozen=True)
class Teaching:
    """How a taught network came about.

    Attributes:
        collection: name of the clips that it was taught on; all networks of a teaching share it.
        base: name of the network that it was taught from.
        base_digest: SHA-256 of that network's file, hexadecimal.
        clips: SHA-256 of every clip that it was fitted on, with the number of its class.
    """

    collection: str
    base: str
    base_digest: str
    clips: tuple[tuple[str, int], ...]

    def class_of(self, digest: str) -> int | None:
        """The class under which it was fitted on that clip; None where it was not."""
        return dict(self.clips).get(digest)


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
        taught: of a network that is stored as a difference, from which one, by which clips.
    """

    name: str
    spec: ModelSpec
    labels: tuple[str, ...]
    transform: TransformSpec
    provenance: Provenance
    digest: str
    pairs: ClassPairs = field(default=NO_PAIRS, kw_only=True)
    taught: Teaching | None = field(default=None, kw_only=True)

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

    def __repr__(self) -> str:
        side, origin = self.transform.crop, self.provenance
        lines = [
            f"{type(self).__name__} {self.name}: {self.architecture.title}, "
            f"{plural(len(self.labels), 'class', 'classes')}, "
            f"{plural(self.spec.frames, 'frame')} of {side} x {side} pixels"
        ]
        if self.taught is not None:
            lines.append(
                f"  taught from {self.taught.base}, {plural(len(self.taught.clips), 'clip')} of "
                f"{shortened(self.taught.collection)}"
            )
        elif origin.steps:
            lines.append(f"  trained on {shortened(origin.trained_on)}")
        else:
            lines.append("  no training on record")
        return "\n".join(lines)


@dataclass(frozen=True, eq=False, repr=False)
class Model(CheckpointInfo):
    """A frozen network with all that has to go with it.

    Attributes:
        network: in evaluation mode, no parameter requires a gradient; safe to share by threads.
    """

    network: VideoNetwork

    @property
    def card(self) -> CheckpointInfo:
        """The checkpoint's metadata, without the network."""
        return CheckpointInfo(
            **{one.name: getattr(self, one.name) for one in fields(CheckpointInfo)}
        )


def save_model(
    path: Path,
    network: VideoNetwork,
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
        ModelError: the network is an adapted one (`maagn.adapt`).
        ValueError: the number of labels is not the network's number of classes.
    """
    header = _description(network, labels, transform, provenance, pairs)
    _write(path, network.state_dict(), {"format": FORMAT, "maagn": json.dumps(header)})


def save_difference(
    path: Path,
    network: VideoNetwork,
    base: Model,
    *,
    collection: str,
    clips: tuple[tuple[str, int], ...],
    labels: tuple[str, ...],
    provenance: Provenance,
    pairs: ClassPairs | None = None,
) -> None:
    """Write the tensors in which a network differs from its base, whole or not at all.

    Args:
        path: of the file.
        network: whose weights; it looks at videos as its base does.
        base: that it was taught from.
        collection: name of the clips.
        clips: SHA-256 of every clip that it was fitted on, and the number of its class.
        labels: class names in the order of the logits.
        provenance: how it was taught.
        pairs: opposites and mirrored classes that a person gave for the labels.

    Raises:
        ModelError: the network is an adapted one (`maagn.adapt`).
        ValueError: the number of labels is not the network's number of classes.
    """
    taught = Teaching(collection, base.name, base.digest, clips)
    header = _description(network, labels, base.transform, provenance, pairs)
    header["taught"] = asdict(taught)
    before = base.network.state_dict()
    changed = {
        name: tensor
        for name, tensor in network.state_dict().items()
        if name not in before
        or tensor.shape != before[name].shape
        or not torch.equal(tensor.cpu(), before[name].cpu())
    }
    # Under one key: safetensors writes several in any order, and the same teaching gives one file.
    _write(path, changed, {DIFFERENCE: json.dumps(header)})


def _description(
    network: VideoNetwork,
    labels: tuple[str, ...],
    transform: TransformSpec,
    provenance: Provenance,
    pairs: ClassPairs | None,
) -> dict[str, Any]:
    if isinstance(network, Adapted):
        raise ModelError("No file can hold an adapted network: register its kind to save it.")
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
    return header


def _write(path: Path, tensors: Mapping[str, Tensor], metadata: dict[str, str]) -> None:
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = save(whole, metadata=metadata)
    with atomic_write(path) as part:
        part.write_bytes(content)


def load_model(model: str | Path, device: str | None = None) -> Model:
    """The model of that name in `checkpoints/`, or in that file.

    Args:
        model: the name, or the file.
        device: where it computes, as `maagn.device.choose` takes it; None for the environment's
            choice, else the GPU where there is one.

    Raises:
        DeviceError: there is no such device here.
        UnknownModel: neither a name nor a file.
        CheckpointError: the file is not one of ours, is damaged, does not fit its own spec, or has
            numbers that are not finite; or it is stored as a difference, and the network that it
            differs from is missing or another now.
    """
    chosen = choose(device)
    path = find(model)
    card = load_card(path)
    tensors = _tensors(path, card)
    network = _network(path, card.spec, tensors)
    refuse_unusable(path, network.state_dict())
    network = network.to(chosen)
    return Model(**{one.name: getattr(card, one.name) for one in fields(card)}, network=network)


def _tensors(path: Path, card: CheckpointInfo) -> dict[str, Tensor]:
    """A file's tensors; of a difference, its base's with the file's own in their place."""
    tensors: dict[str, Tensor] = {}
    if card.taught is not None:
        base = _base(path, card.taught)
        tensors = _tensors(base, load_card(base))
    try:
        with safe_open(path, framework="pt") as file:
            # Copied: what the file maps into memory would change, or crash, with the file.
            own = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise _unreadable(path) from error
    return tensors | own


def _base(path: Path, taught: Teaching) -> Path:
    """The file that a difference was made from: of that name, or else of that content."""
    named = _files().get(taught.base)
    if named is not None and file_digest(named) == taught.base_digest:
        return named
    for other in _files().values():
        if file_digest(other) == taught.base_digest:
            return other
    what = "is another file now" if named is not None else "is not there"
    raise CheckpointError(
        f"{path.name} was taught from {taught.base}, which {what}: put the one of SHA-256 "
        f"{taught.base_digest[:12]} back into {FOLDER.name}/, or teach it again."
    )


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
    if not is_described(metadata):
        raise CheckpointError(
            f"{path.name} holds no MAAGN description: choose a file made by `maagn train`."
        )
    header = _header(path, metadata.get(DIFFERENCE) or metadata.get("maagn", ""))
    if (DIFFERENCE in metadata) != ("taught" in header):
        raise _unreadable_description(path)
    return CheckpointInfo(
        name=path.stem,
        spec=ModelSpec.from_dict(header["spec"]),
        labels=tuple(header["labels"]),
        transform=_transform(header),
        provenance=Provenance(**header["provenance"]),
        digest=file_digest(path),
        pairs=ClassPairs.from_dict(header.get("pairs")),
        taught=_teaching(header),
    )


def is_described(metadata: Mapping[str, str]) -> bool:
    """Whether a safetensors file with that metadata is one of ours."""
    return DIFFERENCE in metadata or metadata.get("format") == FORMAT


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path.name} is not a readable safetensors file: choose one made by `maagn train`."
    )


def looked_in() -> tuple[Path, ...]:
    """The folders in which networks are looked for, in this order."""
    return FOLDER, *_MORE


def folder_of(collection: str) -> Path:
    """Where the networks lie that were taught from a collection, or would be written."""
    found = (folder / collection for folder in looked_in())
    return next((folder for folder in found if folder.is_dir()), FOLDER / collection)


def available() -> list[str]:
    """Names of the models in `checkpoints/` and the folders in it, sorted."""
    return sorted(_files())


def _files() -> dict[str, Path]:
    """By name; a file in the folder itself goes before one in a folder in it."""
    found: dict[str, Path] = {}
    for folder in reversed(looked_in()):
        below = sorted(folder.glob("*/*.safetensors"), reverse=True)
        found |= {path.stem: path for path in (*below, *folder.glob("*.safetensors"))}
    return found


def find(model: str | Path) -> Path:
    """The file of that name in `checkpoints/`, or that file."""
    for folder in looked_in():  # asked for a hundred times a page: listing all folders is slow
        if (named := folder / f"{model}.safetensors").is_file():
            return named
    for path in (_files().get(str(model)), Path(model)):
        if path is not None and path.is_file():
            return path
    names = closest_first(str(model), available()) or "none yet"
    raise UnknownModel(f"There is no model {model}: give a safetensors file or one of {names}.")


def _header(path: Path, description: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(description)
        spec = ModelSpec.from_dict(header["spec"])
        here = is_known(spec.arch)
        Provenance(**header["provenance"])
        _transform(header)
        ClassPairs.from_dict(header.get("pairs"))
        _teaching(header)
        if not all(isinstance(label, str) for label in header["labels"]):
            raise TypeError("a label is not a text")
        fits = len(header["labels"]) == header["spec"]["classes"]
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise _unreadable_description(path) from error
    if not here:
        raise _of_unknown_kind(path, spec)
    if not fits:
        raise CheckpointError(f"{path.name} has another number of labels than of classes.")
    return header


def _of_unknown_kind(path: Path, spec: ModelSpec) -> CheckpointError:
    said = (
        f"{path.name} was made by a network kind {str(spec.arch)[:40]} that is not registered "
        "here: import the module that registers it."
    )
    return CheckpointError(" ".join([said, *load_plugins()]))


def _unreadable_description(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path.name} describes its network in a way this version cannot read: train it again."
    )


def _teaching(header: dict[str, Any]) -> Teaching | None:
    given = header.get("taught")
    if given is None:
        return None
    return Teaching(
        collection=str(given["collection"]),
        base=str(given["base"]),
        base_digest=str(given["base_digest"]),
        clips=tuple((str(digest), int(label)) for digest, label in given["clips"]),
    )


def _network(path: Path, spec: ModelSpec, tensors: dict[str, Any]) -> VideoNetwork:
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
