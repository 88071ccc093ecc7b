"""The one table of the networks that there are.

A further network is a file in `maagn/nn` and an entry of `ARCHITECTURES`, or somebody's own entry
(`maagn.nn.register`): explanation, evaluation, training, import and the app's names and colours go
by these.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from maagn.config import DEMO_CLASSES, ModelSpec, TransformSpec
from maagn.nn import i3d, mvit, r2plus1d, resnet, s3d, slowfast, swin3d, tdn, tokens
from maagn.nn.baselines import TPN, TSN
from maagn.nn.i3d import I3D
from maagn.nn.maagn import MAAGN, paths_of
from maagn.nn.mvit import MViT
from maagn.nn.network import VideoNetwork
from maagn.nn.plugins import load_plugins
from maagn.nn.r2plus1d import R2Plus1D
from maagn.nn.s3d import S3D
from maagn.nn.slowfast import SlowFast
from maagn.nn.swin3d import Swin3D
from maagn.nn.tanet import TANet
from maagn.nn.taps import Stage
from maagn.nn.tdn import TDN
from maagn.nn.videomae import VideoMAE
from maagn.nn.vjepa2 import VJEPA2


@dataclass(frozen=True)
class PublishedAs:
    """Weights that others published under the very names that a network here gives its tensors.

    Or under names that `maagn.published.names.RESPELLINGS` turns into these.

    Attributes:
        kind: what `maagn import --as` calls the network.
        source: whose code wrote the file.
        preset: the network, but for its number of classes.
        first: name of the first layer.
        classifier: name of the weight with a row a class.
        transform: how its authors prepare pixels.
    """

    kind: str
    source: str
    preset: str
    first: str
    classifier: str
    transform: TransformSpec


def _published(
    presets: Mapping[str, str],
    *,
    source: str,
    first: str,
    classifier: str,
    transform: TransformSpec,
) -> tuple[PublishedAs, ...]:
    """Of one source, by kind."""
    return tuple(
        PublishedAs(kind, source, preset, first, classifier, transform)
        for kind, preset in presets.items()
    )


def _no_paths(_spec: ModelSpec) -> tuple[Stage, ...]:
    return ()


@dataclass(frozen=True)
class Architecture:
    """One kind of network.

    Attributes:
        title: what people read; also the key of its colour in `maagn.figures.palette`.
        colour: `#RRGGBB`, its own wherever it is drawn.
        build: a network with fresh weights; raises ValueError where the spec contradicts itself.
        stages: the stages of a network, shallow first.
        paths: its paths with masks and gates, shallow first; none in most networks.
        backbone: what the names of the tensors before the classifier begin with.
        presets: specs by name.
        published: weights of others that load as they are.
        by_frame: whether its stages see every frame by itself, where nothing is shifted.
    """

    title: str
    colour: str
    build: Callable[[ModelSpec], VideoNetwork]
    stages: Callable[[ModelSpec], tuple[Stage, ...]]
    presets: Mapping[str, ModelSpec]
    paths: Callable[[ModelSpec], tuple[Stage, ...]] = _no_paths
    backbone: tuple[str, ...] = ("backbone.",)
    published: tuple[PublishedAs, ...] = ()
    by_frame: bool = False


def _maagn(spec: ModelSpec) -> MAAGN:
    _check_levels(spec)
    _check_rates(spec)
    return MAAGN(spec)


def _tpn(spec: ModelSpec) -> TPN:
    _check_levels(spec)
    return TPN(spec)


def _tsn(spec: ModelSpec) -> TSN:
    if spec.shift != (spec.arch == "tsm"):
        raise ValueError(f"{spec.arch} is defined by shift={spec.arch == 'tsm'}")
    return TSN(spec)


def _check_levels(spec: ModelSpec) -> None:
    levels = spec.levels
    if len(levels) < 2 or list(levels) != sorted({2, 3, 4, 5}.intersection(levels)):
        raise ValueError(
            "a pyramid stands on two or more levels from 2 to 5, shallow to deep,"
            f" got {', '.join(map(str, levels))}"
        )


def _check_rates(spec: ModelSpec) -> None:
    if len(spec.rates) != len(spec.levels) or min(spec.rates) < 1:
        raise ValueError(
            f"{len(spec.levels)} levels need as many rates, each at least 1,"
            f" got {', '.join(map(str, spec.rates))}"
        )


_BASES: dict[str, ModelSpec] = {
    "r50-8f": ModelSpec("maagn", depth=50, frames=8, shift=True),
    "r50-16f": ModelSpec("maagn", depth=50, frames=16, shift=True),
    # Kinetics: no shift in the paper's or TPN's recipe
    "r101-32f": ModelSpec("maagn", depth=101, frames=32),
    "demo": ModelSpec(
        "maagn",
        classes=DEMO_CLASSES,
        depth=18,
        width=16,
        shift=True,
        strides=(2, 1, 2),  # maps of 14 x 14 at res4
        neck_width=128,
        neck_groups=8,
        dropout=0.3,
    ),
}
"""The paper's backbones, and the small one of the demonstration."""


