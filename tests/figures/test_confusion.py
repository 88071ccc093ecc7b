import numpy as np

from maagn.figures.mistakes import Interval, confusion_matrix, slice_rates


def test_a_cell_says_who_was_taken_for_whom_and_is_named_in_its_data():
    counts = np.array([[5, 2], [0, 7]])
    (cells,) = confusion_matrix(counts, ("Opening", "Closing")).data
    assert cells.type == "scattergl"
    assert cells.marker.symbol == "square"
    assert cells.customdata.tolist() == [[0, 0, 5], [0, 1, 2], [1, 1, 7]]
    assert cells.text[1] == "Opening<br>predicted Closing: 2 clips"
    assert (cells.marker.cmin, cells.marker.cmax) == (1, 2)
    assert list(cells.marker.color) == [2, 2, 2]


def test_rows_are_true_classes_and_the_chosen_cell_is_framed():
    fig = confusion_matrix(np.array([[5, 2], [0, 7]]), ("a", "b"), chosen=(0, 1))
    (cells,) = fig.data
    assert (list(cells.y), list(cells.x)) == ([0, 0, 1], [0, 1, 1])
    (frame,) = fig.layout.shapes
    assert (frame.x0, frame.y0) == (0.5, -0.5)


def test_174_classes_are_drawn():
    counts = np.random.default_rng(0).integers(0, 30, (174, 174))
    fig = confusion_matrix(counts, [f"class {i}" for i in range(174)])
    assert fig.data[0].type == "scattergl"
    drawn = np.zeros_like(counts)
    for true, predicted, clips in fig.data[0].customdata:
        drawn[true, predicted] = clips
    assert np.array_equal(drawn, counts)


def test_a_slices_interval_reaches_both_ends():
    row = Interval("slow", 0.5, 0.4, 0.7, 0.2, 60)
    rest, dots = slice_rates([row], network="TSM", what="misclassified").data
    assert list(rest.x) == [20]
    assert list(dots.x) == [50]
    np.testing.assert_allclose([dots.error_x.arrayminus[0], dots.error_x.array[0]], [10, 20])
    assert "of 60 clips" in dots.text[0]
