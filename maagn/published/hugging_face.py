"""Folders of the library transformers: weights, and beside them what they are, as JSON.

`config.json` has the network's numbers and the names of its classes, and
`preprocessor_config.json` how pixels are prepared. All of it is read from the disk, and nothing is
looked up anywhere.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maagn.config import ModelSpec, TransformSpec
from maagn.errors import CheckpointError
from maagn.nn import videomae, vjepa2

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
_PREPROCESSORS = ("preprocessor_config.json", "video_preprocessor_config.json")
_LARGEST = 16 * 2**20  # bytes of JSON: names of classes are a few thousand
_NAMELESS = re.compile(r"LABEL_\d+")  # where nobody gave classes names

# transformers called it so before its version 5; the files are as old.
_RENAMED = ((".attention.q_bias", ".attention.query.bias"), (".v_bias", ".value.bias"))


@dataclass(frozen=True)
class Described:
    """What a folder says of its network.

    Attributes:
        weights: the file.
        kind: as `maagn import` tells people.
        spec: the network; its number of classes is what the configuration says.
        transform: how its authors prepare pixels.
        labels: class names in the order of the logits; none where it has none.
    """

    weights: Path
    kind: str
    spec: ModelSpec
    transform: TransformSpec
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Kind:
    """One kind of network, as `config.json` describes it.

    Attributes:
        arch: ours.
        title: for people.
        numbers: `config.json`'s name of each number, by ours.
        defaults: that the library takes where the file is silent.
        fixed: what must be as it is here.
        transform: where no file tells.
        hidden: channels between the layers of a block, from what the file says and the width.
    """

    arch: str
    title: str
    numbers: Mapping[str, str]
    defaults: Mapping[str, int]
    fixed: Mapping[str, object]
    transform: TransformSpec
    hidden: Callable[[Mapping[str, Any], int], Any]


_KINDS = {
    "videomae": _Kind(
        arch="videomae",
        title=videomae.TITLE,
        numbers={
            "side": "image_size", "patch": "patch_size", "frames": "num_frames",
            "tubelet": "tubelet_size", "width": "hidden_size", "depth": "num_hidden_layers",
            "heads": "num_attention_heads",
        },
        defaults={
            "side": 224, "patch": 16, "frames": 16, "tubelet": 2, "width": 768, "depth": 12,
            "heads": 12,
        },
        fixed={
            "use_mean_pooling": True, "hidden_act": "gelu", "num_channels": 3,
            "layer_norm_eps": 1e-12, "qkv_bias": True,
        },
        transform=videomae.TRANSFORM,
        hidden=lambda said, _width: said.get("intermediate_size", 3072),
    ),
    "vjepa2": _Kind(
        arch="vjepa2",
        title=vjepa2.TITLE,
        numbers={
            "side": "crop_size", "patch": "patch_size", "frames": "frames_per_clip",
            "tubelet": "tubelet_size", "width": "hidden_size", "depth": "num_hidden_layers",
            "heads": "num_attention_heads", "pooler": "num_pooler_layers",
        },
        defaults={
            "side": 256, "patch": 16, "frames": 64, "tubelet": 2, "width": 1024, "depth": 24,
            "heads": 16, "pooler": 3,
        },
        fixed={
            "hidden_act": "gelu", "in_chans": 3, "layer_norm_eps": 1e-6, "qkv_bias": True,
        },
        transform=vjepa2.TRANSFORM,
        hidden=lambda said, width: int(width * said.get("mlp_ratio", 4.0)),
    ),
}  # fmt: skip

ARCHS = tuple(each.arch for each in _KINDS.values())
"""Ours, of the networks that can be brought from such folders."""


def described(path: Path) -> Described | None:
    """What the folder says, or the one that the file is in; None where that is none of these.

    Raises:
        CheckpointError: it is one, but cannot be read, or is of a network that there is not here.
    """
    folder = path if path.is_dir() else path.parent
    if path.is_file() and (path.suffix != ".safetensors" or not (folder / CONFIG).is_file()):
        return None
    weights = folder / WEIGHTS if path.is_dir() else path
    if path.is_dir() and not ((folder / CONFIG).is_file() and weights.is_file()):
        raise CheckpointError(
            f"{path.name} needs {CONFIG} and {WEIGHTS} in it, as transformers writes them: give "
            "such a folder, or one file."
        )
    if not weights.is_file():
        return None
    said = _json(folder / CONFIG)
    kind = _KINDS.get(str(said.get("model_type")))
    if kind is None:
        if path.is_file():
            return None
        raise CheckpointError(
            f"{CONFIG} in {folder.name} describes a network of the type "
            f"{str(said.get('model_type'))[:40]}: of transformers, "
            f"{' and '.join(each.title for each in _KINDS.values())} can be brought here."
        )
    labels = _labels(said, folder)
    spec = _spec(said, kind, folder, classes=len(labels) or 1)
    named = () if all(_NAMELESS.fullmatch(label) for label in labels) else labels
    transform = _transform(folder, kind, side=spec.option("side"))
    return Described(weights, f"{kind.title}, {spec.depth} blocks", spec, transform, named)


def our_name(name: str) -> str:
    """The name that a tensor has in the library's present version, and so here."""
    for before, now in _RENAMED:
        if name.endswith(before):
            return name.removesuffix(before) + now
    return name