def _of_the_paper(
    arch: str,
    **changes: Any,  # noqa: ANN401 - fields of ModelSpec
) -> dict[str, ModelSpec]:
    return {f"{arch}-{size}": replace(base, arch=arch, **changes) for size, base in _BASES.items()}


_ATTENDING = replace(_BASES["demo"], pooling="channel", min_hidden=16)
"""MAAGN at the demonstration's size, with masks that vary with the clip (decision 0021)."""

_PYSLOWFAST = ("s1", "s2", "s3", "s4", "s5")
"""What the names of its tensors before the classifier begin with."""


def _slowfast(alpha: int, *, lateral: int) -> ModelSpec:
    options = (("lateral", lateral),)
    return ModelSpec("slowfast", classes=400, frames=32, rates=(alpha, 1), options=options)


_SLOWFASTS = {
    "slowfast-r50-4x16": _slowfast(8, lateral=5),
    "slowfast-r50-8x8": _slowfast(4, lateral=7),
    "slowfast-r101-8x8": replace(_slowfast(4, lateral=5), depth=101),
}
"""By the frames of the slow pathway and the step between them, at Kinetics' rate of frames."""


def _of_pyslowfast(presets: Iterable[str]) -> tuple[PublishedAs, ...]:
    return _published(
        {preset: preset for preset in presets},
        source="PySlowFast",
        first="s1.pathway0_stem.conv",
        classifier="head.projection.weight",
        transform=i3d.TRANSFORM,
    )


def _on_resnet(source: str, presets: Iterable[str]) -> tuple[PublishedAs, ...]:
    return _published(
        {preset: preset for preset in presets},
        source=source,
        first="backbone.conv1",
        classifier="head.1.weight",
        transform=TransformSpec(),
    )


_TANETS = {
    "tanet-r50-8f": ModelSpec("tanet"),
    "tanet-r50-16f": ModelSpec("tanet", frames=16),
}

_TDNS = {
    f"tdn-r{depth}-{segments}x5": ModelSpec("tdn", depth=depth, frames=5 * segments)
    for depth in (50, 101)
    for segments in (8, 16)
}
"""By segments and the frames of each."""


_SWIN = ModelSpec("swin3d", classes=400, frames=32, depth=24, width=96, dropout=0.0)
_SWINS = {
    "swin3d-t-32f": replace(_SWIN, depth=12),
    "swin3d-s-32f": _SWIN,
    "swin3d-b-32f": replace(_SWIN, width=128),
}


def _tokens(arch: str, frames: int, depth: int, width: int, **options: int) -> ModelSpec:
    own = (("patch", 16), ("tubelet", 2), *options.items())
    return ModelSpec(arch, 174, frames, depth, width, dropout=0.0, options=own)


_VIDEOMAES = {
    "videomae-b-16f": _tokens("videomae", 16, 12, 768, side=224, heads=12, hidden=3072),
    "videomae-l-16f": _tokens("videomae", 16, 24, 1024, side=224, heads=16, hidden=4096),
}
_VJEPAS = {
    "vjepa2-l-16f": _tokens("vjepa2", 16, 24, 1024, side=256, heads=16, hidden=4096, pooler=3),
    "vjepa2-g-64f": _tokens("vjepa2", 64, 40, 1408, side=384, heads=22, hidden=6144, pooler=3),
}

