import numpy as np

from maagn.figures.clips import difference, marked


def test_what_did_not_change_is_white_and_signs_have_their_own_colours():
    dark, light = (np.full((4, 4, 3), v, np.uint8) for v in (60, 160))
    assert (difference(dark, dark) >= 250).all()
    lighter, darker = difference(dark, light)[0, 0], difference(light, dark)[0, 0]
    assert lighter[0] > lighter[2]  # orange
    assert darker[2] > darker[0]  # blue


def test_the_cell_is_outlined_where_it_is():
    grey = np.full((10, 10, 3), 128, np.uint8)
    large = marked(grey, row=1, column=3, rows=5, columns=5)
    changed = np.argwhere((large != 128).any(axis=2))
    side = large.shape[0] / 5
    assert np.abs(changed.min(axis=0) - [side, 3 * side]).max() <= 4
    assert np.abs(changed.max(axis=0) - [2 * side, 4 * side]).max() <= 4
