"""Names in tables are whole: what Streamlit would cut gets lines, and all columns fit the page."""

from itertools import pairwise

import pandas as pd
import pytest

from app.columns import ROOM, fit, lines, text_pixels
from maagn.labels import something_something_v2
from maagn.opposites.clip import OPPOSITES_PAIRS

LONGEST = sorted(something_something_v2(), key=len)[-12:]


def test_a_table_that_fits_is_left_alone():
    fitted = fit(pd.DataFrame({"class": ["Opening something"], "clips": [12]}))
    assert dict(fitted.widths) == {}
    assert fitted.row_height is None


def test_a_name_that_streamlit_would_cut_has_its_own_width():
    frame = pd.DataFrame({"class": LONGEST, "clips": range(len(LONGEST))})
    fitted = fit(frame)
    assert fitted.row_height is None
    assert max(map(text_pixels, LONGEST)) < fitted.widths["class"] < ROOM


@pytest.mark.parametrize("selected", [False, True])
def test_names_that_do_not_fit_a_line_are_broken_and_no_column_leaves_the_page(selected):
    pairs = [" ↔ ".join(pair) for pair in pairwise(LONGEST)]
    numbers = {f"{name} alone": [0.123456789] * len(pairs) for name in ("MAAGN", "TSM", "TPN")}
    fitted = fit(pd.DataFrame({"pair": pairs, **numbers}), selected=selected)
    wide = fitted.widths["pair"]
    others = sum(text_pixels(name) + 18 for name in numbers)
    assert wide + others <= ROOM - 40 * selected + 3  # whole pixels
    most = max(lines(pair, wide - 18) for pair in pairs)
    assert most > 1
    assert fitted.row_height >= 20 * most


def test_two_columns_of_names_share_what_numbers_leave():
    frame = pd.DataFrame(OPPOSITES_PAIRS, columns=["class", "predicted"]).assign(
        share="98.3 %", interval="91.7 to 99.9 %", network="MAAGN", more="✓ right", clip="Test clip"
    )
    fitted = fit(frame)
    assert fitted.row_height is not None
    assert fitted.widths["class"] + fitted.widths["predicted"] < ROOM


def test_lines_are_broken_between_words_and_within_what_is_longer_than_a_line():
    word = text_pixels("something")
    assert lines("something", word) == 1
    assert lines("something something", word) == 2
    assert lines("somethingsomething", word + 1) == 2
