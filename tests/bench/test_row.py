import pytest

from maagn.bench.row import Row, row


def test_the_ratio_is_the_median_of_the_rounds_own():
    taken = {"a": [2.0, 9.0, 4.0], "b": [1.0, 3.0, 4.0]}
    found = row("a", "a / b", taken, over=("a", "b"), target=2.0)
    assert (found.low, found.ratio, found.high) == (1.5, 2, 2.5)  # of 2, 3 and 1
    assert found.parts == {"a": 4, "b": 3}
    assert found.rounds == 3
    assert found.reached


def test_several_names_are_added_up():
    taken = {"all": [6.0], "a": [1.0], "b": [2.0]}
    assert row("a", "all / a and b", taken, over=("all", ("a", "b"))).ratio == 2


def test_a_short_row_has_a_name_of_its_own_and_no_target():
    found = Row("a", "a / b", 1.0, 1.0, 1.0, target=2.0)
    short = found.as_short()
    assert (short.name, short.target, short.short) == ("a (short)", None, True)
    assert short.as_short().name == short.name
    assert not found.short


@pytest.mark.parametrize(
    ("ratio", "at_least", "worse"),
    [(1.2, False, False), (1.3, False, True), (0.9, True, False), (0.7, True, True)],
)
def test_a_quarter_is_the_line(ratio, at_least, worse):
    before = Row("a", "", 1.0, 1.0, 1.0, at_least=at_least)
    assert Row("a", "", ratio, 1.0, 1.0, at_least=at_least).worse_than(before, by=0.25) is worse
