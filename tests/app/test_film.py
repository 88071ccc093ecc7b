"""The film of twelve gallery clips shows what it says it shows."""

import hashlib

import numpy as np

from app import controls
from app.gallery import film
from app.gallery.catalogue import FOLDER, clip_named
from maagn.checkpoint import load_card
from maagn.video.read import read_clip


def test_every_part_of_the_film_is_its_clip():
    choice = film.film()
    whole = read_clip(choice.path)
    shown = film.truth_of(choice)
    assert len(shown) == len(film.CLIPS) == 12
    assert shown[0].section.start == 0
    for part, name in zip(shown, film.CLIPS, strict=True):
        source = read_clip(FOLDER / name)
        inside = (whole.seconds > part.section.start - 1e-3) & (
            whole.seconds < part.section.end - 1e-3
        )
        frames = whole.frames[inside]
        assert len(frames) == len(source.frames)
        assert np.abs(frames.astype(int) - source.frames).mean() < 3  # encoded once more
        assert part.label == clip_named(name).label


def test_each_action_is_followed_by_its_opposite():
    labels = [part.label for part in film.truth_of(film.film())]
    relations = load_card("tsn-demo").relations
    for first, second in zip(labels[::2], labels[1::2], strict=True):
        assert relations.opposite_of(first) == second


def test_the_film_is_the_same_bytes_every_time_and_is_written_once():
    choice = film.film()
    digest = hashlib.sha256(choice.path.read_bytes()).hexdigest()
    assert film.film() == choice
    choice.path.unlink()
    again = film.film()
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == digest


def test_a_link_opens_it_and_nothing_is_known_of_other_clips():
    choice = controls.linked(film.LINK)
    assert choice == film.film()
    assert film.linked("twelve-clips") is None
    assert film.truth_of(clip_named(film.CLIPS[0]).choice()) == ()
