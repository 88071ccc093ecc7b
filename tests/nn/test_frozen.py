import torch
from torch import nn

from maagn.nn.taps import is_inference


def test_a_module_whose_parameters_may_be_asked_for_gradients_is_not_frozen():
    layer = nn.Linear(2, 2)
    assert not is_inference(layer)
    with torch.no_grad():
        assert is_inference(layer)
    layer.weight.requires_grad_(False)
    assert not is_inference(layer)  # its bias is left
    assert is_inference(layer.requires_grad_(False))


def test_under_autocast_nothing_is():
    layer = nn.Linear(2, 2).requires_grad_(False)
    with torch.autocast("cpu", torch.bfloat16):
        assert not is_inference(layer)
