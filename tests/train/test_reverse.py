import numpy as np

from maagn.train.reverse import in_reverse, reversed_classes

LABELS = ("Opening something", "Squeezing something", "Closing something")


def test_a_reversed_clip_bears_the_opposite_class():
    assert reversed_classes(LABELS) == (2, None, 0)


def test_clips_without_an_opposite_are_left_out():
    clips = np.arange(3 * 4 * 2 * 2 * 3, dtype=np.uint8).reshape(3, 4, 2, 2, 3)
    backwards = in_reverse([(clips[0], 0), (clips[1], 1), (clips[2], 2)], (2, None, 0))
    assert [label for _, label in backwards] == [2, 0]
    np.testing.assert_array_equal(backwards[0][0], clips[0, ::-1])
