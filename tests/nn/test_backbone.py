import subprocess
import sys
from pathlib import Path

import pytest
import torch
from einops import rearrange
from torch import nn

from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision
from maagn.nn.build import build
from maagn.nn.resnet import Backbone, ShiftedConv2d
from tests.tiny import clip_tensor, lively, spec
from tests.tiny import network as small_network

from torchvision import models  # isort: skip
from torchvision.models.feature_extraction import create_feature_extractor  # isort: skip

ROOT = Path(__file__).parents[2]


def backbone(*, frames: int, shifted: bool = False) -> Backbone:
    torch.manual_seed(0)
    return Backbone(depth=18, width=8, frames=frames, shifted=shifted, stem_pool=False).eval()


def test_every_residual_block_is_shifted_at_its_first_convolution_alone():
    for name, module in backbone(frames=8, shifted=True).named_modules():
        if isinstance(module, nn.Conv2d):
            first_of_block = name.startswith("layer") and name.endswith("conv1")
            assert isinstance(module, ShiftedConv2d) == first_of_block, name


@pytest.mark.parametrize("rate", [2, 4])
def test_every_tau_th_frame_of_a_feature_is_the_feature_of_the_clip_sampled_at_tau(rate):
    whole, sampled = backbone(frames=8), backbone(frames=8 // rate)
    sampled.load_state_dict(whole.state_dict())
    x = clip_tensor(batch=2)
    once, again = whole(x), sampled(x[:, :, ::rate])
    for stage in (2, 3, 4, 5):
        torch.testing.assert_close(once[stage][:, ::rate], again[stage], rtol=1e-5, atol=1e-5)


def test_with_the_shift_a_path_sees_features_of_the_full_rate_clip():
    whole, sampled = backbone(frames=8, shifted=True), backbone(frames=4, shifted=True)
    sampled.load_state_dict(whole.state_dict())
    x = clip_tensor()
    assert (whole(x)[5][:, ::2] - sampled(x[:, :, ::2])[5]).abs().max() > 1e-2


@pytest.mark.parametrize(
    ("stem_pool", "side"), [(True, 8), (False, 16)], ids=["with pool", "without pool"]
)
def test_features_have_the_papers_layout(stem_pool, side):
    made = Backbone(depth=50, width=8, frames=4, shifted=False, stem_pool=stem_pool).eval()
    features = made(clip_tensor(frames=4, batch=2))
    assert {stage: tuple(x.shape) for stage, x in features.items()} == {
        stage: (2, 4, 32 * 2**i, side // 2**i, side // 2**i) for i, stage in enumerate((2, 3, 4, 5))
    }
    assert made.channels == {stage: x.shape[2] for stage, x in features.items()}


@pytest.mark.parametrize("depth", [18, 34, 50, 101])
def test_at_width_64_it_is_torchvisions_network(depth):
    torch.manual_seed(3)
    theirs = lively(getattr(models, f"resnet{depth}")(num_classes=1)).eval()
    ours = Backbone(depth=depth, width=64, frames=2, shifted=False, stem_pool=True).eval()
    state = {k: v for k, v in theirs.state_dict().items() if not k.startswith("fc.")}
    ours.load_state_dict(state)  # every name and shape, and no other
    stages = {f"layer{stage - 1}": f"res{stage}" for stage in (2, 3, 4, 5)}
    x = clip_tensor(frames=2)
    expected = create_feature_extractor(theirs, stages)(rearrange(x, "1 c t h w -> t c h w"))
    for stage, feature in ours(x).items():
        assert torch.equal(feature[0], expected[f"res{stage}"])


def test_weights_are_drawn_as_torchvision_draws_them():
    made = Backbone(depth=50, width=64, frames=2, shifted=True, stem_pool=True)
    for name, module in made.named_modules():
        if isinstance(module, nn.Conv2d):
            fan_out = module.out_channels * module.kernel_size[0] ** 2
            assert module.bias is None, name
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.1), name


@pytest.mark.parametrize(
    "words",
    [
        "import app.server.imports as it; it.FIRST.wait()",
        "import maagn; maagn.load_model('maagn-demo')",
    ],
    ids=["first screen", "network"],
)
def test_nobody_waits_for_torchs_compiler_before_the_first_answer(words):
    said = subprocess.run(
        [sys.executable, "-c", f"{words}; import sys; print('torch._dynamo' in sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert said.stdout == "False\n"


def test_an_unknown_depth_is_refused():
    with pytest.raises(ValueError, match=r"depths \[18, 34, 50, 101\], got 20"):
        Backbone(depth=20, width=8, frames=8, shifted=False, stem_pool=True)


def test_another_number_of_frames_than_the_networks_is_refused():
    with pytest.raises(ValueError, match="this network sees 8 frames, got 4"):
        small_network(spec("tsn"))(clip_tensor(frames=4))


@pytest.mark.parametrize(
    ("strides", "sides"),
    [((2, 2, 2), (8, 4, 2, 1)), ((2, 2, 1), (8, 4, 2, 2)), ((1, 2, 1), (8, 8, 4, 4))],
)
@pytest.mark.parametrize("arch", ["maagn", "tpn"])
def test_strides_decide_how_fine_the_stages_are_and_the_pyramid_follows(arch, strides, sides):
    network = build(spec(arch, strides=strides)).eval()
    features = network.forward_features(torch.zeros(1, 3, 8, 32, 32))
    assert tuple(features[stage].shape[-1] for stage in (2, 3, 4, 5)) == sides
    assert network.forward_head(features).shape == (1, network.spec.classes)


@pytest.mark.parametrize("strides", [(2, 2), (2, 2, 3), (2, 0, 2)])
def test_other_strides_are_refused(strides):
    with pytest.raises(ValueError, match="strides of 1 or 2"):
        build(spec("tsn", strides=strides))
