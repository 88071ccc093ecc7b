import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from app.cache import Store
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


def test_the_oldest_go_when_bytes_are_short():
    store = Store(250)
    for key in "abc":
        store.get(key, lambda: np.zeros(100, np.uint8))
    assert (len(store), store.bytes) == (2, 200)
    made = []
    store.get("c", lambda: made.append("c"))
    store.get("a", lambda: made.append("a"))
    assert made == ["a"]
    store.clear()
    assert (len(store), store.bytes) == (0, 0)


def test_what_is_too_large_is_given_and_not_kept():
    store = Store(50)
    assert store.get("a", lambda: np.zeros(100, np.uint8)).size == 100
    assert len(store) == 0


def test_made_once_however_many_ask():
    store, made = Store(1000), []

    def make():
        made.append(threading.get_ident())
        time.sleep(0.05)
        return 7

    with ThreadPoolExecutor(8) as many:
        assert set(many.map(lambda _: store.get("a", make), range(8))) == {7}
    assert len(made) == 1


def test_an_error_is_not_kept():
    store = Store(1000)
    with pytest.raises(ZeroDivisionError):
        store.get("a", lambda: 1 / 0)
    assert store.get("a", lambda: 1) == 1
