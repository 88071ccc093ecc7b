"""Which clips are held out where a set has no validation split."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from maagn.data.groups import groups_by_name, tell_groups
from maagn.data.held_out import hold_out
from maagn.data.videos import Video, VideoSet


def a_set(*ids: str) -> VideoSet:
    labels = tuple(sorted({each.partition("/")[0] for each in ids}))
    videos = tuple(
        Video(each, Path("set") / each, labels.index(each.partition("/")[0])) for each in ids
    )
    return VideoSet("set", "class-folders", Path("set"), "train", labels, videos)


def held(videos: VideoSet, every: int = 5) -> list[str]:
    return [videos.videos[clip].id for clip in hold_out(videos, every=every).clips]


def test_every_fifth_of_each_class_is_held_out_evenly_over_its_list():
    videos = a_set(*(f"in/{n:02}.mp4" for n in range(10)), *(f"out/{n:02}.mp4" for n in range(5)))
    assert held(videos) == ["in/02.mp4", "in/07.mp4", "out/02.mp4"]
    assert held(videos, every=2)[:3] == ["in/01.mp4", "in/03.mp4", "in/05.mp4"]
    assert str(hold_out(videos, every=5)) == "3 of 15 clips, every fifth of each class"
    assert str(hold_out(videos, every=12)).endswith("every 12th of each class")


def test_small_classes_give_one_clip_and_those_of_one_clip_none():
    assert held(a_set("in/1.mp4", "in/2.mp4", "in/3.mp4", "out/1.mp4")) == ["in/2.mp4"]
    assert held(a_set("in/1.mp4", "out/1.mp4")) == []


def test_groups_are_held_out_whole_where_names_tell_them():
    people = ("ann", "ben", "carl", "dora", "emil")
    videos = a_set(
        *(f"{way}/{who}-{n}.mp4" for way in ("in", "out") for who in people for n in (1, 2))
    )
    assert held(videos) == ["in/ann-1.mp4", "in/ann-2.mp4", "out/ann-1.mp4", "out/ann-2.mp4"]
    found = hold_out(videos, every=5)
    assert found.groups == ("ann",)
    assert str(found).startswith("4 of 20 clips, those of the group ann (")
    assert hold_out(videos, every=2).groups == ("ann", "ben")


@pytest.mark.parametrize(
    "ids",
    [
        # a group a class: holding it out would hold out the class
        [f"{way}/{way}-{n}.mp4" for way in ("in", "out") for n in range(6)],
        # nobody but ann walks out, so nobody can be held out who does
        [
            *(f"in/{who}-{n}.mp4" for who in ("ann", "ben") for n in range(4)),
            "out/ann-8.mp4",
            "out/ann-9.mp4",
        ],
        # digits alone tell nothing
        [f"{way}/{n}.mp4" for way in ("in", "out") for n in range(10, 22)],
    ],
    ids=["class", "one has all", "digits"],
)
def test_single_clips_are_held_out_where_groups_would_leave_a_class_without(ids):
    found = hold_out(a_set(*ids), every=5)
    assert found.groups == ()
    classes = {each.partition("/")[0] for each in held(a_set(*ids))}
    assert classes == {"in", "out"}


def test_uneven_groups_give_about_what_was_asked_for_and_the_order_of_the_list_is_nothing():
    rng = np.random.default_rng(0)
    ids = [f"{way}/g{rng.integers(40)}-{n:04}.mp4" for way in "abcd" for n in range(250)]
    videos = a_set(*ids)
    chosen = held(videos)
    assert sorted(chosen) == sorted(held(a_set(*reversed(ids))))
    counts = Counter(each[0] for each in chosen)
    assert all(30 <= counts[way] <= 75 for way in "abcd"), counts


def test_two_groups_and_one_of_several_clips_are_needed():
    assert groups_by_name(["in/ann-1.mp4", "in/ann 2.mp4", "in/10.mp4", "v_Swim_g01_c02.avi"]) == [
        "ann", "ann", "in/10.mp4", "v_Swim_g01_c"
    ]  # fmt: skip
    assert not tell_groups(["a", "b"])
    assert not tell_groups(["a", "a"])
    assert tell_groups(["a", "a", "b"])
