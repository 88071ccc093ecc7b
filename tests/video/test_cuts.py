"""Cuts where films were pasted, and none where things move, fade or flash."""

import pytest

from tests.video.films import FIRSTS, Film, found, real, rendered, scene


@pytest.mark.parametrize("first", FIRSTS)
def test_cuts_are_found_where_they_are(first):
    wrong = [film.kind for film in rendered([first]) if found(film) != film.cuts]
    assert wrong == []


def test_cuts_of_real_films_are_found_where_they_are():
    films = list(real())
    if not films:
        pytest.skip("no real clips here")
    wrong = [film.kind for film in films if found(film) != film.cuts]
    assert wrong == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_film_of_few_frames_has_no_cut(count):
    assert found(Film("short", scene(0, frames=count))) == ()
