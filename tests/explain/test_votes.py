"""What is said of a MAAGN holds where its paths also vote by what they share."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from maagn.evaluate.features import layer_features
from maagn.explain.interventions import Intervention, change
from maagn.explain.replacement import logits_with, parts, run_live
from maagn.inference import trace
from maagn.teach.heads import LinearHead
from maagn.teach.network import taught_network
from tests.tiny import clip_tensor, make_clip, make_model, spec

NONE = Intervention()
OFF = Intervention(off=frozenset({"sdm", "max", "avg", "both", "agm"}))


@pytest.fixture(scope="module", params=["own+levels", "own+last"])
def model(request):
    return make_model(spec("maagn", stem_pool=False, votes=request.param))


def test_a_changed_path_reaches_the_votes_by_all_ways(model):
    run = trace(model, make_clip())
    same = change(model, run, (NONE,) * 3)
    assert np.allclose(same.logits, run.prediction.logits, atol=1e-5)
    found = change(model, run, (NONE, NONE, OFF))
    network = model.network
    fused = [run.taps[f"paths.{i}.output"].detach() for i in range(2)]
    fused.append(2 * run.taps["paths.2.input"].detach())
    with torch.no_grad():
        votes = network.votes([network.modulate(i, x) for i, x in enumerate(fused)])[0]
    assert np.allclose(found.path_logits, votes.numpy(), atol=1e-5)
    assert np.allclose(found.logits, votes.mean(dim=0).numpy(), atol=1e-5)
    assert np.abs(found.logits - run.prediction.logits).max() > 1e-4


def test_a_batch_with_its_own_masks_and_gates_answers_as_it_did(model):
    live = run_live(model, clip_tensor(batch=2))
    for logits in logits_with(model, live, parts(model), live.values):
        assert torch.allclose(logits, live.logits, atol=1e-5)


def test_features_behind_the_pyramid_are_what_the_paths_vote_by(model):
    inputs = clip_tensor(batch=2)
    found = layer_features(model, inputs)
    with torch.no_grad():
        read = model.network.head_inputs(model.network.forward_features(inputs))
    for level, each in zip((3, 4, 5), read, strict=True):
        assert torch.allclose(found[f"path res{level}, after the pyramid"][:, 0], each, atol=1e-5)


def test_a_taught_network_votes_by_its_new_heads(model):
    inputs = clip_tensor(batch=2)
    with torch.no_grad():
        read = model.network.head_inputs(model.network.forward_features(inputs))
    rng = np.random.default_rng(0)
    heads = [LinearHead(rng.normal(size=(2, x.shape[1])), rng.normal(size=2), 1.0) for x in read]
    taught = taught_network(model, heads)
    assert taught.spec == replace(model.spec, classes=2)
    logits = [head.logits(x.numpy()) for head, x in zip(heads, read, strict=True)]
    with torch.no_grad():
        assert np.allclose(taught(inputs).numpy(), np.mean(logits, axis=0), atol=1e-4)
