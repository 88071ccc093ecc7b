"""Bands over a film: what is drawn of which part, and that opposites stay apart for all eyes."""

from itertools import combinations

import numpy as np
import pytest

from maagn.checkpoint import load_card
from maagn.figures import timeline
from maagn.figures.pair_colours import GREY, HUES, first_and_second, looks_of
from maagn.figures.timeline import Band, Line
from maagn.labels import ClassRelations
from maagn.section import Section
from tests.colour_vision import VISION

CARD = load_card("tsn-demo")
RELATIONS = CARD.relations
OPEN, CLOSE = "Opening something", "Closing something"


def oklab(colour: str, eyes: np.ndarray) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(eyes @ linear, 0, None)
    cones = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    mixed = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    return mixed @ np.cbrt(cones @ seen)


@pytest.mark.parametrize("eyes", ["normal", "protanopia", "deuteranopia"])
def test_all_colours_stay_apart(eyes):
    """Not for tritanopia, for which two come within 0.03: names and marks are there too."""
    seen = [oklab(colour, VISION[eyes]) for pair in HUES for colour in pair]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.09


@pytest.mark.parametrize("eyes", VISION)
def test_opposites_stay_apart(eyes):
    for dark, light in (*HUES, GREY):
        apart = oklab(light, VISION[eyes]) - oklab(dark, VISION[eyes])
        assert np.linalg.norm(apart) > 0.2


def test_opposites_share_a_hue_and_are_its_two_sides():
    looks = looks_of([CLOSE], RELATIONS)
    assert set(looks) == {OPEN, CLOSE}
    assert (looks[OPEN].colour, looks[CLOSE].colour) == HUES[0]
    assert (looks[OPEN].edge, looks[CLOSE].edge) == HUES[0][::-1]  # seen on white and on black
    assert {looks[OPEN].mark, looks[CLOSE].mark} == {"▲", "▼"}
    assert (looks[OPEN].side, looks[CLOSE].side) == (1, -1)


def test_the_seventh_pair_is_grey_with_its_two_sides():
    looks = looks_of(CARD.labels, RELATIONS)
    pairs = [pair for label in CARD.labels if (pair := first_and_second(label, RELATIONS))]
    dealt = list(dict.fromkeys(pairs))
    assert [looks[first].own_hue for first, _ in dealt] == [True] * 6 + [False] * 11
    assert (looks[dealt[6][0]].colour, looks[dealt[6][1]].colour) == GREY
    assert {looks[one].side for one in dealt[6]} == {1, -1}


def test_what_goes_down_is_drawn_downwards_whatever_the_order():
    labels = ("Moving something down", "Moving something up", "Holding something")
    relations = ClassRelations.of(labels)
    assert first_and_second(labels[0], relations) == (labels[1], labels[0])
    looks = looks_of(labels, relations)
    assert looks["Moving something down"].side == -1
    assert looks["Holding something"].side == 0


def band(*labels: str, shares: list[float], name: str = "TSM") -> Band:
    edges = np.arange(len(labels) + 1) * 2.0
    return Band(name, edges, labels, np.array(shares), tuple((one,) for one in labels))


def drawn(*rows: Band, **options: object):
    looks = looks_of(dict.fromkeys(one for row in rows for one in row.labels), RELATIONS)
    return timeline.bands(rows, looks, seconds=float(rows[0].edges[-1]), **options)


def test_a_class_is_drawn_up_and_its_opposite_down_as_far_as_it_is_probable():
    fig = drawn(band(OPEN, OPEN, CLOSE, OPEN, shares=[0.5, 0.75, 0.25, 1.0]))
    areas = {trace.legendgroup: trace for trace in fig.data if trace.fill == "toself"}
    opened, closed = areas[OPEN], areas[CLOSE]
    assert max(y for y in opened.y if y is not None) == 1.0
    assert min(y for y in opened.y if y is not None) == 0.0
    assert min(closed.y) == -0.25
    assert (min(closed.x), max(closed.x)) == (4.0, 6.0)
    assert opened.x.index(None) == 9  # 0 to 4 s as one area, then a gap, then 6 to 8 s
    assert opened.x[:4] == (0.0, 2.0, 2.0, 4.0)
    assert opened.y[:4] == (0.5, 0.5, 0.75, 0.75)


