import re
from typing import get_args

import pytest

from maagn.errors import PairsError
from maagn.labels import (
    ClassPairs,
    ClassRelations,
    Kind,
    Opposites,
    mirrored,
    opposite_of,
    opposites,
    plain,
    something_something_v2,
)


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


def mirrors(*labels, given=None):
    relations = ClassRelations.of(labels, ClassPairs(mirrored=given))
    return dict(zip(labels, relations.mirrors, strict=True))


def proposals(*labels):
    return {(p.label, p.opposite) for p in ClassRelations.of(labels).opposites if p.proposed}


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Pushing [something] from left to right", "Pushing something from left to right"),
        ("opening_something", "Opening something."),
        ("counter-clockwise", "Counter Clockwise"),
        ("O\u0308ffnen", "\u00d6ffnen"),  # as folders are called on a Mac
    ],
)
def test_names_match_whatever_their_layout(label, other):
    assert plain(label) == plain(other)


@pytest.mark.parametrize(("label", "other"), [("-1", "1"), ("1-1", "11"), ("-", "+"), ("", ".")])
def test_names_that_differ_in_more_than_layout_do_not_match(label, other):
    assert plain(label) != plain(other)


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Swiping Left", "Swiping Right"),
        ("SwipeLeft", "SwipeRight"),
        ("swipeLEFT2", "swipeRIGHT2"),
        ("SWIPE_LEFT", "SWIPE_RIGHT"),
        ("swipe-left", "swipe right"),
        ("swipeleft", "swiperight"),
        ("Moving from left to right", "Moving from right to left"),
        ("LeftToRight", "RightToLeft"),
        ("wave left hand", "wave right hand"),
        ("step leftwards", "step rightward"),
        ("Turning Hand Clockwise", "Turning Hand Counterclockwise"),
        ("rotate clockwise", "rotate anti-clockwise"),
        ("RotateClockwise", "RotateCounterClockwise"),
        ("Rotation CW", "Rotation CCW"),
        ("lean left clockwise", "lean right anticlockwise"),
        ("Turning [the camera] left while filming", "turning the camera right while filming."),
    ],
)
def test_mirrored_classes_are_found_by_the_words_of_their_names(label, other):
    assert mirrors(label, "Drinking", other) == {
        label: other, "Drinking": "Drinking", other: label
    }  # fmt: skip


def test_words_within_words_name_no_side():
    labels = ("bright light", "copyright", "copyleft", "leftover food", "upright", "alright")
    assert mirrors(*labels) == {label: label for label in labels}


def test_brackets_do_not_hide_a_name_of_something_something_v2():
    labels = something_something_v2()
    templates = tuple(label.replace("something", "[something]") for label in labels)
    ours, theirs = ClassRelations.of(labels), ClassRelations.of(templates)
    assert theirs.unmirrored == ours.unmirrored == ()
    number = {label: i for i, label in enumerate(labels)}
    called = {label: i for i, label in enumerate(templates)}
    assert [called[str(m)] for m in theirs.mirrors] == [number[str(m)] for m in ours.mirrors]
    assert {a: b for a, b in zip(labels, ours.mirrors, strict=True) if a != b} == mirrored()
    for label, template in zip(labels, templates, strict=True):
        opposite = theirs.opposite_of(template)
        assert (opposite and labels[called[opposite]]) == opposite_of(label)


@pytest.mark.parametrize(
    "labels",
    [
        ("Swiping Left", "Swiping Up"),
        ("things left on table", "drinking"),
        ("Look left and right",),
        ("Swipe left", "swipe_left", "Swipe right"),  # which of the two?
        ("Pushing something from left to right", "Opening something"),
    ],
)
def test_without_a_partner_flips_are_refused_with_one_sentence(labels):
    relations = ClassRelations.of(labels)
    assert labels[0] in relations.unmirrored
    with pytest.raises(PairsError) as error:
        relations.refuse_unmirrored()
    assert repr(labels[0]) in str(error.value)
    assert "--mirrored FILE" in str(error.value)
    assert str(error.value).count(". ") == 0


def test_what_a_person_says_of_mirrors_goes_before_the_words():
    said = (("things left on table", "things left on table"), ("Swiping Left", "Going back"))
    found = mirrors(
        "things left on table", "swiping_left", "Swiping Right", "Going back", given=said
    )
    assert found == {
        "things left on table": "things left on table",
        "swiping_left": "Going back",
        "Swiping Right": None,  # its own is another's now
        "Going back": "swiping_left",
    }


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("Opening a door", "Closing a door"),
        ("door opens", "door closes"),
        ("door_opened", "door closed"),
        ("shut window", "open window"),
        ("OpenLid", "CloseLid"),
        ("look up", "look down"),
        ("Zooming In With Full Hand", "Zooming Out With Full Hand"),
        ("climbing into a car", "climbing out of a car"),
        ("get in car", "get out of car"),
        ("turn on light", "turn off light"),
        ("step onto mat", "step off mat"),
        ("put on jacket", "take off jacket"),
        ("putting it into a box", "taking it out of a box"),
        ("sitting down", "standing up"),
        ("pick up box", "put down box"),
        ("pushing", "pulling"),
        ("folding paper", "unfolding paper"),
        ("raising arm", "lowering arm"),
        ("walk towards door", "walk away from door"),
        ("Rolling Hand Forward", "Rolling Hand Backward"),
        ("turn clockwise", "turn anticlockwise"),
        ("go left", "go right"),
    ],
)
def test_opposites_are_proposed_from_the_words_of_their_names(label, other):
    assert proposals(label, "drinking", other) == {(label, other)}


def test_the_likeliest_words_are_exchanged():
    doors = [f"{verb} {side} door" for verb in ("open", "close") for side in ("left", "right")]
    assert proposals(*doors) == {
        ("open left door", "close left door"), ("open right door", "close right door")
    }  # fmt: skip
    hands = [f"{verb} {side}" for verb in ("push", "pull") for side in ("left", "right")]
    assert proposals(*hands) == {("push left", "pull right"), ("push right", "pull left")}
    corners = [f"move {way} {side}" for way in ("up", "down") for side in ("left", "right")]
    assert proposals(*corners) == {
        ("move up left", "move down right"), ("move up right", "move down left")
    }  # fmt: skip


def test_nothing_is_proposed_for_names_of_something_something_v2():
    """Its table says all: pulls one way and the other are no reversals of each other."""
    assert ClassRelations.of(something_something_v2()).opposites == opposites()
    pulls = ("Pulling something from left to right", "Pulling something from right to left")
    assert ClassRelations.of(pulls).opposites == ()


def test_a_given_list_of_opposites_is_all_there_is():
    labels = ("Opening something", "Closing something", "rise", "sink", "push", "pull")
    pairs = (Opposites("Rise", "sink", "time-reversal"), Opposites("push", "gone", "outcome"))
    relations = ClassRelations.of(labels, ClassPairs(pairs))
    assert relations.opposites == (Opposites("rise", "sink", "time-reversal"),)
    assert relations.opposite_of("sink") == relations.reversal_of("sink") == "rise"
    assert relations.opposite_of("Opening something") is relations.opposite_of("push") is None
    assert ClassRelations.of(labels, ClassPairs(())).opposites == ()


def test_a_proposal_is_an_opposite_and_no_known_reversal():
    relations = ClassRelations.of(("push", "pull", "closing_something", "Opening [something]"))
    assert relations.opposite_of("pull") == "push"
    assert relations.reversal_of("pull") is None
    assert relations.reversal_of("Opening [something]") == "closing_something"
