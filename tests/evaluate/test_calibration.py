import numpy as np
import pytest

from maagn.evaluate.metrics import calibration_error, reliability

# Confidences 0.9, 0.9 and 0.6 of two classes; right, wrong, right.
LOGITS = np.log([[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]])
TRUTH = np.array([0, 1, 1])


def test_bins_by_hand():
    low, high = reliability(LOGITS, TRUTH, bins=5).to_dict("records")
    assert (low["from"], low["to"], low["clips"]) == (pytest.approx(0.4), pytest.approx(0.6), 1)
    assert (low["confidence"], low["right"]) == (pytest.approx(0.6), 1)
    assert (high["from"], high["to"], high["clips"]) == (pytest.approx(0.8), 1, 2)
    assert (high["confidence"], high["right"]) == (pytest.approx(0.9), 0.5)
    assert high["low"] == pytest.approx(0.0945, abs=1e-4)  # Wilson, 1 of 2
    assert high["low"] + high["high"] == pytest.approx(1)


def test_bins_weighed_by_their_clips_give_the_calibration_error():
    rng = np.random.default_rng(3)
    logits, truth = rng.normal(size=(200, 6)), rng.integers(6, size=200)
    bins = reliability(logits, truth)
    assert bins["clips"].sum() == 200
    gaps = (bins["right"] - bins["confidence"]).abs() * bins["clips"]
    assert gaps.sum() / 200 == pytest.approx(calibration_error(logits, truth))
