"""Sections of a film: what is one, and what is refused."""

import math

import pytest

from maagn.errors import SectionError
from maagn.section import Section


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


def test_frames_are_of_the_section_in_which_they_begin_to_be_shown() -> None:
    seconds = [0.0, 1 / 3, 2 / 3, 1.0, 4 / 3]
    assert Section(0.333, 1.0).frames(seconds) == range(1, 3)  # thirds of a second in milliseconds
    assert Section(0.0, 0.333).frames(seconds) == range(1)
    assert Section(0.4, 0.5).frames(seconds) == range(2, 2)
    assert Section(1.2, 9.0).frames(seconds) == range(4, 5)
    assert [second in Section(0.333, 1.0) for second in seconds] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_frames_are_a_section_up_to_the_next() -> None:
    seconds = [0.0, 0.5, 1.5, 2.0]
    assert Section.of(range(1, 3), seconds, film_seconds=2.5) == Section(0.5, 2.0)
    assert Section.of(range(2, 4), seconds, film_seconds=2.5) == Section(1.5, 2.5)
