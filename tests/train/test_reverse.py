import numpy as np

from maagn.labels import ClassPairs, ClassRelations, Opposites
from maagn.train.augment import in_reverse, reversed_classes

LABELS = ("Opening something", "Squeezing something", "Closing something")


def test_a_reversed_clip_bears_the_opposite_class():
    assert reversed_classes(LABELS) == (2, None, 0)


def test_a_pair_labels_reversed_clips_when_it_is_known_and_not_when_it_is_proposed():
    labels = ("folding_paper", "unfolding_paper", "closing [something]", "Opening_something.")
    relations = ClassRelations.of(labels)
    assert relations.opposite_of("folding_paper") == "unfolding_paper"
    assert reversed_classes(labels) == (None, None, 3, 2)
    pair = Opposites("folding_paper", "unfolding_paper", "time-reversal")
    other = Opposites("closing [something]", "Opening_something.", "outcome")
    given = ClassRelations.of(labels, ClassPairs((pair, other)))
    assert reversed_classes(labels, given) == (1, 0, None, None)


def test_clips_without_an_opposite_are_left_out():
    clips = np.arange(3 * 4 * 2 * 2 * 3, dtype=np.uint8).reshape(3, 4, 2, 2, 3)
    backwards = in_reverse([(clips[0], 0), (clips[1], 1), (clips[2], 2)], (2, None, 0))
    assert [label for _, label in backwards] == [2, 0]
    np.testing.assert_array_equal(backwards[0][0], clips[0, ::-1])
