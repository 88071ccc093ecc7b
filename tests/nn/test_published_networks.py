"""I3D, SlowFast, TANet and TDN: what their files at full size (tests/published) cannot show."""

import pytest
import torch

from maagn.nn.build import architecture_of, build
from maagn.nn.i3d import NonLocal
from maagn.nn.tanet import TAM
from maagn.nn.tdn import LearntShift
from tests.tiny import clip_for, clip_tensor, generator, network, randomise, spec


@pytest.mark.parametrize(
    ("arch", "frames", "index", "stage"),
    [("i3d", 128, 32, stage) for stage in (3, 4, 5)]
    + [("i3d", 128, 64, 2), ("tdn", 160, 15, 2), ("tdn", 160, 16, 3)],
)
def test_a_frame_of_a_stage_is_centred_where_its_offset_says(arch, frames, index, stage):
    """What it sees of the clip lies around there: as far before it as after it."""
    made = network(spec(arch, frames=frames)).double()
    x = clip_tensor(frames=frames, size=16).double().requires_grad_()
    (slope,) = torch.autograd.grad(made.forward_features(x)[stage][:, index].sum(), x)
    seen = slope.abs().sum(dim=(0, 1, 3, 4)).nonzero().flatten()
    assert 0 < seen[0] < seen[-1] < frames - 1  # the clip begins before it, and ends after
    told = architecture_of(made.spec).stages(made.spec)[stage - 2]
    assert seen[0] + seen[-1] == 2 * (index * told.rate + told.offset)


@pytest.mark.parametrize("alpha", [2, 4, 8])
def test_the_slow_frames_lie_within_half_of_alpha_of_where_they_are_told(alpha):
    of = spec("slowfast", frames=32, rates=(alpha, 1))
    (told, *_) = architecture_of(of).stages(of)
    slow = torch.linspace(0, 31, 32 // alpha).long()
    at = told.offset + told.rate * torch.arange(32 // alpha)
    assert (slow - at).abs().max() <= alpha / 2


def test_both_pathways_are_in_a_feature_of_slowfast():
    made = network(spec("slowfast"))
    features = made.forward_features(clip_for(made))
    for stage, feature in features.items():
        slow, fast = made._apart(stage, feature)
        assert (slow.shape[2], fast.shape[2]) == (2, 8)
        assert slow.shape[1] == 8 * fast.shape[1]
        assert torch.equal(made._together(slow, fast), feature)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (spec("i3d", depth=18), "I3D is built at depth 50 or 101, got 18"),
        (spec("i3d", frames=7), "multiple of 2 frames, got 7"),
        (spec("slowfast", depth=34), "SlowFast is built at depth 50 or 101, got 34"),
        (spec("slowfast", width=12), "multiple of 8, got 12"),
        (spec("slowfast", rates=(4, 2)), r"\(alpha, 1\), got \(4, 2\)"),
        (spec("slowfast", frames=10), "multiple of alpha = 4 frames, got 10"),
        (spec("slowfast", options=()), "needs a value of its option lateral"),
        (spec("tanet", depth=18), "without shift, got ResNet-18"),
        (spec("tanet", shift=True), "got ResNet-50 with it"),
        (spec("tdn", depth=34), "without shift, got ResNet-34"),
        (spec("tdn", frames=8), "segments of 5 frames, got 8"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused(of, words):
    with pytest.raises(ValueError, match=words):
        build(of)


def test_a_fresh_non_local_block_changes_nothing():
    block, x = NonLocal(8), torch.randn(2, 8, 3, 6, 5, generator=generator(0))
    assert torch.equal(block.eval()(x), x)
    randomise(block, seed=1)
    assert not torch.allclose(block(x), x)
    lonely = torch.randn(2, 8, 3, 1, 1, generator=generator(0))
    assert block(lonely).shape == lonely.shape


def test_a_non_local_block_looks_at_every_place_of_every_frame():
    block = NonLocal(4).eval()
    randomise(block, seed=1)
    x = torch.randn(1, 4, 3, 4, 4, generator=generator(0)).double().requires_grad_()
    block.double()(x)[0, :, 0, 0, 0].sum().backward()
    assert x.grad.abs().sum(dim=1).flatten(2).gt(0).any(dim=2).all()


def test_tam_is_a_convolution_with_a_kernel_of_each_channel_of_the_clip():
    module = TAM(8, frames=5).eval()
    randomise(module, seed=2)
    x = torch.randn(2 * 5, 8, 3, 4, generator=generator(1))
    clip = x.reshape(2, 5, 8, 3, 4).transpose(1, 2)
    pooled = clip.mean(dim=(3, 4))
    weighed = clip * module.local_branch(pooled)[..., None, None]
    kernel = module.global_branch(pooled.reshape(16, 5))
    torch.testing.assert_close(kernel.sum(dim=1), torch.ones(16))
    expected = torch.nn.functional.conv2d(
        weighed.reshape(1, 16, 5, 12), kernel[:, None, :, None], padding=(1, 0), groups=16
    )
    expected = expected.reshape(2, 8, 5, 3, 4).transpose(1, 2).reshape(10, 8, 3, 4)
    torch.testing.assert_close(module(x), expected)


def test_a_fresh_learnt_shift_is_tsms():
    module = LearntShift(16, 4)
    x = torch.randn(4, 16, 2, 2, generator=generator(3))
    found = module(x)
    assert torch.equal(found[:-1, :2], x[1:, :2])
    assert torch.equal(found[1:, 2:4], x[:-1, 2:4])
    assert not found[-1, :2].any()
    assert not found[0, 2:4].any()
    assert torch.equal(found[:, 4:], x[:, 4:])
