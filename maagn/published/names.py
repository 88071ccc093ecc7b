"""What published files call each tensor, and what we call it.

Read from the official code: mit-han-lab/temporal-shift-module at 1f6a834, decisionforce/TPN at
117a4d1, open-mmlab/mmaction2 at 4d6c934, facebookresearch/pytorchvideo at f3142bb,
liu-zhy/temporal-adaptive-module at 5fcb46f, MCG-NJU/TDN at a7c7e9b, and torchvision.
`docs/checkpoints.md` tells how each was verified.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Weights = Literal["plain", "ema"]
KINDS = (
    "tsm-r18", "tsm-r34", "tsm-r50", "tsm-r101",
    "tsn-r18", "tsn-r34", "tsn-r50", "tsn-r101",
    "tpn-r50", "tpn-r101",
)  # fmt: skip
"""Networks on a ResNet that the layouts below bring here."""

STEMS = (
    r"base_model\.conv1", r"backbone\.conv1\.conv", r"backbone\.conv1", r"conv1",
    r"blocks\.0\.(?:multipathway_blocks\.0\.)?conv",
)  # fmt: skip
"""What the layouts below call a network's first layer: patterns."""

_BN = r"(weight|bias|running_mean|running_var|num_batches_tracked)"
_BLOCK = r"(layer[1-4]\.\d+)"
Rules = tuple[tuple[str, str], ...]

# Pattern of a published name, and ours; the first that fits the whole name counts.
_RESNET: Rules = (
    (r"conv1\.weight", r"backbone.conv1.weight"),
    (rf"bn1\.{_BN}", r"backbone.bn1.\1"),
    (rf"{_BLOCK}\.conv([123])(?:\.net)?\.weight", r"backbone.\1.conv\2.weight"),
    (rf"{_BLOCK}\.bn([123])\.{_BN}", r"backbone.\1.bn\2.\3"),
    (rf"{_BLOCK}\.downsample\.0\.weight", r"backbone.\1.downsample.0.weight"),
    (rf"{_BLOCK}\.downsample\.1\.{_BN}", r"backbone.\1.downsample.1.\2"),
)
_HEAD = r"head.1.\1"


def _inside(module: str, rules: Rules) -> Rules:
    return tuple((rf"{module}\.{pattern}", ours) for pattern, ours in rules)


