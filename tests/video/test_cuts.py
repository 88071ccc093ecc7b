"""Cuts where films were pasted, and none where things move, fade or flash."""

import pytest

from tests.video.films import Film, found, real, rendered

FILMS = list(rendered())


@pytest.mark.parametrize("film", FILMS, ids=lambda film: film.kind)
def test_cuts_are_found_where_they_are(film):
    assert found(film) == film.cuts


def test_cuts_of_real_films_are_found_where_they_are():
    films = list(real())
    if not films:
        pytest.skip("no real clips here")
    wrong = [film.kind for film in films if found(film) != film.cuts]
    assert wrong == []


def test_a_film_of_few_frames_has_no_cut():
    one = FILMS[0].frames
    for count in (1, 2, 3):
        assert found(Film("short", one[:count])) == ()
