import math
from dataclasses import replace

import numpy as np
import pytest

from maagn.explain.reversal import Reversal, backwards, margin, reversal
from maagn.inference import predict, prepare
from maagn.types import Prediction
from tests.tiny import BASELINES, SPEC, tiny_clip, tiny_model


def said(*logits: float) -> Prediction:
    values = np.array(logits, np.float32)
    none = np.empty((0, len(logits)), np.float32)
    return Prediction(tuple("abc"), values, np.exp(values) / np.exp(values).sum(), none, none)


@pytest.fixture
def models(tmp_path):
    return {
        name: tiny_model(tmp_path, spec=spec) for name, spec in {"maagn": SPEC, **BASELINES}.items()
    }


def test_without_order_nothing_changes_and_with_order_something_does(models):
    clip = tiny_clip()
    changes = {name: reversal(model, prepare(model, clip)).change for name, model in models.items()}
    assert changes["tsn"] < 1e-5
    assert changes["tsm"] > 1e-3
    assert changes["maagn"] > 1e-3


def test_forwards_is_what_the_model_says_anyway(models):
    model = models["maagn"]
    found = reversal(model, prepare(model, tiny_clip()))
    np.testing.assert_allclose(found.forward.logits, predict(model, tiny_clip()).logits, atol=1e-5)
    assert found.backward.path_logits.shape == (3, len(model.labels))


def test_backwards_turns_what_is_seen_and_what_is_shown_alike(models):
    inputs = prepare(models["tsn"], tiny_clip())
    turned = backwards(inputs)
    assert turned.positions.tolist() == inputs.positions.tolist()[::-1]
    assert (turned.pictures[0] == inputs.pictures[-1]).all()
    assert (turned.data[:, :, 0] == inputs.data[:, :, -1]).all()
    assert (np.diff(turned.seconds) > 0).all()
    again = backwards(turned)
    assert (again.data == inputs.data).all()


def test_margins_worked_out_by_hand():
    found = Reversal("m", said(2.0, 0.5, 0.0), said(0.0, 1.0, 3.5))
    assert found.margins("a", "b") == (1.5, -1.0)
    assert found.change == 3.5
    assert found.changed
    assert not replace(found, backward=said(9.0, 0.0, 0.0)).changed
    chances = found.forward.probabilities.astype(float)
    assert margin(found.forward, "a", "b") == pytest.approx(math.log(chances[0] / chances[1]))
    with pytest.raises(ValueError, match="not in"):
        margin(found.forward, "a", "unheard of")
