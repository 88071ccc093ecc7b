"""Parameters and multiply-accumulates of every preset, on the meta device: nothing is computed."""

from functools import cache

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from maagn.config import DEMO_TRANSFORM, TransformSpec
from maagn.nn.build import PRESETS, build


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@cache
def on_meta(preset: str) -> nn.Module:
    with torch.device("meta"):
        return build(PRESETS[preset]).eval()


def macs(preset: str) -> int:
    spec = PRESETS[preset]
    side = (DEMO_TRANSFORM if preset.endswith("demo") else TransformSpec()).crop
    side = int(dict(spec.options).get("side", side))  # where a network has one of its own
    x = torch.empty(1, 3, spec.frames, side, side, device="meta")
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        on_meta(preset)(x)
    flops = counter.get_total_flops()  # two for a multiplication and its addition
    assert flops % 2 == 0
    return flops // 2


def test_parameters_and_macs_of_every_preset(data_regression):
    counts = {
        name: {"parameters": parameters(on_meta(name)), "macs": macs(name)} for name in PRESETS
    }
    data_regression.check(counts)


def test_tpn_has_as_many_parameters_as_the_published_code():
    assert parameters(on_meta("tpn-r50-8f")) == 82_445_724


def test_tsm_has_the_published_size():
    assert round(parameters(on_meta("tsm-r50-8f")) / 1e6, 1) == 23.9
    # Published as 32.9 by a counter that sees normalisation and activations too.
    assert round(macs("tsm-r50-8f") / 1e9, 1) == 32.7


def test_the_papers_modules_add_under_two_per_cent_to_tpn():
    for name in PRESETS:
        if name.startswith("maagn"):
            added = parameters(on_meta(name).paths)
            assert 0 < added < 0.02 * parameters(on_meta(name.replace("maagn", "tpn"))), name


def test_the_flop_counter_counts_two_a_mac():
    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        nn.Conv2d(3, 5, 1, bias=False)(torch.empty(1, 3, 7, 11))
    assert counter.get_total_flops() == 2 * 3 * 5 * 7 * 11
