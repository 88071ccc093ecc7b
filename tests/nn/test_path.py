"""Table 3: how SDM and MTAM meet on a path."""

from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import Tensor

from maagn.config import Fusion
from maagn.nn.maagn import PathBlock
from maagn.nn.taps import record
from tests.nn import reference
from tests.tiny import generator, randomise, spec

SHAPE = (2, 4, 3, 5, 2)


def path(fusion: str) -> tuple[PathBlock, dict[str, dict]]:
    """A float64 path with random weights, and those of each of its modules for the reference."""
    made = PathBlock(SHAPE[1], spec("maagn", fusion=fusion)).double()
    randomise(made, seed=1)
    weights: dict[str, dict] = {"sdm": {}, "mtam": {}, "agm": {}}
    for name, tensor in made.state_dict().items():
        module, _, rest = name.partition(".")
        weights[module][rest] = tensor.numpy()
    return made, weights


def feature() -> Tensor:
    return torch.randn(SHAPE, dtype=torch.float64, generator=generator(2))


def expected(fusion: str, x, weights):
    def sdm(x):
        return reference.eq6_sdm(x, weights["sdm"])

    def mtam(x):
        return reference.eq13_mtam(x, weights["mtam"])

    match fusion:
        case "none":
            return x
        case "sdm":
            return sdm(x)
        case "mtam":
            return mtam(x)
        case "sdm>mtam":  # spatial information first
            return mtam(sdm(x))
        case "mtam>sdm":
            return sdm(mtam(x))
        case "sum":
            return sdm(x) + mtam(x)
        case "agm":
            return reference.eq16_agm(sdm(x), mtam(x), weights["agm"])


@pytest.mark.parametrize("fusion", get_args(Fusion))
def test_each_row_of_table_3(fusion):
    made, weights = path(fusion)
    x = feature()
    theirs = torch.from_numpy(expected(fusion, x.numpy(), weights))
    torch.testing.assert_close(made(x), theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("fusion", "modules"),
    [
        ("none", set()),
        ("sdm", {"sdm"}),
        ("mtam", {"mtam"}),
        ("sdm>mtam", {"sdm", "mtam"}),
        ("mtam>sdm", {"sdm", "mtam"}),
        ("sum", {"sdm", "mtam"}),
        ("agm", {"sdm", "mtam", "agm"}),
    ],
)
def test_a_path_has_the_modules_that_its_row_needs_and_no_more(fusion, modules):
    made, _ = path(fusion)
    assert {name.partition(".")[0] for name, _ in made.named_parameters()} == modules


def test_a_new_path_with_agm_is_one_with_the_plain_sum():
    torch.manual_seed(3)
    gated = PathBlock(4, spec("maagn"))
    plain = PathBlock(4, spec("maagn", fusion="sum"))
    plain.load_state_dict({k: v for k, v in gated.state_dict().items() if "agm" not in k})
    x = feature().float()
    assert torch.equal(gated(x), plain(x))


def test_the_spec_reaches_both_modules():
    changed = spec("maagn", sdm_combine="add", mtam_masks="max", reduction=1, min_hidden=1)
    made = PathBlock(8, changed)
    assert made.sdm.combine == "add"
    assert made.mtam.angles == ("max",)
    assert made.sdm.squeeze.out_channels == 4
    assert made.mtam.mlp[0].out_channels == 8
    assert PathBlock(8, replace(changed, reduction=8)).sdm.squeeze.out_channels == 1


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_fusion_is_refused():
    with pytest.raises(ValueError, match=r"a path fuses by none, sdm, .*agm, got product"):
        PathBlock(8, spec("maagn", fusion="product"))


@pytest.mark.parametrize(("n", "t"), [(1, 2), (3, 8)])
def test_the_fused_inference_path_equals_the_plain_one(n, t):
    made = PathBlock(t, spec("maagn", fusion="agm")).double()
    randomise(made, seed=3)
    x = torch.randn((n, t, 3, 5, 4), dtype=torch.float64, generator=generator(4))
    plain = made(x)
    with torch.inference_mode():
        called = []
        whole, made.agm.forward_fast = (
            made.agm.forward_fast,
            lambda *a, **k: called.append(1) or whole(*a, **k),
        )
        fused = made(x)
    assert called == [1]
    assert torch.allclose(fused, plain, rtol=1e-9, atol=1e-9)


def fast_and_plain(*, batch: int = 2, side: int = 5) -> list[tuple[dict, Tensor, Tensor]]:
    """Taps, feature and gradient of the input, of the plain form and of its fast twin."""
    made = PathBlock(4, spec("maagn")).double()
    randomise(made, seed=3)
    found = []
    for needed in (True, False):
        made.requires_grad_(needed)
        x = torch.randn(batch, 4, 6, side, side, dtype=torch.float64, generator=generator(4))
        x.requires_grad_()
        with record(made) as taps:
            y = made(x)
        found.append((dict(taps), y, torch.autograd.grad(y.square().sum(), x)[0]))
    return found


def test_the_fast_twin_has_the_taps_and_the_gradient_of_the_plain_form():
    (plain, y, slope), (fast, z, same) = fast_and_plain()
    assert list(fast) == list(plain)
    for name, tensor in plain.items():
        torch.testing.assert_close(fast[name], tensor, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(z, y, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(same, slope, rtol=1e-9, atol=1e-7)


def test_the_fast_twin_works_in_parts_of_the_channels(monkeypatch):
    monkeypatch.setattr("maagn.nn.agm._PART", 4 * 25 * 4)  # four of the six channels
    (plain, y, _), (fast, z, _) = fast_and_plain()
    torch.testing.assert_close(fast["agm.gated"], plain["agm.gated"], rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(z, y, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("combine", ["multiply", "add", "subtract"])
def test_streams_that_are_not_the_scaled_feature_are_not_fused(combine):
    made = PathBlock(4, spec("maagn", fusion="agm", sdm_combine=combine)).double()
    randomise(made, seed=3)
    x = torch.randn(SHAPE, dtype=torch.float64, generator=generator(4))
    with torch.inference_mode():
        assert torch.equal(made(x), made.agm(made.sdm(x), made.mtam(x)))
