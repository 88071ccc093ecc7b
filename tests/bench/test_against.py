"""What `maagn bench --against` fails for, and what it measures once more."""

import pytest

from maagn.bench.page import Table, slower
from maagn.bench.row import Row


def row(name, ratio):
    return Row(name, name, ratio, ratio, ratio)


@pytest.mark.parametrize(
    ("ratios", "measured", "told"),
    [([1.2], 0, []), ([1.3, 1.1], 1, []), ([1.3, 1.4], 1, ["a: 1.40, stored 1.00"])],
    ids=["as before", "worse once", "worse twice"],
)
def test_a_ratio_fails_that_is_worse_twice(ratios, measured, told):
    asked = []

    def again(topic):
        asked.append(topic)
        return (row("a", ratios[1]), row("b", 9.0))

    found = {"calm": (row("b", 1.0),), "topic": (row("a", ratios[0]), row("b", 1.0))}
    assert slower(Table({}, (row("a", 1.0), row("b", 1.0))), found, again) == told
    assert asked == ["topic"] * measured


def test_a_row_that_was_not_stored_is_no_worse():
    assert slower(Table({}, ()), {"topic": (row("a", 9.0),)}, lambda _: ()) == []
