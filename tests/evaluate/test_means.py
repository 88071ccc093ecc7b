from dataclasses import replace

import numpy as np
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.results import class_means, read_results


def test_means_are_taken_class_by_class_and_path_by_path():
    predictions = read_results().of("maagn-demo")
    found = class_means(predictions, 1)
    rows = predictions.truth == 5
    assert found.sdm.shape == (34, 4)
    assert np.allclose(found.sdm[5], predictions.sdm[rows][:, 8:12].mean(axis=0))
    assert np.allclose(found.mtam[5], predictions.mtam[rows][:, 8:12].mean(axis=0))
    assert found.gate[5] == pytest.approx(predictions.gate[rows, 1].mean())
    assert found.gate_spread[5] == pytest.approx(predictions.gate[rows, 1].std())


def test_networks_without_masks_are_refused():
    results = read_results()
    with pytest.raises(ResultsError, match="no masks"):
        class_means(results.of("tsm-demo"), 0)
    with pytest.raises(ResultsError, match="3 paths"):
        class_means(results.of("maagn-demo"), 3)
    with pytest.raises(ResultsError):
        class_means(replace(results.of("maagn-demo"), gate=None), 0)
