"""Windows over frames as they come."""

import numpy as np
import pytest

from maagn.errors import SectionError
from maagn.explain.windows import Spacing, check_lengths, slide


def film(count, rate=25.0, digits=9):
    return [(round(place / rate, digits), place) for place in range(count)]


def test_a_window_of_several_steps_is_of_whole_frames():
    spacing = Spacing.of(3.0, 0.75, gap=1 / 25)
    assert (spacing.length, spacing.step) == (76, 19)  # 0.75 s are 18.75 frames
    assert Spacing.of(3.0, 0.7, gap=1 / 25).length == 75


@pytest.mark.parametrize("digits", [9, 3])  # Matroska rounds times to milliseconds
@pytest.mark.parametrize("rate", [24000 / 1001, 25.0, 30.0, 60.0])
def test_every_window_of_an_even_film_has_as_many_frames(rate, digits):
    count = 1200
    spacing = Spacing.of(3.0, 0.75, gap=1 / rate)
    windows = list(slide(film(count, rate, digits), spacing))
    assert {len(window.frames) for window in windows} == {spacing.length}
    assert [window.first for window in windows[:-1]] == [
        spacing.step * number for number in range(len(windows) - 1)
    ]
    assert windows[-1].frames[-1] == count - 1
    assert {window.first for window in windows} == {window.frames[0] for window in windows}


def test_bounds_lie_between_frames_to_the_millisecond():
    times = np.arange(900) / 30
    for window in slide(
        zip(times.tolist(), range(900), strict=True), Spacing.of(2.0, 0.5, gap=1 / 30)
    ):
        assert window.start == round(window.start, 3)
        inside = np.flatnonzero((times >= window.start) & (times < window.end))
        assert tuple(inside) == window.frames
        assert np.abs(times - window.end).min() > 0.01


def test_the_last_window_ends_with_the_film_and_is_as_long():
    windows = list(slide(film(107), Spacing(40, 10, 0.04)))
    assert [window.first for window in windows] == [0, 10, 20, 30, 40, 50, 60, 67]
    assert windows[-1].end == pytest.approx(107 / 25)
    exact = list(slide(film(100), Spacing(40, 10, 0.04)))
    assert [window.first for window in exact] == [0, 10, 20, 30, 40, 50, 60]
    assert exact[-1].end == pytest.approx(4)


def test_a_film_shorter_than_a_window_is_one():
    (window,) = slide(film(30), Spacing(40, 10, 0.04))
    assert (window.start, window.end, len(window.frames)) == (0, 1.2, 30)
    assert not list(slide([], Spacing(40, 10, 0.04)))


def test_windows_of_an_uneven_film_have_the_frames_of_their_seconds():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.01, 0.2, 400))
    times -= times[0]
    for window in slide(zip(times.tolist(), range(400), strict=True), Spacing(40, 10, 0.1)):
        inside = np.flatnonzero((times >= window.start) & (times < window.end))
        assert tuple(inside) == window.frames
        assert not len(inside) or window.first == inside[0]


def test_no_more_than_a_window_of_frames_is_kept():
    alive = set()

    class Counted:
        def __init__(self, place):
            self.place = place
            alive.add(place)

        def __del__(self):
            alive.discard(self.place)

    most = 0
    for window in slide(
        ((place / 25, Counted(place)) for place in range(2000)), Spacing(40, 10, 0.04)
    ):
        most = max(most, len(alive))
        del window
    assert most <= 40 + 10 + 3


@pytest.mark.parametrize(
    ("window", "step"), [(0.0, None), (-1.0, None), (3.0, 0.0), (3.0, 4.0), (float("nan"), 1.0)]
)
def test_lengths_that_leave_something_unseen_are_refused(window, step):
    with pytest.raises(SectionError, match=r"step|window"):
        check_lengths(window, step)


def test_a_window_is_two_seconds_and_a_step_a_quarter_of_it():
    assert check_lengths(None, None) == (2.0, 0.5)
    assert check_lengths(3.0, None) == (3.0, 0.75)