_MIT: Rules = (
    *_inside("base_model", _RESNET),
    (r"(?:new_fc|base_model\.fc)\.(weight|bias)", _HEAD),
)
_DECISIONFORCE: Rules = (
    *_inside("backbone", _RESNET),
    (r"cls_head\.fc_cls\.(weight|bias)", _HEAD),
    *_inside(
        "necks",
        (
            (
                r"spatial_modulation\.spatial_modulation\.(\d+)\.(\d+)\.conv\.weight",
                r"pyramid.spatial.\1.\2.0.weight",
            ),
            (
                rf"spatial_modulation\.spatial_modulation\.(\d+)\.(\d+)\.bn\.{_BN}",
                r"pyramid.spatial.\1.\2.1.\3",
            ),
            (r"temporal_modulation_ops\.(\d+)\.conv\.weight", r"pyramid.temporal.\1.0.weight"),
            (r"downsampling_ops\.(\d+)\.conv\.weight", r"pyramid.down.\1.weight"),
            (r"level_fusion_op2\.ops\.(\d+)\.conv\.weight", r"top_down.each.\1.0.weight"),
            (rf"level_fusion_op2\.ops\.(\d+)\.norm\.{_BN}", r"top_down.each.\1.1.\2"),
            (rf"level_fusion_op2\.fusion_conv\.(\d+)\.{_BN}", r"top_down.fuse.\1.\2"),
            (r"level_fusion_op\.ops\.(\d+)\.conv\.weight", r"bottom_up.each.\1.0.weight"),
            (rf"level_fusion_op\.ops\.(\d+)\.norm\.{_BN}", r"bottom_up.each.\1.1.\2"),
            (rf"level_fusion_op\.fusion_conv\.(\d+)\.{_BN}", r"bottom_up.fuse.\1.\2"),
            (rf"pyramid_fusion_op\.(\d+)\.{_BN}", r"fuse.\1.\2"),
            (r"aux_head\.convs\.conv\.weight", r"auxiliary.convolve.0.weight"),
            (rf"aux_head\.convs\.bn\.{_BN}", r"auxiliary.convolve.1.\1"),
            (r"aux_head\.fc\.(weight|bias)", r"auxiliary.classify.1.\1"),
        ),
    ),
)
_MMACTION2: Rules = (
    (r"backbone\.conv1\.conv\.weight", r"backbone.conv1.weight"),
    (rf"backbone\.conv1\.bn\.{_BN}", r"backbone.bn1.\1"),
    (rf"backbone\.{_BLOCK}\.conv([123])\.conv(?:\.net)?\.weight", r"backbone.\1.conv\2.weight"),
    (rf"backbone\.{_BLOCK}\.conv([123])\.bn\.{_BN}", r"backbone.\1.bn\2.\3"),
    (rf"backbone\.{_BLOCK}\.downsample\.conv\.weight", r"backbone.\1.downsample.0.weight"),
    (rf"backbone\.{_BLOCK}\.downsample\.bn\.{_BN}", r"backbone.\1.downsample.1.\2"),
    (r"cls_head\.fc_cls\.(weight|bias)", _HEAD),
    *_inside(
        "neck",
        (
            (
                r"spatial_modulation\.spatial_modulation\.(\d+)\.(\d+)\.conv\.weight",
                r"pyramid.spatial.\1.\2.0.weight",
            ),
            (
                rf"spatial_modulation\.spatial_modulation\.(\d+)\.(\d+)\.bn\.{_BN}",
                r"pyramid.spatial.\1.\2.1.\3",
            ),
            (
                r"temporal_modulation_ops\.(\d+)\.conv\.conv\.weight",
                r"pyramid.temporal.\1.0.weight",
            ),
            (r"downsample_ops\.(\d+)\.conv\.conv\.weight", r"pyramid.down.\1.weight"),
            (
                r"level_fusion_1\.downsamples\.(\d+)\.conv\.conv\.weight",
                r"top_down.each.\1.0.weight",
            ),
            (rf"level_fusion_1\.downsamples\.(\d+)\.conv\.bn\.{_BN}", r"top_down.each.\1.1.\2"),
            (r"level_fusion_1\.fusion_conv\.conv\.weight", r"top_down.fuse.0.weight"),
            (rf"level_fusion_1\.fusion_conv\.bn\.{_BN}", r"top_down.fuse.1.\1"),
            (
                r"level_fusion_2\.downsamples\.(\d+)\.conv\.conv\.weight",
                r"bottom_up.each.\1.0.weight",
            ),
            (rf"level_fusion_2\.downsamples\.(\d+)\.conv\.bn\.{_BN}", r"bottom_up.each.\1.1.\2"),
            (r"level_fusion_2\.fusion_conv\.conv\.weight", r"bottom_up.fuse.0.weight"),
            (rf"level_fusion_2\.fusion_conv\.bn\.{_BN}", r"bottom_up.fuse.1.\1"),
            (r"pyramid_fusion\.conv\.weight", r"fuse.0.weight"),
            (rf"pyramid_fusion\.bn\.{_BN}", r"fuse.1.\1"),
            (r"aux_head\.conv\.conv\.weight", r"auxiliary.convolve.0.weight"),
            (rf"aux_head\.conv\.bn\.{_BN}", r"auxiliary.convolve.1.\1"),
            (r"aux_head\.fc\.(weight|bias)", r"auxiliary.classify.1.\1"),
        ),
    ),
)
_TORCHVISION: Rules = (*_RESNET, (r"fc\.(weight|bias)", _HEAD))


@dataclass(frozen=True)
class Layout:
    """How one code base calls the tensors of its networks.

    Attributes:
        name: of the code base, for people.
        detects: whether names of tensors are its own.
        rules: patterns of its names, and ours; the first that fits the whole name counts.
        tells_shift: whether its names say that a network shifts.
    """

    name: str
    detects: Callable[[set[str]], bool]
    rules: Rules
    tells_shift: bool = True


def _has_base_model(names: set[str]) -> bool:
    return any(name.startswith("base_model.") for name in names)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout("mit-han-lab", _has_base_model, _MIT),
        Layout(
            "decisionforce",
            lambda names: "backbone.conv1.weight" in names,
            _DECISIONFORCE,
            tells_shift=False,
        ),
        Layout("mmaction2", lambda names: "backbone.conv1.conv.weight" in names, _MMACTION2),
        Layout("torchvision", lambda names: "conv1.weight" in names, _TORCHVISION),
    )
}
"""By name, in the order in which a file is tried. A network whose tensors are called here as its
authors call them needs none: its entry in `maagn.nn.build` says so (`PublishedAs`)."""

