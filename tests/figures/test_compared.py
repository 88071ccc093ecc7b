import pandas as pd
import pytest

from maagn.figures.comparison import Curve, class_scatter, gain_chart, reliability_diagram

BLUE, ORANGE = "#0072B2", "#D55E00"
NAMED = {"first": "MAAGN", "second": "TSM", "colours": (BLUE, ORANGE)}
TABLE = pd.DataFrame(
    {
        "classes": ["Opening something", "Closing something"],
        "clips": [60, 60],
        "first": [0.9, 0.7],
        "second": [0.6, 0.75],
        "gain": [0.3, -0.05],
        "gain_low": [0.15, -0.2],
        "gain_high": [0.42, 0.1],
    }
)


def test_gains_are_in_points_with_their_intervals():
    fig = gain_chart(TABLE, **NAMED)
    first, second, dots = fig.data
    assert list(first.x) == pytest.approx([15, 42])
    assert list(second.x) == pytest.approx([-20, 10])
    assert list(dots.x) == pytest.approx([30, -5])
    assert list(dots.marker.color) == [BLUE, ORANGE]
    assert list(dots.marker.symbol) == ["circle", "circle-open"]  # the second's holds zero
    assert fig.layout.yaxis.autorange == "reversed"  # the first row on top


def test_long_names_are_whole_in_lines_and_take_a_higher_row():
    name = "Trying but failing to attach something to something because it doesn't stick"
    fig = gain_chart(TABLE.assign(classes=[name, "Closing something"]), **NAMED)
    shown = fig.data[-1].y[0]
    assert shown.split("<br>") == [
        "Trying but failing to attach",
        "something to something because it",
        "doesn't stick",
    ]
    assert fig.layout.height > gain_chart(TABLE, **NAMED).layout.height


def test_names_that_begin_alike_are_rows_of_their_own():
    names = [f"Moving something and something until they pass {end}" for end in ("left", "right")]
    fig = gain_chart(TABLE.assign(classes=names), **NAMED)
    assert len(set(fig.data[-1].y)) == 2


def test_points_stand_at_second_and_first_in_the_tables_order():
    fig = class_scatter(TABLE, **NAMED)
    (dots,) = fig.data  # the diagonal is no trace: a click on it is no click
    assert list(dots.x) == [0.6, 0.75]
    assert list(dots.y) == [0.9, 0.7]
    assert list(dots.marker.color) == [BLUE, ORANGE]
    assert fig.layout.xaxis.range == fig.layout.yaxis.range


def test_reliability_has_a_line_a_network_with_intervals():
    bins = pd.DataFrame(
        {"confidence": [0.5, 0.9], "right": [0.6, 0.8], "low": [0.4, 0.7], "high": [0.8, 0.9],
         "clips": [20, 100]}
    )  # fmt: skip
    one, other = reliability_diagram([Curve("MAAGN", BLUE, bins), Curve("TSM", ORANGE, bins)]).data
    assert (one.name, other.name) == ("MAAGN", "TSM")
    assert list(one.error_y.array) == pytest.approx([0.2, 0.1])
    assert list(one.error_y.arrayminus) == pytest.approx([0.2, 0.1])
    assert one.marker.symbol != other.marker.symbol
