"""Begin from another network's backbone, as the paper begins from ImageNet's."""

import hashlib
from pathlib import Path

from maagn.checkpoint import load_model, refuse_unusable
from maagn.errors import CheckpointError
from maagn.nn.build import Network
from maagn.published.file import read_tensors
from maagn.published.names import ours, source_of

_PUBLISHED = (".pth", ".pt")


def start_from(network: Network, file: str) -> str:
    """Copy the backbone's weights out of a checkpoint; the rest of the network stays as it is.

    Args:
        network: changed in place.
        file: a checkpoint, or the name of one in `checkpoints/`; or torchvision's `.pth` of an
            ImageNet ResNet, whose classifier is not used.

    Returns:
        The file's SHA-256, hexadecimal.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: not one of ours, or its backbone has other layers.
    """
    if Path(file).suffix in _PUBLISHED:
        return _start_from_pictures(network, Path(file))
    model = load_model(file)
    try:
        network.backbone.load_state_dict(model.network.backbone.state_dict())
    except RuntimeError as error:
        raise CheckpointError(
            f"The backbone of {model.name} has other layers than this network's:"
            " start from one of the same depth, width and kind."
        ) from error
    return model.digest


def _start_from_pictures(network: Network, path: Path) -> str:
    """Torchvision's ResNet; every tensor of the backbone comes from it."""
    state = read_tensors(path)
    if source_of(set(state)) != "torchvision":
        raise CheckpointError(
            f"{path.name} is no ResNet of torchvision: bring it by `maagn import`."
        )
    named = {ours(name, "torchvision"): tensor for name, tensor in state.items()}
    backbone = {
        name.removeprefix("backbone."): tensor
        for name, tensor in named.items()
        if name is not None and name.startswith("backbone.")
    }
    refuse_unusable(path, {f"backbone.{name}": value for name, value in backbone.items()})
    try:
        network.backbone.load_state_dict(backbone)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path.name} has other layers than this network's backbone: "
            "start from a ResNet of the same depth."
        ) from error
    return hashlib.sha256(path.read_bytes()).hexdigest()
