import numpy as np
import pytest

from maagn.explain.faithfulness import cosine, curves, order_of, random_orders
from maagn.types import Explanation

WEIGHTS = np.array([4.0, 1.0, 2.0, 1.0])
"""Of two frames with two cells each: a linear network whose answer is the share that is left."""
GRID = (2, 1, 2)


def linear(clips):
    """1 for the whole clip, 0 for the black one; each cell adds its share of the weights."""
    cells = clips[..., 0].astype(np.float64).mean(axis=2) / 255  # n t columns
    left = cells.reshape(len(clips), 2, 2, 2).mean(axis=3).reshape(len(clips), 4)
    return left @ WEIGHTS / WEIGHTS.sum()


def run(orders, *, steps=4):
    whole = np.full((2, 4, 4, 3), 255, np.uint8)
    return curves(
        linear, whole, np.zeros_like(whole), np.array(orders),
        grid=GRID, frame_of=np.array([0, 1]), steps=steps,
    )  # fmt: skip


def test_the_curves_of_a_linear_network_are_sums_of_its_weights():
    found = run([[0, 2, 1, 3], [3, 1, 2, 0]])
    assert found.shares == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert found.deletion[0] == pytest.approx([1, 0.5, 0.25, 0.125, 0])
    assert found.insertion[0] == pytest.approx([0, 0.5, 0.75, 0.875, 1])
    assert found.deletion[1] == pytest.approx([1, 0.875, 0.75, 0.5, 0])
    # by hand: (0.5 + 0.5 + 0.25 + 0.125) / 4 and (0.5 + 0.875 + 0.75 + 0.5) / 4
    assert found.deletion_areas == pytest.approx([0.34375, 0.65625])
    assert found.insertion_areas == pytest.approx([0.65625, 0.34375])


def test_one_map_frame_stands_for_several_pictures():
    whole = np.full((4, 4, 4, 3), 255, np.uint8)
    found = curves(
        lambda clips: clips.mean(axis=(1, 2, 3, 4)) / 255, whole, np.zeros_like(whole),
        np.array([[0, 1]]), grid=(2, 1, 1), frame_of=np.array([0, 0, 0, 1]), steps=2,
    )  # fmt: skip
    assert found.deletion[0] == pytest.approx([1, 0.25, 0])


def test_an_order_of_another_grid_is_refused():
    with pytest.raises(ValueError, match="4 cells, the orders have 3"):
        run([[0, 1, 2]])


def test_strongest_evidence_goes_first_and_frames_count_what_speaks_for_the_class():
    values = np.array([[[1.0, -9.0]], [[0.2, 0.3]]], np.float32)
    cam = Explanation(
        "cam", "x", values, ("time", "row", "column"), "", None, True, np.array([0.0, 1.0])
    )
    assert order_of(cam, unit="cells").tolist() == [0, 3, 2, 1]
    assert order_of(cam, unit="frames").tolist() == [0, 1]  # 0.5 and 0.25, not -4 and 0.25


def test_random_orders_are_permutations_and_come_again_with_the_seed():
    orders = random_orders(3, of=5, seed=2)
    assert np.array_equal(np.sort(orders, axis=1), np.tile(np.arange(5), (3, 1)))
    assert np.array_equal(orders, random_orders(3, of=5, seed=2))
    assert not np.array_equal(orders, random_orders(3, of=5, seed=3))


def test_cosine_knows_no_scale():
    a = np.array([3.0, 4.0])
    assert cosine(a, 7 * a) == pytest.approx(1)
    assert cosine(a, -a) == pytest.approx(-1)
    assert cosine(a, np.array([4.0, 3.0])) == pytest.approx(0.96)
    assert cosine(a, 0 * a) == 0