def _spec(said: Mapping[str, Any], kind: _Kind, folder: Path, *, classes: int) -> ModelSpec:
    for field, wanted in kind.fixed.items():
        if said.get(field, wanted) != wanted:
            raise CheckpointError(
                f"{CONFIG} in {folder.name} has {field} = {str(said[field])[:40]}: {kind.title} is "
                f"built here with {wanted} alone."
            )
    numbers = {
        ours: _whole(said.get(theirs, kind.defaults[ours]), theirs, folder)
        for ours, theirs in kind.numbers.items()
    }
    try:
        hidden = kind.hidden(said, numbers["width"])
    except (TypeError, ValueError, OverflowError):
        hidden = None
    numbers["hidden"] = _whole(hidden, "width of the blocks' layers", folder)
    frames, depth, width = (numbers.pop(name) for name in ("frames", "depth", "width"))
    options = tuple(numbers.items())
    return ModelSpec(kind.arch, classes, frames, depth, width, dropout=0.0, options=options)


def _whole(value: Any, field: str, folder: Path) -> int:  # noqa: ANN401 - JSON holds anything
    """A number of the configuration; a pair of equal ones is one."""
    if isinstance(value, list) and value and all(each == value[0] for each in value):
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise CheckpointError(
            f"{CONFIG} in {folder.name} has {field} = {str(value)[:40]}, which is no whole number "
            "from 1: give the file that belongs to the weights."
        )
    return value


def _labels(said: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """Names of classes, in the order of their numbers."""
    names = said.get("id2label") or {}
    try:
        numbered = {int(number): str(name) for number, name in names.items()}
    except (AttributeError, TypeError, ValueError):
        numbered = {-1: ""}
    if sorted(numbered) != list(range(len(numbered))):
        raise CheckpointError(
            f"{CONFIG} in {folder.name} does not number its classes from 0 on, in id2label: give "
            "the file that belongs to the weights."
        )
    return tuple(numbered[number] for number in range(len(numbered)))


def _transform(folder: Path, kind: _Kind, *, side: int) -> TransformSpec:
    """How pixels are prepared; what no file says is the library's."""
    file = next((folder / name for name in _PREPROCESSORS if (folder / name).is_file()), None)
    said = {} if file is None else _json(file)
    resize = round(side * kind.transform.resize / kind.transform.crop)
    try:
        resize = _pixels(said.get("size"), resize)
        crop = _pixels(said.get("crop_size"), side) if said.get("do_center_crop", True) else side
        mean = _colours(said.get("image_mean", kind.transform.mean))
        std = _colours(said.get("image_std", kind.transform.std))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{_name(file)} in {folder.name} says in a way that is not known how pixels are "
            "prepared: give the file that belongs to the weights."
        ) from error
    if crop != side or resize < side or min(std) <= 0:
        raise CheckpointError(
            f"{_name(file)} in {folder.name} prepares {crop} x {crop} pixels of {resize}, but the "
            f"network sees {side} x {side}: give the file that belongs to the weights."
        )
    return TransformSpec(resize=resize, crop=crop, mean=mean, std=std)


def _name(file: Path | None) -> str:
    return CONFIG if file is None else file.name


def _pixels(value: Any, otherwise: int) -> int:  # noqa: ANN401 - JSON holds anything
    """Of a side: a number, or one in a dictionary under one of the library's names."""
    if value is None:
        return otherwise
    if isinstance(value, dict):
        value = value["shortest_edge"] if "shortest_edge" in value else value["height"]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("no number of pixels")
    return value


def _colours(values: Any) -> tuple[float, float, float]:  # noqa: ANN401 - JSON holds anything
    red, green, blue = (float(value) for value in values)
    if not all(map(math.isfinite, (red, green, blue))):
        raise ValueError("no numbers of a colour")
    return red, green, blue


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name} cannot be read as JSON: download it again.") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} holds no names and values: download it again.")
    return content
