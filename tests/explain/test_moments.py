import numpy as np
import pytest

from maagn.explain.moments import between

MAPS = np.array([[[0.0, -4.0]], [[1.0, 4.0]], [[5.0, 0.0]]], dtype=np.float32)
SECONDS = np.array([0.5, 1.0, 3.0])


@pytest.mark.parametrize(
    ("at", "values"),
    [
        (0.0, [0.0, -4.0]),  # before the first map: that one
        (0.5, [0.0, -4.0]),
        (0.75, [0.5, 0.0]),  # what speaks against the class counts until it is cut off
        (1.0, [1.0, 4.0]),
        (1.5, [2.0, 3.0]),  # a quarter of the way
        (3.0, [5.0, 0.0]),
        (9.0, [5.0, 0.0]),
    ],
)
def test_a_map_between_two_is_mixed_by_time(at, values):
    mixed = between(MAPS, SECONDS, at=at)
    assert mixed.tolist() == [pytest.approx(values)]
    assert mixed.dtype == np.float32


def test_a_single_map_holds_always():
    assert between(MAPS[:1], SECONDS[:1], at=0.7).tolist() == MAPS[0].tolist()
