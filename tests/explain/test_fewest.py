import numpy as np
import pytest

from maagn.explain import edits as module
from maagn.explain.edits import minimal_counterfactual
from maagn.inference import prepare
from maagn.types import Prediction
from tests.tiny import make_clip


def says(sure: float) -> Prediction:
    p = np.array([sure, 1 - sure])
    none = np.zeros((0, 2))
    return Prediction(("A", "B"), np.log(p), p, none, none)


@pytest.fixture
def judged(monkeypatch, tsn):
    """The network's answer replaced by a rule on the frames that are still shown."""

    def judge(rule):
        asked = []

        def ask(_model, _inputs, edits):
            asked.extend(edits)
            return [says(rule(set(edit.order))) for edit in edits]

        monkeypatch.setattr(module, "ask", ask)
        return minimal_counterfactual(tsn, prepare(tsn, make_clip())), asked

    return judge


def test_the_only_pair_that_flips_is_found_after_all_single_frames(judged):
    flip, asked = judged(lambda shown: 0.2 if not shown & {2, 5} else 0.9)
    assert flip.gone == (2, 5)
    assert flip.tried == 8 + 28
    assert len(asked) == 1 + 8 + 28


def test_of_several_the_one_that_lowers_the_answer_most(judged):
    flip, _ = judged(lambda shown: 0.1 if 6 not in shown else 0.4 if 1 not in shown else 0.9)
    assert flip.gone == (6,)
    assert flip.answer.labels[flip.answer.best] == "B"


def test_none_is_said_after_all_254_sets_of_eight_frames(judged):
    flip, asked = judged(lambda _shown: 0.9)
    assert flip is None
    assert len(set(asked)) <= len(asked) == 1 + 2**8 - 2
