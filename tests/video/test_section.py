"""Sections of a film: what is one, and what is refused."""

import math

import pytest

from maagn.errors import SectionError
from maagn.video.section import Section


def test_a_section_has_its_length() -> None:
    section = Section(1.25, 3.0)
    assert section.seconds == 1.75
    assert str(section) == "1.25 to 3.00 s"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (-1.0, 2.0, "cannot begin"),
        (2.0, 2.0, "after"),
        (3.0, 2.0, "after"),
        (math.nan, 2.0, "numbers"),
    ],
)
def test_what_is_no_section_is_refused(start: float, end: float, said: str) -> None:
    with pytest.raises(SectionError, match=said):
        Section(start, end)
