"""A network that a training may begin from: ours, a published one, or a ResNet for pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from maagn.checkpoint import find, is_described, load_model, refuse_unusable
from maagn.config import ModelSpec
from maagn.io import file_digest
from maagn.published.convert import convert_state
from maagn.published.file import read_state
from maagn.published.likest import is_of_pictures
from maagn.published.names import ours


@dataclass(frozen=True, eq=False)
class Source:
    """A network that another may begin from.

    Attributes:
        name: for people.
        digest: SHA-256 of its file, hexadecimal.
        tensors: by our names, on the CPU.
        spec: what it is; None for a ResNet for pictures, of which there is the backbone alone.
        labels: its classes, in order; None where the file does not name them.
    """

    name: str
    digest: str
    tensors: Mapping[str, Tensor]
    spec: ModelSpec | None = None
    labels: tuple[str, ...] | None = None

    def has_classes(self, labels: tuple[str, ...] | None, classes: int) -> bool:
        """Whether its classes are these, as far as names tell; else by their number."""
        if self.labels is not None and labels is not None:
            return self.labels == labels
        return self.spec is not None and self.spec.classes == classes


def read_source(file: str, *, like: ModelSpec) -> Source:
    """The network in a file.

    Args:
        file: one of ours, or its name in `checkpoints/`; or a published one.
        like: that is to begin from it: says how many frames a published network sees, and which it
            is, where its file cannot.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: it cannot be read, or is no network that is known here.
    """
    path = find(file)
    if _is_ours(path):
        model = load_model(path, "cpu")
        tensors = model.network.state_dict()
        return Source(model.name, model.digest, tensors, model.spec, model.labels)
    state = read_state(path)
    if not is_of_pictures(state):
        found = convert_state(state, path, frames=like.frames, like=like)
        return Source(path.name, file_digest(path), found.tensors, found.spec)
    named = {ours(name, "torchvision"): tensor for name, tensor in state.tensors.items()}
    backbone = {
        name: tensor for name, tensor in named.items() if name and name.startswith("backbone.")
    }
    refuse_unusable(path, backbone)
    return Source(path.name, file_digest(path), backbone)


def _is_ours(path: Path) -> bool:
    """Whether to read it as one of ours; of a damaged file `load_model` says what is wrong."""
    try:
        with safe_open(path, framework="pt") as file:
            return is_described(file.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return path.suffix == ".safetensors"