def test_every_part_has_a_mark_that_knows_its_row_and_place():
    fig = drawn(
        band(OPEN, CLOSE, shares=[0.5, 0.5]), band(CLOSE, CLOSE, shares=[1.0, 1.0], name="TSN")
    )
    marks = [trace for trace in fig.data if trace.mode == "markers"]
    assert [list(map(list, trace.customdata)) for trace in marks] == [
        [[0, 0], [0, 1]], [[1, 0], [1, 1]]
    ]  # fmt: skip
    assert [trace.marker.opacity for trace in marks] == [0, 0]
    assert list(marks[0].x) == [1.0, 3.0]
    assert list(fig.layout.yaxis.ticktext) == ["TSM", "TSN"]


def test_a_name_stands_whole_where_there_is_room_else_its_mark_alone():
    long = drawn(band(OPEN, CLOSE, shares=[0.5, 0.5]))
    texts = [text for trace in long.data if trace.mode == "text" for text in trace.text]
    assert [text.replace("<br>", " ") for text in texts] == [f"▲ {OPEN}", f"▼ {CLOSE}"]
    many = drawn(band(*[OPEN, CLOSE] * 20, shares=[0.5] * 40))
    texts = [text for trace in many.data if trace.mode == "text" for text in trace.text]
    assert sorted(set(texts)) == ["▲", "▼"]


def test_names_are_no_markup():
    name = "<b>Opening</b> & <i>x</i>"
    looks = looks_of([name], RELATIONS)
    row = Band("<u>", np.array([0.0, 9.0]), (name,), np.array([1.0]), ((name,),))
    fig = timeline.bands([row], looks, seconds=9.0)
    assert "<b>Op" not in fig.to_json().replace("\\u003c", "<").replace("<b>&lt;u", "")


def test_cuts_are_dotted_lines_and_the_section_a_frame():
    fig = drawn(band(OPEN, CLOSE, shares=[1.0, 1.0]), cuts=(1.5,), section=Section(0.5, 1.0))
    dotted = [shape for shape in fig.layout.shapes if shape.line.dash == "dot"]
    assert [(shape.x0, shape.x1) for shape in dotted] == [(1.5, 1.5)]
    frames = [shape for shape in fig.layout.shapes if shape.type == "rect"]
    assert [(shape.x0, shape.x1) for shape in frames] == [(0.5, 1.0)]


def test_of_thousands_of_parts_a_pointer_finds_some_all_over():
    labels = [OPEN, CLOSE] * 2000
    (marks,) = [
        one for one in drawn(band(*labels, shares=[0.5] * 4000)).data if one.mode == "markers"
    ]
    assert 1000 < len(marks.x) <= 1500
    assert (marks.x[0], marks.x[-1]) == (1.0, pytest.approx(8000, abs=8))
    assert [int(place) for _, place in marks.customdata[:2]] == [0, 3]


def test_log_odds_have_a_fixed_axis_unless_they_are_beyond_it():
    line = Line("TSM", "#D55E00", np.arange(3.0), np.array([1.0, -2.0, 3.0]))
    small = timeline.leanings_over_time([line], OPEN, CLOSE, seconds=3.0)
    assert tuple(small.layout.yaxis.range) == (-5.0, 5.0)
    beyond = Line("TSM", "#D55E00", np.arange(3.0), np.array([1.0, -20.0, 3.0]))
    large = timeline.leanings_over_time([beyond], OPEN, CLOSE, seconds=3.0)
    assert tuple(large.layout.yaxis.range) == (-21.0, 21.0)


def test_both_charts_begin_and_end_at_the_same_pixels():
    line = Line("TSM", "#D55E00", np.arange(3.0), np.array([0.1, 0.2, 0.3]))
    above = drawn(band(OPEN, CLOSE, shares=[1.0, 1.0]))
    beneath = timeline.shares_over_time([line], OPEN, seconds=4.0)
    for side in ("l", "r"):
        assert above.layout.margin[side] == beneath.layout.margin[side]
    assert tuple(above.layout.xaxis.range) == tuple(beneath.layout.xaxis.range) == (0, 4.0)
