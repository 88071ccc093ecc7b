"""Films in passing: the times and pictures of `read_clip`, and a length that packets tell."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.frame_times import REORDERING, repair, repair_in_passing
from maagn.video.film import film_frames, film_length, film_pictures
from maagn.video.read import read_clip
from maagn.video.short_side import with_short_side
from maagn.video.validate import FILM
from tests.video.coded import GAP, numbers, picture

UNEVEN = [0, 20, 55, 60, 140, 150, 190, 400, 410, 450, 451, 500, 900, 930, 960, 1000]

ORDINARY = {
    "h264-b-frames.mp4": {"options": {"bf": "3", "g": "12"}},
    "uneven.mkv": {"count": len(UNEVEN), "ticks": UNEVEN, "options": {"bf": "2"}},
    "late.mp4": {"count": 20, "ticks": [5000 + GAP * place for place in range(20)]},
    "xvid.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "ts.ts": {"container": "mpegts", "options": {"bf": "2"}},
}


@pytest.mark.parametrize("name", ORDINARY)
def test_times_and_frames_are_those_of_the_clip(make, name):
    path = make(name, **ORDINARY[name])
    clip = read_clip(path)
    seconds, frames = zip(*film_frames(path, height=64), strict=True)
    assert list(seconds) == clip.source_seconds.tolist()
    assert numbers(np.stack(frames)) == numbers(clip.frames)


def test_an_animated_webp_is_a_film_too(tmp_path):
    path = tmp_path / "a.webp"
    frames = [Image.fromarray(picture(number)) for number in range(9)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, lossless=True)
    seconds, pictures = zip(*film_frames(path, height=32), strict=True)
    assert seconds == pytest.approx([0.08 * place for place in range(9)])
    assert numbers(np.stack(pictures)) == list(range(9))
    assert film_length(path).seconds == pytest.approx(0.72)


def test_only_as_many_frames_a_second_as_are_asked_for(make):
    path = make("a.mp4", count=50)  # 25 a second
    seconds, frames = zip(*film_frames(path, height=64, per_second=5.0), strict=True)
    assert seconds == pytest.approx([0.2 * place for place in range(10)])
    assert numbers(np.stack(frames)) == list(range(0, 50, 5))


def test_after_a_pause_frames_are_given_no_faster(make):
    ticks = [*range(0, 400, 40), *range(5000, 5400, 40)]
    path = make("a.mkv", count=20, ticks=ticks)
    seconds = [second for second, _ in film_frames(path, height=64, per_second=10.0)]
    assert seconds[-5:] == pytest.approx([5.0, 5.08, 5.16, 5.28, 5.36])


@pytest.mark.parametrize("name", ORDINARY)
def test_packets_tell_how_long_a_film_is(make, name):
    path = make(name, **ORDINARY[name])
    clip = read_clip(path)
    length = film_length(path)
    assert length.frames == len(clip.source_seconds)
    usual = float(np.median(np.diff(clip.source_seconds)))
    assert length.seconds == pytest.approx(clip.source_seconds[-1] + usual, abs=1e-5)
    assert (length.height, length.width) == clip.frames.shape[1:3]


def test_a_length_is_told_without_decoding(make):
    path = make("a.mp4", count=40, options={"g": "40"})
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    content[start + 1000 : start + 1100] = bytes(100)  # inside the packets
    path.write_bytes(content)
    assert film_length(path).frames == 40


def test_a_film_may_be_longer_than_a_clip(make):
    path = make("a.mkv", count=9, ticks=[100_000 * place for place in range(9)])
    with pytest.raises(ClipTooLarge, match="lasts 800 s; the limit is 600 s"):
        read_clip(path)
    assert film_length(path).seconds == 900
    assert [second for second, _ in film_frames(path, height=64)][-1] == 800


def test_a_film_over_its_limits_is_refused(make):
    path = make("a.mkv", count=9, ticks=[1_500_000 * place for place in range(9)])
    with pytest.raises(ClipTooLarge, match="lasts 12000 s; the limit is 10800 s"):
        list(film_frames(path, height=64))
    with pytest.raises(ClipTooLarge, match="lasts 12000 s; the limit is 10800 s"):
        film_length(path)
    with pytest.raises(ClipTooLarge, match="MB"):
        film_length(path, limits=replace(FILM, bytes=100))


def test_what_is_no_film_is_said(tmp_path):
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(4000))
    with pytest.raises(UnreadableClip, match=r"broken\.mp4"):
        film_length(path)
    with pytest.raises(UnreadableClip, match=r"broken\.mp4"):
        next(film_frames(path, height=64))


@given(st.lists(st.integers(1, 400), min_size=1, max_size=80), st.randoms())
def test_times_handed_to_neighbours_are_sorted_in_passing(gaps, shuffled):
    times = np.cumsum(gaps).astype(float).tolist()
    near = [*times]
    for start in range(0, len(near), REORDERING):  # none goes farther than codecs take it
        part = near[start : start + REORDERING]
        shuffled.shuffle(part)
        near[start : start + REORDERING] = part
    seconds = [second for second, _ in repair_in_passing((time, None) for time in near)]
    assert seconds == repair(times)[0]


@given(st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=1, max_size=60))
def test_any_times_come_out_strictly_increasing_with_their_frames(ticks):
    times = [None if tick is None else tick / 8 for tick in ticks]
    passed = list(repair_in_passing(zip(times, range(len(times)), strict=True), gap=0.125))
    assert [frame for _, frame in passed] == list(range(len(times)))
    assert passed[0][0] == 0
    assert np.all(np.diff([second for second, _ in passed]) > 0)


@pytest.mark.parametrize("name", ORDINARY)
def test_pictures_are_those_that_networks_see_of_a_clip(make, name):
    path = make(name, **ORDINARY[name])
    clip = read_clip(path)
    sides = (40, 24, 300)
    seconds, small, pictures = zip(*film_pictures(path, sides=sides), strict=True)
    assert list(seconds) == clip.source_seconds.tolist() == film_length(path).times.tolist()
    for side, seen in zip(sides, zip(*pictures, strict=True), strict=True):
        np.testing.assert_array_equal(np.stack(seen), with_short_side(clip.frames, side))
    cells = np.stack(
        [cv2.resize(one, (64, 64), interpolation=cv2.INTER_AREA) for one in clip.frames]
    )
    assert np.abs(np.stack(small).astype(float) - cells).mean() < 12


def test_pictures_are_made_of_the_wanted_frames_alone(make):
    path = make("a.mp4", count=20)
    wanted = {0, 3, 19}
    every = [pictures for *_, pictures in film_pictures(path, sides=(24, 40))]
    some = [pictures for *_, pictures in film_pictures(path, sides=(24, 40), wanted=wanted)]
    assert {number for number, pictures in enumerate(some) if pictures is not None} == wanted
    for number in wanted:
        for one, other in zip(some[number], every[number], strict=True):
            np.testing.assert_array_equal(one, other)
