"""Files in the published layouts with random weights, and what their networks compute.

Written from the published names, on their own: plain functions in double precision that read the
official names directly, so that neither our modules nor our list of names is behind them.
"""

import torch
from torch.nn import functional

ALL = [
    ("mit-han-lab", "tsm"),
    ("mit-han-lab", "tsn"),
    ("decisionforce", "tsm"),
    ("decisionforce", "tpn"),
    ("mmaction2", "tsm"),
    ("mmaction2", "tsn"),
    ("mmaction2", "tpn"),
]
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
WIDTH, NECK = 64, 1024
BN = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}


class Layout:
    """How one source names the parts of a residual network and a pyramid."""

    def __init__(self, source, *, arch, depth=50):
        self.source, self.arch = source, arch
        self.blocks = dict(enumerate(BLOCKS[depth], start=1))
        self.bottleneck = depth >= 50
        self.features = 512 * (4 if self.bottleneck else 1)
        self.mm = source == "mmaction2"
        self.body = "base_model" if source == "mit-han-lab" else "backbone"
        self.shift = arch != "tsn"
        # With 23 blocks in a stage, two sources shift every second one.
        self.every = 2 if depth == 101 and source != "decisionforce" else 1
        self.shifted_shortcut = source == "decisionforce"
        head = "new_fc" if source == "mit-han-lab" else "cls_head.fc_cls"
        self.head = head

    def conv(self, stage, block, number):
        if stage == 0:
            return f"{self.body}.conv1" + (".conv.weight" if self.mm else ".weight")
        name = f"{self.body}.layer{stage}.{block}.conv{number}"
        shifts = self.shift and number == 1 and block % self.every == 0
        net = ".net" if shifts and self.source != "decisionforce" else ""
        return name + (".conv" if self.mm else "") + net + ".weight"

    def bn(self, stage, block, number):
        if stage == 0:
            return f"{self.body}.conv1.bn" if self.mm else f"{self.body}.bn1"
        at = f"{self.body}.layer{stage}.{block}"
        return f"{at}.conv{number}.bn" if self.mm else f"{at}.bn{number}"

    def shortcut(self, stage):
        at = f"{self.body}.layer{stage}.0.downsample"
        return (f"{at}.conv.weight", f"{at}.bn") if self.mm else (f"{at}.0.weight", f"{at}.1")

    def neck(self, part):
        """Convolution and normalisation of a part of the pyramid."""
        mm = {
            "spatial": ("spatial_modulation.spatial_modulation.0.0.conv", "*.bn"),
            "temporal0": ("temporal_modulation_ops.0.conv.conv", None),
            "temporal1": ("temporal_modulation_ops.1.conv.conv", None),
            "down": ("downsample_ops.0.conv.conv", None),
            "top0": ("level_fusion_1.downsamples.0.conv.conv", "*.bn"),
            "top1": ("level_fusion_1.downsamples.1.conv.conv", "*.bn"),
            "top": ("level_fusion_1.fusion_conv.conv", "*.bn"),
            "bottom0": ("level_fusion_2.downsamples.0.conv.conv", "*.bn"),
            "bottom1": ("level_fusion_2.downsamples.1.conv.conv", "*.bn"),
            "bottom": ("level_fusion_2.fusion_conv.conv", "*.bn"),
            "both": ("pyramid_fusion.conv", "*.bn"),
            "aux": ("aux_head.conv.conv", "*.bn"),
        }
        df = {
            "spatial": ("spatial_modulation.spatial_modulation.0.0.conv", "*.bn"),
            "temporal0": ("temporal_modulation_ops.0.conv", None),
            "temporal1": ("temporal_modulation_ops.1.conv", None),
            "down": ("downsampling_ops.0.conv", None),
            "top0": ("level_fusion_op2.ops.0.conv", "*.norm"),
            "top1": ("level_fusion_op2.ops.1.conv", "*.norm"),
            "top": ("level_fusion_op2.fusion_conv.0", "*.1"),
            "bottom0": ("level_fusion_op.ops.0.conv", "*.norm"),
            "bottom1": ("level_fusion_op.ops.1.conv", "*.norm"),
            "bottom": ("level_fusion_op.fusion_conv.0", "*.1"),
            "both": ("pyramid_fusion_op.0", "*.1"),
            "aux": ("aux_head.convs.conv", "*.bn"),
        }
        conv, bn = (mm if self.mm else df)[part]
        at = "neck" if self.mm else "necks"
        norm = None if bn is None else f"{at}.{bn.replace('*', conv.rpartition('.')[0])}"
        return f"{at}.{conv}.weight", norm


