import contextvars
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch
from torch import nn

from maagn.nn.taps import Tap, record
from tests.tiny import clip_tensor, network, spec


class Doubling(nn.Module):
    """x -> first tap -> 2 x -> second tap."""

    def __init__(self):
        super().__init__()
        self.first_tap = Tap()
        self.inner = nn.Sequential()
        self.inner.second_tap = Tap()

    def forward(self, x):
        return self.inner.second_tap(2 * self.first_tap(x))


def test_names_are_the_modules_own_without_the_word_tap():
    with record(Doubling()) as taps:
        pass
    assert taps == {}
    model = Doubling()
    with record(model) as taps:
        model(torch.tensor([1.0, 3.0]))
    assert list(taps) == ["first", "inner.second"]
    assert taps["first"].tolist() == [1, 3]
    assert taps["inner.second"].tolist() == [2, 6]


def test_every_step_of_the_network_has_its_name():
    model = network(spec("maagn"))
    with record(model) as taps:
        model(clip_tensor())
    path = ["input", "sdm.change", "sdm.mask", "mtam.mask_max", "mtam.mask_avg", "mtam.mask_both"]
    path += ["mtam.sum", "agm.s", "agm.m", "agm.z", "agm.gated", "output"]
    assert set(taps) == {
        "votes",
        *(f"backbone.res{stage}" for stage in (2, 3, 4, 5)),
        *(f"paths.{index}.{part}" for index in range(3) for part in path),
        *(f"pyramid.level{index}" for index in range(3)),
    }


def test_nothing_is_recorded_outside_the_block():
    model = Doubling()
    model(torch.ones(1))
    with record(model) as taps:
        pass
    model(torch.ones(1))
    assert taps == {}


def test_another_model_is_not_recorded():
    model, other = Doubling(), Doubling()
    with record(model) as taps:
        other(torch.ones(1))
    assert taps == {}


def test_an_inner_recording_gives_the_outer_one_back():
    model = Doubling()
    with record(model) as outer:
        with record(model) as inner:
            model(torch.ones(1))
        assert list(inner) == ["first", "inner.second"]
        assert outer == {}
        model(torch.zeros(1))
    assert outer["first"].item() == 0
    assert inner["first"].item() == 1


def test_an_exception_in_the_block_ends_the_recording():
    model = Doubling()
    with pytest.raises(KeyError), record(model) as taps:
        raise KeyError
    model(torch.ones(1))
    assert taps == {}


def test_another_thread_does_not_see_this_ones_recording():
    model = Doubling()
    with record(model) as taps, ThreadPoolExecutor(1) as pool:
        pool.submit(model, torch.ones(1)).result()
        assert taps == {}
        # A thread that is handed this context on purpose does.
        pool.submit(contextvars.copy_context().run, model, torch.ones(1)).result()
        assert list(taps) == ["first", "inner.second"]


def test_four_threads_on_one_model_each_get_their_own_tensors():
    model = network(spec("maagn"))
    clips = [clip_tensor(seed=seed) for seed in range(4)]
    together = Barrier(4)

    def run(index):
        kept = []
        for _ in range(10):
            together.wait(timeout=60)
            with torch.no_grad(), record(model) as taps:
                model(clips[index])
            kept.append(dict(taps))
        return kept

    alone = []
    for x in clips:
        with torch.no_grad(), record(model) as taps:
            model(x)
        alone.append(dict(taps))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, range(4)))
    for kept, expected in zip(found, alone, strict=True):
        for taps in kept:
            assert list(taps) == list(expected)
            for name, tensor in taps.items():
                torch.testing.assert_close(tensor, expected[name], rtol=0, atol=1e-6)
    assert not torch.allclose(alone[0]["votes"], alone[1]["votes"], atol=1e-3)


def test_a_tap_is_the_identity_and_has_no_weights():
    x = torch.ones(2)
    assert Tap()(x) is x
    assert not Tap().state_dict()
    assert not any("tap" in key for key in network(spec("maagn")).state_dict())


def test_in_a_frozen_network_the_graph_begins_at_the_first_tap():
    model = network(spec("maagn")).requires_grad_(False)
    with torch.enable_grad(), record(model) as taps:
        logits = model(clip_tensor())
    assert taps["backbone.res2"].is_leaf
    assert taps["backbone.res2"].requires_grad
    assert not taps["backbone.res3"].is_leaf
    gradient = torch.autograd.grad(logits[0, 0], taps["backbone.res2"])[0]
    assert gradient.abs().sum() > 0


def test_the_graph_begins_only_where_it_may():
    model = network(spec("maagn")).requires_grad_(False)
    with torch.enable_grad(), record(model, leaves={"backbone.res4"}) as taps:
        model(clip_tensor())
    attached = {name for name, tensor in taps.items() if tensor.requires_grad}
    assert taps["backbone.res4"].is_leaf
    assert {"backbone.res4", "backbone.res5", "paths.1.output", "votes"} <= attached
    assert not {"backbone.res2", "backbone.res3", "paths.0.output"} & attached


def test_without_gradients_nothing_is_attached():
    model = network(spec("maagn")).requires_grad_(False)
    with torch.inference_mode(), record(model) as taps:
        model(clip_tensor())
    assert not any(tensor.requires_grad for tensor in taps.values())
