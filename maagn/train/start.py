"""Begin from another network's backbone, as the paper begins from ImageNet's."""

from maagn.checkpoint import load_model
from maagn.errors import CheckpointError
from maagn.nn.build import Network


def start_from(network: Network, file: str) -> str:
    """Copy the backbone's weights out of a checkpoint; the rest of the network stays as it is.

    Args:
        network: changed in place.
        file: a checkpoint, or the name of one in `checkpoints/`.

    Returns:
        The file's SHA-256, hexadecimal.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: not one of ours, or its backbone has other layers.
    """
    model = load_model(file)
    try:
        network.backbone.load_state_dict(model.network.backbone.state_dict())
    except RuntimeError as error:
        raise CheckpointError(
            f"The backbone of {model.name} has other layers than this network's:"
            " start from one of the same depth, width and kind."
        ) from error
    return model.digest
