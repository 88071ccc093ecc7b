import torch
from torch import nn

from maagn.nn.resnet import ShiftedConv2d, shift
from tests.tiny import generator


def test_shift_worked_out_by_hand():
    # Eight channels, so one looks ahead and one looks back. Frame t of channel c holds 10 t + c.
    x = torch.tensor([[10.0 * t + c for c in range(8)] for t in range(3)])
    got = shift(x.reshape(1, 3, 8, 1, 1)).reshape(3, 8)
    assert got.tolist() == [
        [10, 0, 2, 3, 4, 5, 6, 7],  # the next frame's channel 0; nothing came before
        [20, 1, 12, 13, 14, 15, 16, 17],
        [0, 11, 22, 23, 24, 25, 26, 27],  # nothing comes after; channel 1 of the frame before
    ]


def test_shift_moves_an_eighth_each_way():
    x = torch.randn(2, 4, 17, 3, 2, generator=generator(1))
    got = shift(x)
    assert torch.equal(got[:, :-1, :2], x[:, 1:, :2])
    assert torch.equal(got[:, 1:, 2:4], x[:, :-1, 2:4])
    assert torch.equal(got[:, :, 4:], x[:, :, 4:])
    assert not got[:, -1, :2].any()
    assert not got[:, 0, 2:4].any()


def test_a_shifted_convolution_convolves_the_shifted_clip():
    plain = nn.Conv2d(8, 4, 1, bias=False)
    twin = ShiftedConv2d.like(nn.Conv2d(8, 4, 1, bias=False), frames=3)
    twin.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 8, 5, 4, generator=generator(2))
    torch.testing.assert_close(twin(x.flatten(0, 1)), plain(shift(x).flatten(0, 1)))


def test_the_gradient_is_that_of_the_copies():
    x = torch.randn(2, 4, 17, 3, 2, dtype=torch.float64, generator=generator(3))
    assert torch.autograd.gradcheck(shift, x.requires_grad_())
