"""A published file's tensors, read without ever running what is in it."""

import pickle  # nosec B403 # its error alone; nothing is unpickled by it
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from maagn.errors import CheckpointError

_CONTAINERS = ("state_dict", "model", "model_state_dict")
_PREFIXES = ("module.",)  # of DataParallel


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Names and tensors of a `.pth` of torch, in its zip format or the older one, or safetensors.

    Only tensors and plain values are accepted (`weights_only=True`): a file that needs anything
    else is refused, not run.

    Raises:
        CheckpointError: it is not there, cannot be read, or holds no tensors by name.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}: check its name and folder.")
    if path.suffix != ".safetensors":
        return _plain(_state_dict(read_plain(path)), path)
    try:
        return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path) from error


def read_plain(path: Path) -> Any:  # noqa: ANN401 - a file holds anything
    """What a file that torch saved holds, of tensors and plain values alone; nothing is run.

    Raises:
        CheckpointError: it cannot be read, needs anything else, or would be larger in memory than
            on disk.
    """
    try:
        _refuse_what_grows(path)
        with warnings.catch_warnings():  # of other pickle protocols: what matters is if it reads
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except (
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path.name} cannot be read as tensors alone: download it again, or save its "
        "state_dict by itself; other objects in a file are never run."
    )


def _refuse_what_grows(path: Path) -> None:
    """Torch's zip files are never compressed, and no part of one lies in another."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as parts:
        packed = any(one.compress_type != zipfile.ZIP_STORED for one in parts.infolist())
        whole = sum(one.file_size for one in parts.infolist())
    if packed or whole > path.stat().st_size:
        raise CheckpointError(
            f"{path.name} is compressed and would grow: save it anew with torch.save."
        )


def _state_dict(content: Any) -> Any:  # noqa: ANN401 - a file holds anything
    for name in _CONTAINERS:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            return content[name]
    return content


def _plain(state: Any, path: Path) -> dict[str, Tensor]:  # noqa: ANN401
    if not isinstance(state, dict) or not state:
        raise CheckpointError(f"{path.name} holds no tensors by name: give a state_dict.")
    if not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise CheckpointError(f"{path.name} holds other things than tensors: give a state_dict.")
    if not all(map(_is_held, state.values())):
        raise CheckpointError(
            f"{path.name} has tensors larger than what the file holds: save copies of them."
        )
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _is_held(tensor: Tensor) -> bool:
    """Whether a tensor has as many numbers as it says; one number may be said to be many."""
    if tensor.layout != torch.strided:
        return False
    return tensor.untyped_storage().nbytes() >= tensor.numel() * tensor.element_size()
