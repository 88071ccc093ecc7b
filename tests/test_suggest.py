import pytest

from maagn.labels import something_something_v2
from maagn.suggest import MOST, closest, closest_first, normalised, same

CLASSES = (
    "Pushing something from left to right",
    "Pulling something from right to left",
    "Opening something",
    "Closing something",
    "Putting something onto something",
    "Moving something up",
    "Lifting up one end of something",
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("pushing", "Pushing something from left to right"),
        ("push", "Pushing something from left to right"),
        ("PUSHED", "Pushing something from left to right"),
        ("puts", "Putting something onto something"),  # put, puts, putting
        ("left push", "Pushing something from left to right"),  # in any order
        ("close", "Closing something"),
        ("pulls", "Pulling something from right to left"),  # pull, pulling
        ("move up", "Moving something up"),
        ("openning", "Opening something"),  # misspelt
        ("Openning somthing", "Opening something"),
        ("push water", "Pushing something from left to right"),  # one of the words
        ("up lift", "Lifting up one end of something"),
    ],
)
def test_the_class_with_the_words_comes_first(asked, meant):
    assert closest(asked, CLASSES)[0] == meant


def test_pushing_proposes_classes_that_contain_it_and_five_at_most():
    proposed = closest("pushing", something_something_v2())
    assert len(proposed) == MOST == 5
    assert all("Pushing" in label for label in proposed)


def test_words_of_two_actions_are_only_where_both_are():
    proposed = closest("up lifting", CLASSES)
    assert "Moving something up" not in proposed


@pytest.mark.parametrize("asked", ["", "   ", "?!", "zzzz", "\N{SNOWMAN}", "a" * 10_000])
def test_what_is_like_nothing_still_gets_an_answer(asked):
    assert 1 <= len(closest(asked, CLASSES)) <= MOST
    assert closest(asked, []) == []


def test_a_list_begins_with_what_was_meant_and_is_whole():
    listed = closest_first("maagn-r50", ["tsn-demo", "maagn-demo", "maagn-r50-8f"]).split(", ")
    assert listed[0] == "maagn-r50-8f"
    assert sorted(listed) == ["maagn-demo", "maagn-r50-8f", "tsn-demo"]


def test_brackets_case_spaces_and_a_full_stop_make_no_difference():
    assert normalised("  Putting [something]  onto [something]. ") == (
        "putting something onto something"
    )
    assert same("closing [Something].", CLASSES) == [3]
    assert same("closing", CLASSES) == []
    assert same("a", ("A", "[a]", "b")) == [0, 1]
