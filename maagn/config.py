"""Frozen specs, and the presets by name: every number that decides what a network is."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Arch = Literal["maagn", "tsn", "tsm", "tpn"]
Fusion = Literal["none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm"]
SdmCombine = Literal["multiply", "add", "residual", "subtract"]
MtamMasks = Literal["max", "avg", "max+avg", "all"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, order=True)
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


@dataclass(frozen=True)
class ModelSpec:
    """Everything that decides a network's layers; stored inside its checkpoint.

    Attributes:
        arch: which network.
        classes: number of classes K.
        frames: number of frames T that it sees.
        depth: of the ResNet: 18, 34, 50 or 101.
        width: channels of the first stage; 64 is torchvision's.
        stem_pool: whether the stem ends in the max pool (without it maps are twice as large).
        shift: temporal shift in every residual block, as in TSM and in TPN's recipe for
            Something-Something.
        levels: backbone stages that feed the pyramid, shallow to deep, 2 to 5 (res2 to res5).
        rates: sampling rate tau of each level's path (maagn): every tau-th frame is kept.
        neck_width: channels of the pyramid's temporal modulation.
        neck_groups: groups of its convolutions.
        fusion: how SDM and MTAM meet on a path (Table 3).
        sdm_combine: how SDM's mask meets the feature (Table 4).
        mtam_masks: which of MTAM's masks are used (Table 5).
        reduction: r of Eq. 4.
        min_hidden: floor of the masks' hidden width (decision 0002).
        dropout: probability before the classifier, in training.
    """

    arch: Arch
    classes: int = 174
    frames: int = 8
    depth: int = 50
    width: int = 64
    stem_pool: bool = True
    shift: bool = False
    levels: tuple[int, ...] = (3, 4, 5)
    rates: tuple[int, ...] = (1, 2, 4)
    neck_width: int = 1024
    neck_groups: int = 32
    fusion: Fusion = "agm"
    sdm_combine: SdmCombine = "residual"
    mtam_masks: MtamMasks = "all"
    reduction: int = 16
    min_hidden: int = 4
    dropout: float = 0.5

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form; `from_dict` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ModelSpec":
        """The spec that `as_dict` wrote (JSON turns tuples into lists; this turns them back)."""
        tuples: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**tuples)


def _family(depth: int, frames: int, *, shift: bool) -> dict[str, ModelSpec]:
    size = f"r{depth}-{frames}f"
    base = ModelSpec("maagn", depth=depth, frames=frames, shift=shift)
    return {
        f"maagn-{size}": base,
        f"tpn-{size}": replace(base, arch="tpn", levels=(4, 5), rates=(1, 1)),
        f"tsm-{size}": replace(base, arch="tsm", shift=True),
        f"tsn-{size}": replace(base, arch="tsn", shift=False),
    }


_DEMO = ModelSpec(
    "maagn",
    classes=16,
    depth=18,
    width=16,
    stem_pool=False,
    shift=True,
    neck_width=128,
    neck_groups=8,
    dropout=0.3,
)

PRESETS: dict[str, ModelSpec] = {
    **_family(50, 8, shift=True),
    **_family(50, 16, shift=True),
    **_family(101, 32, shift=False),  # Kinetics: no shift in the paper's or TPN's recipe
    "maagn-demo": _DEMO,
    "tpn-demo": replace(_DEMO, arch="tpn", levels=(4, 5), rates=(1, 1)),
    "tsm-demo": replace(_DEMO, arch="tsm"),
    "tsn-demo": replace(_DEMO, arch="tsn", shift=False),
}

DEMO_TRANSFORM = TransformSpec(resize=72, crop=64)


@dataclass(frozen=True)
class TrainSpec:
    """One training run; the same spec on the same machine gives the same weights.

    Attributes:
        preset: which network.
        epochs: passes over `clips` freshly rendered clips; no clip is shown twice.
        clips: training clips an epoch.
        validation_clips: clips of the validation split, looked at after every epoch.
        batch: clips an optimiser step.
        learning_rate: peak of AdamW's rate: linear warm-up, then a cosine to zero.
        warmup: part of all steps spent warming up, in [0, 1).
        weight_decay: AdamW's.
        label_smoothing: of the cross entropy, in [0, 1).
        auxiliary_weight: of the auxiliary head's loss (TPN: 0.5).
        seed: of initialisation, order, augmentation and dropout.
    """

    preset: str
    epochs: int = 6
    clips: int = 4800
    validation_clips: int = 480
    batch: int = 16
    learning_rate: float = 2e-3
    warmup: float = 0.1
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    auxiliary_weight: float = 0.5
    seed: int = 0
