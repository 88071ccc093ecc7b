from importlib import import_module

import numpy as np
import pytest
import torch
from torch import nn

from maagn.explain.attention import gates, shares
from maagn.inference import trace
from maagn.nn.agm import AdaptiveGating
from maagn.nn.taps import record
from tests.tiny import generator, make_model, randomise, spec


def streams(frames: int) -> list[torch.Tensor]:
    return [torch.randn(1, frames, 3, 5, 4, generator=generator(seed)) for seed in (1, 2)]


def test_values_are_the_modules_own(model, run):
    gate_responses = gates(model, run)
    assert [gate.path for gate in gate_responses] == [0, 1, 2]
    for gate, path in zip(gate_responses, model.network.paths, strict=True):
        x = run.taps[f"paths.{gate.path}.input"].detach()
        s, m = path.sdm(x), path.mtam(x)
        z = torch.softmax(path.agm.conv1(torch.cat([s, m], dim=1)), dim=1)
        response = path.agm.gate(z).abs().mean(dim=(0, 2, 3, 4))
        np.testing.assert_allclose(gate.response, response.numpy(), rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(gate.alpha, path.agm.gate.alpha.flatten().numpy())
        np.testing.assert_array_equal(gate.seconds, run.path_seconds[gate.path])
        assert not gate.silent


def test_shares_of_a_frame_sum_to_one(model, run):
    for gate in gates(model, run):
        assert gate.shares.shape == (3, 8 // 2**gate.path)
        assert gate.shares.min() > 0
        np.testing.assert_allclose(gate.shares.sum(axis=0), 1, rtol=1e-6)


def test_shares_worked_out_by_hand():
    # Conv2 doubles the gated temporal stream, Conv3 keeps everything: on frame 0 the terms are
    # |S| = 2, |2 M| = 6 and |2 Y0| = 8, on frame 1 they are 3, 0 and 1.
    agm = AdaptiveGating(2)
    with torch.no_grad():
        agm.conv2.weight.mul_(2)
        agm.conv2.bias.fill_(50)  # no stream owns a bias
        agm.conv3.bias.fill_(70)
    pairs = ([2.0, -3.0], [-3.0, 0.0], [4.0, 0.5])
    s, m, gated = (torch.tensor(pair).reshape(1, 2, 1, 1, 1) for pair in pairs)
    expected = [[2 / 16, 3 / 4], [6 / 16, 0], [8 / 16, 1 / 4]]
    np.testing.assert_allclose(shares(agm, s, m, gated), expected, rtol=1e-6)


def test_shares_of_a_frame_where_nothing_is_are_zero():
    nothing = torch.zeros(1, 2, 1, 1, 1)
    assert not shares(AdaptiveGating(2), nothing, nothing, nothing).any()


@pytest.mark.parametrize("frames", [2, 4, 8, 16])
def test_the_terms_of_equation_16_and_its_biases_are_its_output(frames):
    agm = AdaptiveGating(frames)
    randomise(agm, seed=3)
    for conv in (agm.conv1, agm.gate.inner, agm.gate.outer, agm.conv2, agm.conv3):
        conv.weight.data.mul_(0.2)  # so that 1e-5 is a strict bound on numbers of about one
    s, m = streams(frames)
    with torch.no_grad(), record(agm) as taps:
        whole = agm(s, m)
    gated = taps["gated"]

    def linear(conv: nn.Conv3d, x: torch.Tensor) -> torch.Tensor:
        return conv(x) - conv(torch.zeros_like(x))

    with torch.no_grad():
        terms = [
            linear(agm.conv3, s),
            linear(agm.conv3, linear(agm.conv2, m)),
            linear(agm.conv3, linear(agm.conv2, gated)),
        ]
        biases = agm.conv3(agm.conv2(torch.zeros_like(s)))
    torch.testing.assert_close(sum(terms) + biases, whole, rtol=1e-5, atol=1e-5)
    sizes = torch.stack([term.abs().mean(dim=(0, 2, 3, 4)) for term in terms])
    expected = (sizes / sizes.sum(dim=0)).numpy()
    np.testing.assert_allclose(shares(agm, s, m, gated), expected, rtol=1e-4)


def test_a_new_gate_is_silent_and_both_streams_pass_as_they_are(clip):
    fresh = make_model(spec("maagn"), gated=False)
    run = trace(fresh, clip)
    for gate in gates(fresh, run):
        assert gate.silent
        assert not gate.alpha.any()
        assert not gate.response.any()
        assert not gate.shares[2].any()
        s, m = (
            run.taps[f"paths.{gate.path}.agm.{part}"].detach().abs().mean(dim=(0, 2, 3, 4))
            for part in "sm"
        )
        np.testing.assert_allclose(gate.shares[0], (s / (s + m)).numpy(), rtol=1e-5)


def test_networks_without_agm_have_none(tsn, clip):
    assert gates(tsn, trace(tsn, clip)) == []
    plain = make_model(spec("maagn", fusion="sum"))
    assert gates(plain, trace(plain, clip)) == []


def test_another_class_finds_the_gates_worked_out(model, run, monkeypatch):
    first = gates(model, run)
    monkeypatch.setattr(import_module("maagn.explain.attention"), "shares", None)
    assert gates(model, run) == first
