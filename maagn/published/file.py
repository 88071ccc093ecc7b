"""What a published file holds, read without ever running what is in it."""

import pickle  # nosec B403 # its error alone; nothing is unpickled by it
import re
import warnings
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from maagn.checkpoint import is_described
from maagn.errors import CheckpointError
from maagn.published.names import Weights
from maagn.published.state import State, state_of


class _Skipped:
    """Stands for an object that trainers save beside the tensors: takes anything, holds nothing."""

    def __init__(self, *_args: object) -> None:
        pass

    def __setstate__(self, _state: object) -> None:
        pass


class _Mapping:
    """The same for subclasses of dict, into which the unpickler puts entries."""

    def __new__(cls, *_args: object) -> OrderedDict[Any, Any]:  # type: ignore[misc]
        return OrderedDict()


# Names in a file, and what is made in their place: nothing of NumPy, argparse or any other library
# is called, so that a crafted argument meets no code but the two classes above.
_OBJECTS = (
    "argparse.Namespace",
    "builtins.bool",
    "builtins.dict",
    "builtins.float",
    "builtins.int",
    "builtins.list",
    "builtins.str",
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "mmengine.logging.history_buffer.HistoryBuffer",
    "numpy.dtype",
    "numpy.ndarray",
    *(
        f"numpy.{core}.{name}"
        for core in ("core", "_core")
        for name in ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")
    ),
    *(f"numpy.{kind}{bits}" for kind in ("float", "int") for bits in (16, 32, 64)),
    *(f"omegaconf.base.{name}" for name in ("ContainerMetadata", "Metadata")),
    *(f"omegaconf.{name}" for name in ("dictconfig.DictConfig", "listconfig.ListConfig")),
    *(
        f"omegaconf.nodes.{kind}Node"
        for kind in ("Any", "Boolean", "Enum", "Float", "Integer", "Path", "String")
    ),
    *(
        f"{module}.{kind}Path"
        for module in ("pathlib", "pathlib._local")
        for kind in ("Posix", "PurePosix", "PureWindows", "Windows")
    ),
    "types.SimpleNamespace",
    "typing.Any",
)
_MAPPINGS = (
    "addict.addict.Dict",
    "collections.defaultdict",
    "easydict.EasyDict",
    "fvcore.common.config.CfgNode",
    "lightning.fabric.utilities.data.AttributeDict",
    "lightning_fabric.utilities.data.AttributeDict",
    "mmcv.utils.config.ConfigDict",
    "mmengine.config.config.ConfigDict",
    "pytorch_lightning.utilities.parsing.AttributeDict",
    "yacs.config.CfgNode",
)
_STAND_INS: list[Any] = [
    *((_Skipped, name) for name in _OBJECTS),
    *((_Mapping, name) for name in _MAPPINGS),
]


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Names and tensors of a network in a file, as `read_state` finds them.

    Raises:
        CheckpointError: as there.
    """
    return read_state(path).tensors


def read_state(path: Path, *, weights: Weights = "plain") -> State:
    """The network in a `.pth` of torch, in its zip format or the older one, or in safetensors.

    Only tensors and plain values are read (`weights_only=True`). Objects that trainers leave beside
    the tensors (NumPy's scalars and arrays, argparse's namespaces, paths, configurations) are
    skipped without being made; a file that needs anything else is refused, not run.

    Args:
        path: of the file.
        weights: the trained weights, or their running average, where a file holds both.

    Raises:
        CheckpointError: it is not there, cannot be read, holds no tensors by name, or not those
            weights.
    """
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}: check its name and folder.")
    content = _safetensors(path) if path.suffix == ".safetensors" else read_plain(path)
    return state_of(content, path.name, weights=weights)


def read_plain(path: Path) -> Any:  # noqa: ANN401 - a file holds anything
    """What a file that torch saved holds, of tensors and plain values alone; nothing is run.

    Raises:
        CheckpointError: it cannot be read, needs anything else, or would be larger in memory than
            on disk.
    """
    try:
        _refuse_what_grows(path)
        # Other pickle protocols are warned of: what matters is whether they read.
        with warnings.catch_warnings(), torch.serialization.safe_globals(_STAND_INS):
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
        raise _unreadable(path, error) from error


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            ours = is_described(file.metadata() or {})
        if not ours:
            return load_file(path)
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, error) from error
    raise CheckpointError(
        f"{path.name} is a network of this project already: copy it into checkpoints/ as it is."
    )


def _unreadable(path: Path, error: Exception) -> CheckpointError:
    """Names the type that a file needs, where it needs one."""
    needed = re.search(r"GLOBAL (\S+)", str(error))
    if needed is None:
        return CheckpointError(
            f"{path.name} cannot be read as tensors alone: download it again, or save its "
            "state_dict by itself; other objects in a file are never run."
        )
    return CheckpointError(
        f"{path.name} cannot be read as tensors alone: it holds an object of {needed[1][:80]}, and "
        "objects in a file are never run; where it was made, save the weights by themselves: "
        "torch.save(model.state_dict(), 'weights.pth')."
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
