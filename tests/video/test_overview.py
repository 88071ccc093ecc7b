"""A film at a glance: its pictures, where things move, and the section that is proposed."""

import numpy as np
import pytest

from maagn.section import Section
from maagn.video.film import film_frames, film_length
from maagn.video.overview import Overview, crosses_cut, local_change, overview, propose
from tests.video.coded import encode, numbers
from tests.video.films import HEIGHT, RATE, scene

SECONDS = 30.0
COUNT = round(SECONDS * RATE)


def looked_at(frames, **settings):
    timed = ((place / RATE, frame) for place, frame in enumerate(frames))
    return overview(timed, film_seconds=len(frames) / RATE, **settings)


def still(number=0, *, frames=COUNT):
    """A scene in which nothing moves but the noise of a camera."""
    picture = scene(number, frames=1)[0].astype(int)
    random = np.random.default_rng(number)
    noise = random.integers(-6, 7, (frames, *picture.shape))
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def with_burst(frames, *, start, seconds=1.5, side=14):
    """Something that runs to and fro between those moments."""
    lit = frames.copy()
    for place in range(round(start * RATE), round((start + seconds) * RATE)):
        left = round(25 + 20 * np.sin(place / 3))
        lit[place, 30 : 30 + side, left : left + side] = (230, 30, 30)
    return lit


@pytest.mark.parametrize("start", [0.0, 7.3, 14.0, 28.5])
def test_the_proposal_lies_on_the_only_motion(start):
    seen = looked_at(with_burst(still(), start=start))
    section = propose(seen)
    assert section.seconds == pytest.approx(4.0)
    assert section.start <= start + 0.1
    assert section.end >= start + 1.5 - 0.1
    if 2 < start < 26:  # with the motion in its middle
        assert (section.start + section.end) / 2 == pytest.approx(start + 0.75, abs=0.4)


@pytest.mark.parametrize("scenes", [1, 2])
def test_the_proposal_lies_on_motion_while_the_camera_moves_elsewhere(scenes):
    frames = with_burst(still(), start=20.0)
    wide = np.concatenate([scene(number, frames=1)[0] for number in (0, 8, 16)], axis=1)
    for place in range(100, 300):  # a sweep over so many scenes and back, from 4 to 12 s
        left = scenes * HEIGHT * (1 - np.cos((place - 100) / 200 * 2 * np.pi)) / 2
        frames[place] = wide[:, round(left) : round(left) + HEIGHT]
    section = propose(looked_at(frames))
    assert section.start < 20.5
    assert section.end > 21.0


def test_the_proposal_lies_on_motion_while_the_light_changes_elsewhere():
    frames = with_burst(still(), start=20.0).astype(float)
    frames[100:300] *= 1 - 0.4 * np.abs(np.sin(np.arange(200) / 8))[:, None, None, None]
    section = propose(looked_at(frames.astype(np.uint8)))
    assert section.start < 20.5
    assert section.end > 21.0


def test_the_proposal_crosses_no_cut():
    first, second = still(0, frames=500), still(5, frames=250)
    frames = with_burst(np.concatenate([first, second]), start=18.5)  # the cut is at 20 s
    seen = looked_at(frames)
    assert seen.cuts == (20.0,)
    section = propose(seen)
    assert section.end == pytest.approx(20.0)
    assert crosses_cut(section, seen.cuts) is None


def test_of_short_shots_one_is_proposed_whole():
    shots = [still(number, frames=50) for number in range(0, 12, 3)]
    seen = looked_at(with_burst(np.concatenate(shots), start=4.4, seconds=1.2))
    assert seen.cuts == (2.0, 4.0, 6.0)
    assert propose(seen) == Section(4.0, 6.0)


def test_a_film_shorter_than_the_proposal_is_proposed_whole():
    assert propose(looked_at(still(frames=50))) == Section(0.0, 2.0)


def test_where_nothing_moves_there_is_a_proposal_all_the_same():
    picture = scene(0, frames=1)
    seen = looked_at(np.repeat(picture, 500, axis=0))
    assert seen.motion.max() == 0
    assert propose(seen).seconds == 4.0


def test_a_cut_is_no_motion():
    picture, other = scene(0, frames=1), scene(5, frames=1)
    seen = looked_at(np.concatenate([np.repeat(picture, 200, 0), np.repeat(other, 200, 0)]))
    assert seen.cuts == (8.0,)
    assert seen.motion.max() == 0


def test_motion_is_told_where_it_is():
    seen = looked_at(with_burst(still(), start=10.0))
    assert len(seen.motion) == len(seen.motion_seconds) == 120
    moving = seen.motion_seconds[seen.motion > seen.motion.max() / 2]
    assert moving.min() > 9.7
    assert moving.max() < 11.8


def test_a_long_film_is_told_in_no_more_parts_than_are_asked_for():
    seen = looked_at(still(frames=500), parts=10, thumbnails=7)
    assert len(seen.motion) == 10
    assert len(seen.thumbnails) == 7


def test_thumbnails_are_spread_over_the_film(tmp_path):
    path = encode(tmp_path / "a.mp4", count=200)
    seen = overview(
        film_frames(path, height=HEIGHT), film_seconds=film_length(path).seconds, thumbnails=10
    )
    assert numbers(seen.thumbnails) == list(range(10, 200, 20))
    assert seen.thumbnail_seconds == pytest.approx(np.arange(10) * 0.8 + 0.4)
    assert (seen.film_seconds, seen.frames_per_second) == (8.0, 25.0)


def test_how_far_it_is_is_told_and_may_be_stopped():
    class StoppedError(Exception):
        pass

    told = []

    def progress(share):
        told.append(share)
        if share > 0.5:
            raise StoppedError

    with pytest.raises(StoppedError):
        looked_at(still(frames=100), progress=progress)
    assert len(told) == 52
    assert told == sorted(told)


def test_of_what_moves_with_the_camera_nothing_is_motion():
    random = np.random.default_rng(0)
    wide = np.cumsum(random.normal(size=(36, 80)), axis=1).astype(np.float32)
    wide = (wide - wide.min()) / np.ptp(wide)
    here, there = wide[:, 4:68], wide[:, 8:72]
    assert local_change(here, there) < 0.15 * np.abs(here - there).mean()
    assert local_change(here, 0.6 * here) == pytest.approx(0, abs=1e-6)


def test_which_cut_a_section_crosses():
    cuts = (2.0, 4.0)
    assert crosses_cut(Section(1.0, 5.0), cuts) == 2.0
    assert crosses_cut(Section(2.0, 4.0), cuts) is None
    assert crosses_cut(Section(3.0, 4.04), cuts) == 4.0


def test_proposals_are_worked_by_hand():
    seen = Overview(
        film_seconds=8.0,
        frames_per_second=25.0,
        thumbnails=np.zeros((1, 2, 2, 3), np.uint8),
        thumbnail_seconds=np.zeros(1),
        motion=np.array([0, 0, 1, 0, 3, 3, 0, 0.0]),
        motion_seconds=np.arange(8) + 0.5,
        cuts=(5.0,),
    )
    # Before the cut 4 in 3 s, after it 3 in 3 s; the cut lies between the two parts with most.
    assert propose(seen, seconds=3.0) == Section(2.0, 5.0)