_DEPTHS: dict[tuple[int, ...], int] = {
    (False, 2, 2, 2, 2): 18,
    (False, 3, 4, 6, 3): 34,
    (True, 3, 4, 6, 3): 50,
    (True, 3, 4, 23, 3): 101,
}
UNUSED = (
    r"cls_head\.new_cls\..*",
    r"base_model\.conv1_temp\..*",
    r"vjepa2\.predictor\..*",
)
"""Made by mmaction2's fully convolutional test once, never refreshed; TDN's first convolution of
pictures, from which that of differences was made; what V-JEPA 2 predicts with while it is
pre-trained: no network reads them."""


def _of_pytorchvideo() -> Rules:
    """PySlowFast's names, which are ours, of what PyTorchVideo numbers.

    Its `blocks` are stem, stages and head. With one pathway the third of them is the pool behind
    res2; with two, it is res3.
    """
    rules: list[tuple[str, str]] = [(r"blocks\.6\.proj\.(weight|bias)", r"head.projection.\1")]
    one = {0: 1, 1: 2, 3: 3, 4: 4, 5: 5}
    two = {block: block + 1 for block in range(5)}
    numbered = [(block, stage, "", "0") for block, stage in one.items()]
    numbered += [
        (block, stage, rf"multipathway_blocks\.{way}\.", str(way))
        for block, stage in two.items()
        for way in (0, 1)
    ]
    for block, stage, inside, way in numbered:
        theirs, mine = rf"blocks\.{block}\.{inside}", rf"s{stage}.pathway{way}"
        residual = rf"{theirs}res_blocks\.(\d+)\."
        rules += [
            (rf"{theirs}conv\.weight", rf"{mine}_stem.conv.weight"),
            (rf"{theirs}norm\.{_BN}", rf"{mine}_stem.bn.\1"),
            (rf"{residual}branch1_conv\.weight", rf"{mine}_res\1.branch1.weight"),
            (rf"{residual}branch1_norm\.{_BN}", rf"{mine}_res\1.branch1_bn.\2"),
            (rf"{residual}branch2\.conv_([abc])\.weight", rf"{mine}_res\1.branch2.\2.weight"),
            (rf"{residual}branch2\.norm_([abc])\.{_BN}", rf"{mine}_res\1.branch2.\2_bn.\3"),
        ]
    for block, stage in two.items():
        fusion, mine = rf"blocks\.{block}\.multipathway_fusion\.", rf"s{stage}_fuse"
        rules += [
            (rf"{fusion}conv_fast_to_slow\.weight", rf"{mine}.conv_f2s.weight"),
            (rf"{fusion}norm\.{_BN}", rf"{mine}.bn.\1"),
        ]
    return tuple(rules)


_BLOCKS_OF_TAM: Rules = tuple(
    (pattern.replace(_BLOCK, rf"{_BLOCK}\.net"), mine)
    for pattern, mine in _RESNET
    if _BLOCK in pattern
)
_TAM: Rules = (
    *_inside("base_model", (*_RESNET[:2], *_BLOCKS_OF_TAM)),
    *_inside(
        rf"base_model\.{_BLOCK}\.tam",
        (
            (r"G\.0\.weight", r"backbone.\1.temporal.global_branch.widen.weight"),
            (rf"G\.1\.{_BN}", r"backbone.\1.temporal.global_branch.norm.\2"),
            (r"G\.3\.weight", r"backbone.\1.temporal.global_branch.kernel.weight"),
            (r"L\.0\.weight", r"backbone.\1.temporal.local_branch.narrow.weight"),
            (rf"L\.1\.{_BN}", r"backbone.\1.temporal.local_branch.norm.\2"),
            (r"L\.3\.weight", r"backbone.\1.temporal.local_branch.widen.weight"),
        ),
    ),
    (r"new_fc\.(weight|bias)", _HEAD),
)