def random_state(layout, *, classes, seed=0):
    """A state_dict with every tensor that the source's own code saves."""
    state = {}
    chance = torch.Generator().manual_seed(seed)

    def conv(name, *shape):
        fan = shape[1] * torch.Size(shape[2:]).numel()
        state[name] = torch.randn(*shape, generator=chance) * (2 / fan) ** 0.5

    def bn(name, size):
        for part, middle in BN.items():
            state[f"{name}.{part}"] = middle + 0.1 * torch.rand(size, generator=chance)
        state[f"{name}.num_batches_tracked"] = torch.tensor(3)

    conv(layout.conv(0, 0, 1), WIDTH, 3, 7, 7)
    bn(layout.bn(0, 0, 1), WIDTH)
    before = WIDTH
    for stage, count in layout.blocks.items():
        planes = WIDTH * 2 ** (stage - 1)
        for block in range(count):
            if layout.bottleneck:
                deep = (planes, before, 1, 1), (planes, planes, 3, 3), (4 * planes, planes, 1, 1)
            else:
                deep = (planes, before, 3, 3), (planes, planes, 3, 3)
            shapes, out = deep, deep[-1][0]
            for number, shape in enumerate(shapes, start=1):
                conv(layout.conv(stage, block, number), *shape)
                bn(layout.bn(stage, block, number), shape[0])
            if not block and (before != out or stage > 1):
                name, norm = layout.shortcut(stage)
                conv(name, out, before, 1, 1)
                bn(norm, out)
            before = out
    if layout.arch == "tpn":
        shapes = {
            "spatial": (2048, 1024, 1, 3, 3),
            "temporal0": (NECK, 64, 3, 1, 1),  # 32 groups of 2048
            "temporal1": (NECK, 64, 3, 1, 1),
            "down": (NECK, NECK, 3, 1, 1),
            **dict.fromkeys(("top0", "top1", "bottom0", "bottom1"), (NECK, 32, 1, 1, 1)),
            **dict.fromkeys(("top", "bottom"), (2048, 2 * NECK, 1, 1, 1)),
            "both": (2048, 4096, 1, 1, 1),
            "aux": (2048, 1024, 1, 3, 3),
        }
        for part, shape in shapes.items():
            name, norm = layout.neck(part)
            conv(name, *shape)
            if norm:
                bn(norm, shape[0])
        at = "neck" if layout.mm else "necks"
        state[f"{at}.aux_head.fc.weight"] = torch.randn(classes, 2048, generator=chance) / 50
        state[f"{at}.aux_head.fc.bias"] = torch.randn(classes, generator=chance)
    state[f"{layout.head}.weight"] = torch.randn(classes, layout.features, generator=chance) / 50
    state[f"{layout.head}.bias"] = torch.randn(classes, generator=chance)
    return state


def logits(layout, state, clip):
    """What the published network answers to (t, 3, h, w), in double precision."""
    weights = {name: tensor.double() for name, tensor in state.items()}

    def bn(x, name):
        parts = (weights[f"{name}.{p}"] for p in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *parts)

    def moved(x):
        """An eighth of the channels from the next frame, an eighth from the one before."""
        eighth = x.shape[1] // 8
        nothing = torch.zeros_like(x[:1, :eighth])
        later = torch.cat([x[1:, :eighth], nothing])
        earlier = torch.cat([nothing, x[:-1, eighth : 2 * eighth]])
        return torch.cat([later, earlier, x[:, 2 * eighth :]], dim=1)

    def block(x, stage, number):
        stride = 2 if stage > 1 and not number else 1
        seen = moved(x) if layout.shift and number % layout.every == 0 else x
        # The stride and the width of 3 are those of the 3 x 3 convolution of a bottleneck.
        deep = ((1, 1), (stride, 3), (1, 1)) if layout.bottleneck else ((stride, 3), (1, 3))
        y = seen
        for index, (step, size) in enumerate(deep, start=1):
            weight = weights[layout.conv(stage, number, index)]
            y = functional.conv2d(y, weight, stride=step, padding=size // 2)
            y = bn(y, layout.bn(stage, number, index))
            y = y.relu() if index < len(deep) else y
        name, norm = layout.shortcut(stage)
        if not number and name in weights:
            through = seen if layout.shifted_shortcut else x
            x = bn(functional.conv2d(through, weights[name], stride=stride), norm)
        return (x + y).relu()

    x = functional.conv2d(clip.double(), weights[layout.conv(0, 0, 1)], stride=2, padding=3)
    x = functional.max_pool2d(bn(x, layout.bn(0, 0, 1)).relu(), 3, 2, 1)
    levels = {}
    for stage, count in layout.blocks.items():
        for number in range(count):
            x = block(x, stage, number)
        levels[stage] = x
    head = weights[f"{layout.head}.weight"], weights[f"{layout.head}.bias"]
    if layout.arch != "tpn":
        return functional.linear(x.mean(dim=(2, 3)), *head).mean(dim=0)
    return functional.linear(_pyramid(layout, weights, bn, levels).mean(dim=(2, 3, 4)), *head)[0]


def _pyramid(layout, weights, bn, levels):
    def conv(x, part, **how):
        name, norm = layout.neck(part)
        y = functional.conv3d(x, weights[name], **how)
        return bn(y, norm).relu() if norm else y

    fourth, fifth = (levels[i].transpose(0, 1)[None] for i in (3, 4))
    fourth = conv(fourth, "spatial", stride=(1, 2, 2), padding=(0, 1, 1))
    first, second = (
        functional.max_pool3d(conv(level, f"temporal{i}", padding=(1, 0, 0), groups=32), (8, 1, 1))
        for i, level in enumerate((fourth, fifth))
    )
    first = first + second  # top-down; upsampling by 1 leaves it as it is
    top = torch.cat([conv(x, f"top{i}", groups=32) for i, x in enumerate((first, second))], 1)
    top = conv(top, "top")
    second = second + conv(first, "down", padding=(1, 0, 0))  # from what the first flow made
    bottom = [conv(x, f"bottom{i}", groups=32) for i, x in enumerate((first, second))]
    bottom = conv(torch.cat(bottom, 1), "bottom")
    return conv(torch.cat([top, bottom], 1), "both")
