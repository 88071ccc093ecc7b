"""Attention rollout against the definition, worked out in NumPy's double precision."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from maagn.errors import NonFinitePrediction, UnknownMethod
from maagn.explain.cam import cam
from maagn.explain.rollout import has_rollout, rollout
from maagn.inference import trace
from tests.nn.test_transformers_networks import ours_of, theirs_of
from tests.tiny import SPECS, make_clip, make_model, spec


def by_hand(theirs: torch.nn.Module, clip: np.ndarray) -> np.ndarray:
    """From the library's own matrices: heads' mean, half the identity, and their product."""
    x = torch.from_numpy(clip).double().transpose(1, 2)
    theirs = theirs.double()
    with torch.no_grad():
        outputs = theirs(x, output_attentions=True)
        weights = [one[0].numpy() for one in outputs.attentions]
        last = None
        if hasattr(theirs, "pooler"):
            tokens = theirs.vjepa2.encoder(x).last_hidden_state
            tokens, own = theirs.pooler.self_attention_layers[0](tokens, None)
            weights.append(own[0].numpy())
            _, query = theirs.pooler.cross_attention_layer(theirs.pooler.query_tokens, tokens)
            last = query[0].numpy().mean(axis=0)
    n = weights[0].shape[-1]
    flow = np.eye(n)
    for heads in weights:
        mixed = 0.5 * heads.mean(axis=0) + 0.5 * np.eye(n)
        flow = (mixed / mixed.sum(axis=1, keepdims=True)) @ flow
    return (flow.mean(axis=0) if last is None else (last @ flow)[0]).reshape(4, 4, 4)


@pytest.mark.parametrize("arch", ["videomae", "vjepa2"])
def test_it_is_the_product_of_all_blocks_matrices(arch):
    theirs = theirs_of(arch, attn_implementation="eager")
    network = ours_of(arch, theirs).requires_grad_(False)
    model = replace(make_model(spec(arch)), network=network)
    run = trace(model, make_clip())
    found = rollout(model, run)
    expected = by_hand(theirs, run.clip.data.numpy())
    np.testing.assert_allclose(found.values, expected, rtol=2e-4, atol=1e-8)
    assert expected.std() > 0.02 * expected.mean()
    assert found.values.sum() == pytest.approx(1, abs=1e-5)
    assert found.values.min() >= 0


def test_it_stands_on_the_grid_and_at_the_times_of_maps_and_says_that_it_knows_no_class():
    model = make_model(spec("videomae"))
    run = trace(model, make_clip())
    found, map_ = rollout(model, run), cam(model, run, 0)
    assert found.values.shape == map_.values.shape
    np.testing.assert_array_equal(found.seconds, map_.seconds)
    assert found.about["class"] is None
    assert (found.kind, found.about["method"]) == ("rollout", "Attention rollout")


@pytest.mark.parametrize("arch", [name for name in SPECS if name not in ("videomae", "vjepa2")])
def test_networks_without_such_matrices_are_refused(arch):
    model = make_model(spec(arch))
    assert not has_rollout(model)
    with pytest.raises(UnknownMethod, match="no matrices of attention between all tokens"):
        rollout(model, trace(model, make_clip(frames=max(12, model.spec.frames))))


def test_numbers_that_are_not_finite_are_refused():
    model = make_model(spec("videomae"))
    run = trace(model, make_clip())
    with torch.no_grad():
        model.network.blocks[0].attention.attention.query.weight.fill_(float("inf"))
    with pytest.raises(NonFinitePrediction, match="there is no map"):
        rollout(model, run)