_BIASED = r"(weight|bias)"
_TDN_BLOCK = r"layer([1-4])_bak\.(\d+)"
_TDN: Rules = (
    *_inside(
        "base_model",
        (
            (rf"conv1\.{_BIASED}", r"backbone.conv1.\1"),
            (rf"bn1\.{_BN}", r"backbone.bn1.\1"),
            (r"conv1_5\.0\.weight", r"backbone.motion_stem.0.weight"),
            (rf"conv1_5\.1\.{_BN}", r"backbone.motion_stem.1.\1"),
            (
                r"resnext_layer1\.(\d+)\.(conv\d|bn\d|downsample\.\d)\.(\w+)",
                r"backbone.motion_layer1.\1.\2.\3",
            ),
            (
                rf"{_TDN_BLOCK}\.(conv\d|bn\d|downsample\.\d)\.(\w+)",
                r"backbone.layer\1.\2.\3.\4",
            ),
            (rf"{_TDN_BLOCK}\.shift\.conv\.weight", r"backbone.layer\1.\2.temporal.1.conv.weight"),
            *(
                (
                    rf"{_TDN_BLOCK}\.mse\.{theirs}\.(\w+)",
                    rf"backbone.layer\1.\2.temporal.0.{mine}.\3",
                )
                for theirs, mine in (
                    ("conv1", "narrow.0"),
                    ("bn1", "narrow.1"),
                    ("conv2", "smooth"),
                    ("conv3", "widen.0"),
                    ("bn3", "widen.1"),
                    ("conv3_smallscale2", "coarse.0"),
                    ("bn3_smallscale2", "coarse.1"),
                    ("conv3_smallscale4", "fine.0"),
                    ("bn3_smallscale4", "fine.1"),
                )
            ),
        ),
    ),
    (r"new_fc\.(weight|bias)", _HEAD),
)


@dataclass(frozen=True)
class Respelling:
    """A code base whose networks there are here, under other names.

    Attributes:
        name: of the code base, for people.
        rules: patterns of its names, and ours.
    """

    name: str
    rules: Rules

    def respelt(self, names: Iterable[str]) -> dict[str, str]:
        """Our names by its own, of those that are its own."""
        found = {name: _first(name, self.rules) for name in names}
        return {name: mine for name, mine in found.items() if mine is not None}


RESPELLINGS = (
    Respelling("PyTorchVideo", _of_pytorchvideo()),
    Respelling("liu-zhy/temporal-adaptive-module", _TAM),
    Respelling("MCG-NJU/TDN", _TDN),
)
"""Those that are known, of networks that are `published` in `maagn.nn.build`."""


def source_of(names: set[str]) -> str | None:
    """Whose file has those names, a key of `LAYOUTS`; None where it is nobody's that we know."""
    return next((layout.name for layout in LAYOUTS.values() if layout.detects(names)), None)


def ours(name: str, source: str) -> str | None:
    """Our name of a published tensor; None where there is none."""
    return _first(name, LAYOUTS[source].rules)


def _first(name: str, rules: Rules) -> str | None:
    for pattern, mine in rules:
        match = re.fullmatch(pattern, name)
        if match:
            return match.expand(mine)
    return None


def is_shifted(names: set[str]) -> bool | None:
    """Whether the names say that a network shifts; None where they cannot (decisionforce)."""
    if any(".net." in name for name in names):
        return True
    source = source_of(names)
    return False if source is None or LAYOUTS[source].tells_shift else None


def depth_of(names: Iterable[str]) -> int | None:
    """The ResNet's depth, by its blocks; None where it is none of 18, 34, 50 and 101.

    Args:
        names: ours.
    """
    blocks = {match[1] for name in names if (match := re.search(r"layer(\d\.\d+)\.", name))}
    count = Counter(block[0] for block in blocks)
    deep = any(".conv3." in name for name in names)  # a bottleneck has three convolutions
    return _DEPTHS.get((deep, *(count[stage] for stage in "1234")))


def shift_every(names: Iterable[str]) -> int | None:
    """Whether every block shifts (1) or every second, as in the ResNet-101 of two sources (2).

    Args:
        names: published ones of a network that shifts.

    Returns:
        None where it is neither.
    """
    shifted: dict[int, bool] = {}
    even = True
    for name in names:
        match = re.search(r"layer\d\.(\d+)\.conv1\.(?:conv\.)?(net\.)?weight", name)
        if match:
            number, shifts = int(match[1]), match[2] is not None
            even = even and shifted.setdefault(number, shifts) == shifts
    places = [number for number, shifts in shifted.items() if shifts]
    for every in (1, 2):
        if even and sorted(places) == list(range(0, max(shifted, default=0) + 1, every)):
            return every
    return None


def is_unused(name: str) -> bool:
    """Whether no network reads that tensor."""
    return any(re.fullmatch(pattern, name) for pattern in UNUSED)
