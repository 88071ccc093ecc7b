"""The fast twins of the backbone's blocks equal the plain ones."""

import pytest
import torch
from torch import nn

from maagn.nn import resnet
from maagn.nn.resnet import Backbone
from tests.tiny import clip_tensor, generator, lively


def backbone(depth: int) -> Backbone:
    torch.manual_seed(1)
    made = Backbone(depth=depth, width=8, frames=8, shifted=True, stem_pool=False, shortcuts=True)
    return lively(made).eval()


@pytest.mark.parametrize("depth", [18, 50])
def test_a_frozen_backbone_gives_the_features_of_the_plain_one(depth):
    made, x = backbone(depth), clip_tensor(batch=2)
    plain = made(x)  # its parameters may be asked for gradients
    fast = made.requires_grad_(False)(x)
    for stage in (2, 3, 4, 5):
        assert not torch.equal(fast[stage], plain[stage])  # another rounding: another way
        largest = float(plain[stage].detach().abs().max())
        torch.testing.assert_close(fast[stage], plain[stage], rtol=1e-5, atol=1e-5 * largest)


@pytest.mark.parametrize("depth", [18, 50])
def test_the_gradient_of_its_input_is_that_of_the_plain_one(depth):
    made = backbone(depth).double()  # in float32 a ReLU's argument now and then changes its sign
    found = []
    for needed in (True, False):
        x = clip_tensor().double().requires_grad_()
        made.requires_grad_(needed)(x)[5].square().sum().backward()
        found.append(x.grad)
    torch.testing.assert_close(found[1], found[0], rtol=1e-9, atol=1e-9 * found[0].abs().max())


def test_a_convolution_with_more_weights_than_numbers_is_left_alone():
    conv, norm = nn.Conv2d(8, 8, 3, padding=1, bias=False), lively(nn.BatchNorm2d(8)).eval()
    few, many = (torch.randn(1, 8, n, n, generator=generator(2)) for n in (3, 12))
    assert torch.equal(resnet.normalised(few, conv, norm), norm(conv(few)))
    assert not torch.equal(resnet.normalised(many, conv, norm), norm(conv(many)))


def test_training_runs_the_plain_blocks(monkeypatch):
    monkeypatch.setattr(resnet, "folded_block", None)
    monkeypatch.setattr(resnet, "normalised", None)
    made = backbone(18)
    made(clip_tensor())
    made.train().requires_grad_(False)(clip_tensor())  # its statistics are the batch's
    with torch.autocast("cpu", torch.bfloat16):
        made.eval()(clip_tensor())


def test_the_stem_pools_to_the_same_bit():
    made = Backbone(depth=18, width=8, frames=8, shifted=False, stem_pool=True)
    x = torch.randn(6, 8, 17, 20, generator=generator(4)).relu()
    torch.testing.assert_close(made._pooled(x), made.maxpool(x), rtol=0, atol=0)
    assert made._pooled(x).is_contiguous()