ARCHITECTURES: dict[str, Architecture] = {
    "maagn": Architecture(
        title="MAAGN",
        colour="#0072B2",
        build=_maagn,
        stages=resnet.stages_of,
        paths=paths_of,
        presets=_of_the_paper("maagn") | {"maagn-demo": _ATTENDING},
        by_frame=True,
    ),
    "tpn": Architecture(
        title="TPN",
        colour="#009E73",
        build=_tpn,
        stages=resnet.stages_of,
        presets=_of_the_paper("tpn", levels=(4, 5), rates=(1, 1)),
        by_frame=True,
    ),
    "tsm": Architecture(
        title="TSM",
        colour="#D55E00",
        build=_tsn,
        stages=resnet.stages_of,
        presets=_of_the_paper("tsm", shift=True),
        by_frame=True,
    ),
    "tsn": Architecture(
        title="TSN",
        colour="#7F7F7F",
        build=_tsn,
        stages=resnet.stages_of,
        presets=_of_the_paper("tsn", shift=False),
        by_frame=True,
    ),
    "r2plus1d": Architecture(
        title="R(2+1)D",
        colour="#8B5E3C",
        build=R2Plus1D,
        stages=r2plus1d.stages_of,
        backbone=("stem.", "layer"),
        presets={
            "r2plus1d-18-16f": ModelSpec("r2plus1d", classes=400, frames=16, depth=18, dropout=0.0),
        },
        published=_published(
            {"r2plus1d-18": "r2plus1d-18-16f"},
            source="torchvision",
            first="stem.0",
            classifier="fc.weight",
            transform=r2plus1d.TRANSFORM,
        ),
    ),
    "i3d": Architecture(
        title="I3D",
        colour="#332288",
        build=I3D,
        stages=i3d.stages_of,
        backbone=_PYSLOWFAST,
        presets={"i3d-r50-8f": ModelSpec("i3d", classes=400)},
        published=_of_pyslowfast(("i3d-r50-8f",)),
    ),
    "nonlocal": Architecture(
        title="Non-local",
        colour="#AA4499",
        build=I3D,
        stages=i3d.stages_of,
        backbone=_PYSLOWFAST,
        presets={"nonlocal-r50-8f": ModelSpec("nonlocal", classes=400)},
        published=_of_pyslowfast(("nonlocal-r50-8f",)),
    ),
    "slowfast": Architecture(
        title="SlowFast",
        colour="#882255",
        build=SlowFast,
        stages=slowfast.stages_of,
        backbone=_PYSLOWFAST,
        presets=_SLOWFASTS,
        published=_of_pyslowfast(_SLOWFASTS),
    ),
    "tanet": Architecture(
        title="TANet",
        colour="#999933",
        build=TANet,
        stages=resnet.stages_of,
        presets=_TANETS,
        published=_on_resnet("liu-zhy/temporal-adaptive-module", _TANETS),
    ),
    "tdn": Architecture(
        title="TDN",
        colour="#CC6677",
        build=TDN,
        stages=tdn.stages_of,
        presets=_TDNS,
        published=_on_resnet("MCG-NJU/TDN", _TDNS),
    ),
    "s3d": Architecture(
        title="S3D",
        colour="#00838F",
        build=S3D,
        stages=s3d.stages_of,
        backbone=("features.",),
        presets={"s3d-64f": ModelSpec("s3d", classes=400, frames=64, dropout=0.2)},
        published=_published(
            {"s3d": "s3d-64f"},
            source="torchvision",
            first="features.0.0.0",
            classifier="classifier.1.weight",
            transform=s3d.TRANSFORM,
        ),
    ),
    "mvit": Architecture(
        title="MViTv2",
        colour="#004488",
        build=MViT,
        stages=mvit.stages_of,
        backbone=("conv_proj.", "pos_encoding.", "blocks.", "norm."),
        presets={
            "mvit-v2-s-16f": ModelSpec("mvit", classes=400, frames=16, depth=16, width=96),
        },
        published=_published(
            {"mvit-v2-s": "mvit-v2-s-16f"},
            source="torchvision",
            first="conv_proj",
            classifier="head.1.weight",
            transform=mvit.TRANSFORM,
        ),
    ),
    "swin3d": Architecture(
        title="Video Swin",
        colour="#B2182B",
        build=Swin3D,
        stages=swin3d.stages_of,
        backbone=("patch_embed.", "features.", "norm."),
        presets=_SWINS,
        published=_published(
            {preset.removesuffix("-32f"): preset for preset in _SWINS},
            source="torchvision",
            first="patch_embed.proj",
            classifier="head.weight",
            transform=swin3d.TRANSFORM,
        ),
    ),
    "videomae": Architecture(
        title="VideoMAE",
        colour="#B58900",
        build=VideoMAE,
        stages=tokens.stages_of,
        backbone=("videomae.", "fc_norm."),
        presets=_VIDEOMAES,
    ),
    "vjepa2": Architecture(
        title="V-JEPA 2",
        colour="#7A4FBF",
        build=VJEPA2,
        stages=tokens.stages_of,
        backbone=("vjepa2.", "pooler."),
        presets=_VJEPAS,
    ),
}
"""The networks that there are, by `ModelSpec.arch`, in the order in which they stand on a page;
registered ones come last."""

PRESETS: dict[str, ModelSpec] = {
    name: spec
    for architecture in ARCHITECTURES.values()
    for name, spec in architecture.presets.items()
}
"""Specs by name."""


def architectures() -> Mapping[str, Architecture]:
    """`ARCHITECTURES` with those that installed packages bring."""
    load_plugins()
    return ARCHITECTURES


def presets() -> Mapping[str, ModelSpec]:
    """`PRESETS` with those that installed packages bring."""
    load_plugins()
    return PRESETS


def is_known(arch: str) -> bool:
    """Whether there is such a kind of network; packages are asked only where it is not here."""
    return arch in ARCHITECTURES or arch in architectures()


def architecture_of(spec: ModelSpec) -> Architecture:
    """The kind of network that `spec` describes.

    Raises:
        ValueError: there is none.
    """
    if not is_known(spec.arch):
        raise ValueError(f"unknown architecture {spec.arch!r}")
    return ARCHITECTURES[spec.arch]


def build(spec: ModelSpec) -> VideoNetwork:
    """The network that `spec` describes, with fresh weights.

    Raises:
        ValueError: a spec that contradicts itself; the message says where.
    """
    return architecture_of(spec).build(spec)
