"""Frozen specs, and the presets by name: every number that decides what a network is."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Arch = Literal["maagn", "tsn", "tsm", "tpn"]
Fusion = Literal["none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm"]
SdmCombine = Literal["multiply", "add", "residual", "subtract"]
MtamMasks = Literal["max", "avg", "max+avg", "all"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class SamplingSpec:
    """Which frames a network sees: the middle frame of each of `frames` equal segments (TSN)."""

    frames: int = 8


@dataclass(frozen=True)
class TransformSpec:
    """How pixels become the network's input: short side to `resize`, centre `crop`, normalise."""

    resize: int = 256
    crop: int = 224
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
