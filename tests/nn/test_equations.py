"""Every equation of the paper against the reference that knows nothing of torch."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from maagn.nn.agm import AdaptiveGating
from maagn.nn.mtam import TemporalAttention
from maagn.nn.sdm import SpatialDifference
from tests.nn import reference
from tests.tiny import generator, randomise

# (N, T, C, H, W): every path's T, no two sides alike.
SHAPES = [(2, 2, 3, 4, 5), (1, 4, 5, 2, 3), (3, 8, 2, 5, 4), (1, 16, 7, 3, 1)]
SHAPE_IDS = [f"T={shape[1]}" for shape in SHAPES]
over_shapes = pytest.mark.parametrize("shape", SHAPES, ids=SHAPE_IDS)


def feature(shape: tuple[int, ...], *, seed: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=generator(seed))


def prepared(module: nn.Module, *, seed: int) -> dict[str, np.ndarray]:
    """Random float64 weights in `module`; the same for the reference."""
    module.double()
    randomise(module, seed=seed)
    return {name: tensor.numpy() for name, tensor in module.state_dict().items()}


def agree(ours: Tensor, theirs: np.ndarray) -> None:
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=1e-6, atol=1e-6)


@over_shapes
def test_sdm_mask_is_equations_1_to_5(shape):
    sdm = SpatialDifference(shape[1])
    weights = prepared(sdm, seed=10)
    x = feature(shape, seed=11)
    agree(sdm.mask(x), reference.eq5_mask(x.numpy(), weights))


@over_shapes
@pytest.mark.parametrize("combine", ["multiply", "add", "residual", "subtract"])
def test_sdm_is_equation_6_and_table_4(shape, combine):
    sdm = SpatialDifference(shape[1], combine=combine)
    weights = prepared(sdm, seed=20)
    x = feature(shape, seed=21)
    agree(sdm(x), reference.eq6_sdm(x.numpy(), weights, combine=combine))


@over_shapes
def test_mtam_masks_are_equations_7_to_12(shape):
    mtam = TemporalAttention(shape[1])
    weights = prepared(mtam, seed=30)
    x = feature(shape, seed=31)
    masks = mtam.masks(x)
    assert list(masks) == ["max", "avg", "both"]
    agree(masks["max"], reference.eq7_mask(x.numpy(), weights))
    agree(masks["avg"], reference.eq9_mask(x.numpy(), weights))
    agree(masks["both"], reference.eq12_mask(x.numpy(), weights))


@over_shapes
@pytest.mark.parametrize("masks", ["max", "avg", "max+avg", "all"])
def test_mtam_is_equation_13_and_table_5(shape, masks):
    mtam = TemporalAttention(shape[1], masks=masks)
    weights = prepared(mtam, seed=40)
    x = feature(shape, seed=41)
    agree(mtam(x), reference.eq13_mtam(x.numpy(), weights, masks=masks))


@over_shapes
def test_gate_is_equation_14(shape):
    agm = AdaptiveGating(shape[1])
    weights = prepared(agm, seed=50)
    assert agm.gate.alpha.all()
    x = feature(shape, seed=51)
    agree(agm.gate(x), reference.eq14_gate(x.numpy(), weights))


@over_shapes
def test_agm_is_equations_15_and_16(shape):
    agm = AdaptiveGating(shape[1])
    weights = prepared(agm, seed=60)
    s, m = feature(shape, seed=61), feature(shape, seed=62)
    agree(agm(s, m), reference.eq16_agm(s.numpy(), m.numpy(), weights))


def test_the_reference_convolves_as_worked_out_by_hand():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])[None, None, None]
    kernel = np.arange(9.0).reshape(1, 1, 1, 3, 3)
    got = reference.convolve3d(x, kernel, np.array([0.5]))[0, 0, 0]
    # Top left, the kernel not turned around: 1*4 + 2*5 + 3*7 + 4*8 = 67.
    np.testing.assert_array_equal(got, [[67.5, 57.5], [37.5, 27.5]])


def of_each_channel(equation, x: Tensor, weights: dict[str, np.ndarray]) -> np.ndarray:
    """An equation that pools a whole frame, asked about one channel at a time."""
    return np.concatenate(
        [equation(x.numpy()[:, :, c : c + 1], weights) for c in range(x.shape[2])], axis=2
    )


@over_shapes
def test_a_mask_of_channels_is_that_of_each_channel_alone(shape):
    sdm = SpatialDifference(shape[1], pooling="channel")
    weights = prepared(sdm, seed=60)
    x = feature(shape, seed=61)
    agree(sdm.mask(x), of_each_channel(reference.eq5_mask, x, weights))
    mtam = TemporalAttention(shape[1], pooling="channel")
    weights = prepared(mtam, seed=62)
    masks = mtam.masks(x)
    agree(masks["max"], of_each_channel(reference.eq7_mask, x, weights))
    agree(masks["avg"], of_each_channel(reference.eq9_mask, x, weights))


@over_shapes
def test_equation_12_slides_over_the_channels(shape):
    mtam = TemporalAttention(shape[1], pooling="channel")
    weights = prepared(mtam, seed=63)
    x = feature(shape, seed=64)
    lines = np.concatenate(
        [
            of_each_channel(reference.eq10_average, x, weights),
            of_each_channel(reference.eq11_maximum, x, weights),
        ],
        axis=1,
    )
    joined = reference.convolve1d(lines, weights["joint.weight"], weights["joint.bias"])
    agree(mtam.masks(x)["both"], reference.sigmoid(joined)[..., None, None])


@over_shapes
def test_fast_gating_of_channels_is_the_plain_form(shape):
    agm = AdaptiveGating(shape[1])
    prepared(agm, seed=65)
    x = feature(shape, seed=66)
    n, t, c = shape[:3]
    s, m = (1 + torch.rand(n, t, c, 1, 1, dtype=torch.float64) for _ in range(2))
    agree(agm.forward_fast(x, spatial=s, temporal=m), agm(x * s, x * m).detach().numpy())
