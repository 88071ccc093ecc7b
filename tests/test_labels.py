import re
from typing import get_args

import pytest

from maagn.labels import Kind, mirrored, opposite_of, opposites, something_something_v2


def test_the_label_set_has_174_names_in_order():
    labels = something_something_v2()
    assert len(labels) == len(set(labels)) == 174
    assert list(labels) == sorted(labels)
    assert all(label == label.strip() and label for label in labels)


def test_pairs_name_classes_of_the_label_set():
    labels = set(something_something_v2())
    for pair in opposites():
        assert {pair.label, pair.opposite} <= labels, pair
        assert pair.label != pair.opposite
        assert pair.kind in get_args(Kind)


def test_no_pair_is_listed_twice():
    pairs = [frozenset((pair.label, pair.opposite)) for pair in opposites()]
    assert len(pairs) == len(set(pairs)) == 36


def test_backwards_a_class_is_at_most_one_other():
    reversible = [pair for pair in opposites() if pair.kind == "time-reversal"]
    names = [name for pair in reversible for name in (pair.label, pair.opposite)]
    assert len(names) == len(set(names))
    for pair in reversible:
        assert opposite_of(pair.label) == pair.opposite
        assert opposite_of(pair.opposite) == pair.label


@pytest.mark.parametrize(
    ("label", "opposite"),
    [
        ("Opening something", "Closing something"),
        ("Unfolding something", "Folding something"),
        ("Throwing something", None),  # its pair is pretended
        ("Throwing something in the air and catching it", None),  # another outcome
        ("Holding something", None),
        ("No such class", None),
    ],
)
def test_what_a_class_is_when_played_backwards(label, opposite):
    assert opposite_of(label) == opposite


def test_a_pair_reads_as_people_say_it():
    pair = next(pair for pair in opposites() if pair.label == "Folding something")
    assert str(pair) == "Folding something <-> Unfolding something"


def test_a_mirror_exchanges_left_and_right_both_ways():
    pairs = mirrored()
    assert len(pairs) == 6
    for label, other in pairs.items():
        assert pairs[other] == label
        assert {label, other} <= set(something_something_v2())
        swapped = label.replace("left", "?").replace("right", "left").replace("?", "right")
        assert swapped == other


def test_every_class_that_names_a_side_of_the_picture_is_mirrored():
    sides = re.compile(r"(to|camera) (left|right)\b")
    assert {label for label in something_something_v2() if sides.search(label)} == set(mirrored())
