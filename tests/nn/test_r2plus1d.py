"""R(2+1)D is torchvision's: its state dict loads as it is, and the logits are its own."""

import pytest
import torch
from torch import Tensor

from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision
from maagn.nn.build import PRESETS, build
from maagn.nn.r2plus1d import RATES, TRANSFORM
from tests.tiny import clip_tensor, generator, lively, network, spec

from torchvision.models.video import R2Plus1D_18_Weights, r2plus1d_18  # isort: skip


@pytest.fixture(scope="module")
def theirs() -> torch.nn.Module:
    torch.manual_seed(3)
    return lively(r2plus1d_18(weights=None)).eval()


def test_the_logits_are_torchvisions(theirs):
    ours = build(PRESETS["r2plus1d-18-16f"]).eval()
    ours.load_state_dict(theirs.state_dict())
    x: Tensor = torch.randn(1, 3, 16, 48, 56, generator=generator(0))
    with torch.no_grad():
        expected = theirs(x)
        torch.testing.assert_close(ours(x), expected, rtol=1e-5, atol=1e-6)
    assert expected.std() > 1e-2


def test_there_are_as_many_parameters_as_torchvision_counts():
    with torch.device("meta"):
        made = build(PRESETS["r2plus1d-18-16f"])
    counted = R2Plus1D_18_Weights.KINETICS400_V1.meta["num_params"]
    assert sum(p.numel() for p in made.parameters()) == counted


def test_pixels_are_prepared_as_torchvision_does():
    wanted = R2Plus1D_18_Weights.KINETICS400_V1.transforms()
    assert TRANSFORM.mean == pytest.approx(tuple(wanted.mean))
    assert TRANSFORM.std == pytest.approx(tuple(wanted.std))
    assert [TRANSFORM.crop] * 2 == wanted.crop_size
    assert TRANSFORM.resize == wanted.resize_size[0]


@pytest.mark.parametrize("stage", RATES)
def test_a_frame_of_a_stage_is_centred_where_its_rate_says(stage):
    """What it sees of the clip lies around frame i * rate: as far before it as after it."""
    made = network(spec("r2plus1d", frames=128, width=4))
    x = clip_tensor(frames=128, size=16).requires_grad_()
    index = 64 // RATES[stage]
    feature = made.forward_features(x)[stage]
    (slope,) = torch.autograd.grad(feature[:, index].sum(), x)
    seen = slope.abs().sum(dim=(0, 1, 3, 4)).nonzero().flatten()
    assert 0 < seen[0] < seen[-1] < 127  # the clip begins before it, and ends after
    assert seen[0] + seen[-1] == 2 * 64


def test_another_depth_is_refused():
    with pytest.raises(ValueError, match="at depth 18, got 34"):
        build(spec("r2plus1d", depth=34))
