import numpy as np
import pytest

from maagn.errors import RunError
from maagn.evaluate.evaluations import ask
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset

CLASSES = len(OPPOSITES_LABELS)


def test_one_rendering_serves_all_models(models, monkeypatch):
    drawn = []
    draw = OppositesDataset.whole
    monkeypatch.setattr(OppositesDataset, "whole", lambda data, i: drawn.append(i) or draw(data, i))
    told = []
    found = ask(models, per_class=1, report=told.append)
    assert drawn == list(range(CLASSES))
    assert (told[-1].done, told[-1].total) == (CLASSES, CLASSES)
    ours, tsn = found
    assert ours.truth.tolist() == tsn.truth.tolist() == list(range(CLASSES))
    np.testing.assert_allclose(ours.votes.mean(axis=1), ours.logits, atol=1e-4)
    assert ours.path_frames == (8, 4, 2)
    assert ours.sdm.shape == ours.mtam.shape == (CLASSES, 14)
    assert ours.gate.shape == (CLASSES, 3)
    assert (ours.gate > 0).all()
    assert ours.alpha.tolist() == [0.5] * 14
    assert tsn.votes is tsn.sdm is tsn.gate is None
    assert (tsn.reversed_answer == tsn.answer).all()  # TSN does not know order
    assert tsn.divergence.max() < 1e-6  # but for rounding
    assert ours.divergence.min() > 1e-6
    assert found.origin.digests == {model.name: model.digest for model in models}


def test_two_models_of_one_name_are_refused(models):
    with pytest.raises(RunError, match="Two of the models are called tsn"):
        ask([models[1], models[1]], per_class=1)
