"""A published file's tensors, read without ever running what is in it."""

import pickle
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
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        with warnings.catch_warnings():  # of other pickle protocols: what matters is if it reads
            warnings.simplefilter("ignore")
            content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        OSError,
        RuntimeError,
        SafetensorError,
        TypeError,
        ValueError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as error:
        raise CheckpointError(
            f"{path.name} cannot be read as tensors alone: download it again, or save its "
            "state_dict by itself; other objects in a file are never run."
        ) from error
    return _plain(_state_dict(content), path)


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
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state
