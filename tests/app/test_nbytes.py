from dataclasses import dataclass

import numpy as np
import torch

from app.nbytes import nbytes


@dataclass(frozen=True)
class Pair:
    one: object
    other: object


def test_the_weight_of_what_is_reached_each_buffer_once():
    frames = np.zeros((10, 10), np.uint8)
    assert nbytes(frames) == 100
    assert nbytes(frames[:2]) == 100  # a view keeps the whole
    assert nbytes(Pair(frames, frames[1:])) == 100
    assert nbytes({"a": torch.zeros(5), "b": [frames, (frames.copy(),)]}) == 220
    assert nbytes(torch.zeros(100)[:1]) == 400
    assert nbytes(Pair(torch.nn.Linear(9, 9), "four")) == 4


def test_a_tensor_with_a_graph_weighs_what_the_graph_keeps():
    weights = torch.nn.Linear(100, 100)
    x = torch.zeros(10, 100).requires_grad_()
    y = weights.requires_grad_(False)(x).exp().sum()
    assert nbytes(y) == 4 + 4000  # the sum, and what exp keeps for its gradient
    assert nbytes(y.detach()) == 4
    both = [y, weights(x).sigmoid()]
    assert nbytes(both) == 4 + 4000 + 4000  # the second's own result is what it keeps
