"""Frames by the packets that they need alone: the same as those of everything decoded in order."""

from dataclasses import replace

import av
import numpy as np
import pytest

from maagn.config import SamplingSpec
from maagn.video.decoder import with_pyav
from maagn.video.decoder.decode_plan import order_of_showing, plan_decoding
from maagn.video.decoder.packet_index import index_packets
from maagn.video.decoder.protocol import Request
from maagn.video.read import read_clip
from maagn.video.validate import LIMITS
from tests.video.coded import cut_without_decoding, numbers, turn

EIGHT = [(8, 0, 0, 1)]
HEVC = {"codec": "libx265", "options": {"x265-params": "log-level=none:bframes=3:keyint=10"}}
SOUND = {
    # name: how it is written, and how many of its 60 packets eight frames need
    "one_group.mp4": ({"options": {"bf": "3", "b-pyramid": "none"}}, range(20, 45)),
    "pyramid.mp4": ({"options": {"bf": "3", "g": "250"}}, range(20, 50)),
    "short_groups.mp4": ({"options": {"bf": "3", "g": "6"}}, range(8, 40)),
    "pictures_of_their_own.mp4": ({"options": {"g": "1"}}, range(8, 9)),
    "no_b_frames.mp4": (
        {"options": {"bf": "0", "g": "12", "sc_threshold": "0"}},
        range(30, 60),
    ),
    "two_fields.mp4": ({"options": {"bf": "2", "g": "12", "flags": "+ildct"}}, range(20, 55)),
    "several_slices.mp4": ({"options": {"bf": "2", "g": "12", "slices": "4"}}, range(20, 55)),
    "b_frames.mov": ({"options": {"bf": "3", "g": "12"}}, range(15, 50)),
    "b_frames.mkv": ({"options": {"bf": "3", "g": "12"}}, range(15, 50)),
    "fragments.mp4": (
        {"options": {"bf": "3", "g": "12"}, "movflags": "frag_keyframe+empty_moov"},
        range(15, 50),
    ),
    "ten_bits.mp4": ({"pixels": "yuv420p10le", "options": {"g": "12"}}, range(15, 50)),
    "h265.mp4": (HEVC, range(20, 60)),
    "uneven.mp4": (
        {"options": {"g": "12"}, "ticks": np.cumsum([40, 10, 90, 200, 33] * 12).tolist()},
        range(15, 50),
    ),
}


def asked(path, samplings=EIGHT):
    return Request(
        reader="pyav", path=str(path), name=path.name, samplings=samplings, limits=LIMITS
    )


def way_of(path, samplings=EIGHT):
    table = index_packets(asked(path, samplings))
    shown = order_of_showing(table)
    wanted = with_pyav.union(table.announced, samplings=samplings)
    return None if shown is None else plan_decoding(table, shown, wanted)


def both(path):
    """What is read by the shortest way, and by decoding everything."""
    request = asked(path)
    return with_pyav.read(request), with_pyav._all(request, index_packets(request))


@pytest.mark.parametrize("name", SOUND)
def test_the_short_way_gives_what_the_long_way_gives(make, name):
    settings, needed = SOUND[name]
    path = make(name, count=60, **settings)
    (short, frames), (long, all_frames) = both(path)
    assert short.outlined
    assert len(way_of(path).shown) in needed
    assert np.array_equal(frames, all_frames)
    assert replace(short, outlined=False) == long


@pytest.mark.parametrize(
    "samplings", [[(2, 0, 0, 1)], [(8, 16, 0, 1)], [(5, 0, 1, 2), (3, 0, 0, 1)]]
)
def test_whatever_the_sampling(make, samplings):
    path = make("a.mp4", count=60, options={"bf": "3", "g": "9"})
    request = asked(path, samplings)
    header, frames = with_pyav.read(request)
    assert header.outlined
    assert numbers(np.stack(frames)) == list(header.indices)
    assert np.array_equal(frames, with_pyav._all(request, index_packets(request))[1])


def test_everything_is_decoded_where_every_frame_is_wanted(make):
    assert way_of(make("a.mp4", options={"bf": "3", "g": "9"}), None) is None


def test_decord_reads_the_same_packets(make):
    clip = read_clip(
        turn(make("turned.mp4", count=60, options={"bf": "3", "g": "12"})),
        samplings=[SamplingSpec(frames=8)],
    )
    assert (clip.reader, clip.notices) == ("decord", ())
    assert numbers(np.rot90(clip.frames, 1, axes=(1, 2))) == clip.indices.tolist()


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("a.avi", {"codec": "mpeg4"}),
        ("a.ts", {}),
        ("a.flv", {}),
        ("a.mp4", {"codec": "mpeg4"}),
        ("a.webm", {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}),
    ],
)
def test_kinds_that_prove_nothing_are_decoded_completely(make, name, settings):
    assert way_of(make(name, **settings)) is None


def test_a_cut_between_key_frames_is_decoded_completely(make, tmp_path):
    source = make("whole.mp4", count=60, options={"g": "12", "bf": "2", "sc_threshold": "0"})
    assert way_of(cut_without_decoding(source, tmp_path / "cut.mp4", first=17, key=12)) is None


def test_groups_that_reach_over_their_key_frame_are_not_entered_there(make):
    options = {"g": "10", "bf": "3", "sc_threshold": "0", "x264-params": "open-gop=1"}
    path = make("open.mp4", count=60, options=options)
    with av.open(str(path)) as container:
        keys = sum(one.is_keyframe for one in container.demux(video=0) if one.size)
    assert keys > 1
    assert len(way_of(path).stretches) == 1  # recovery points are no IDR pictures
    (_, frames), (_, all_frames) = both(path)
    assert np.array_equal(frames, all_frames)


def test_damage_on_the_way_means_that_everything_is_decoded(make):
    path = make("damaged.mp4", count=60, options={"g": "12", "bf": "0"})
    with av.open(str(path)) as container:
        places = [(one.pos, one.size) for one in container.demux(video=0) if one.size]
    content = bytearray(path.read_bytes())
    position, size = places[way_of(path).stretches[1][0]]
    content[position + size // 2 : position + size] = bytes(size - size // 2)
    path.write_bytes(content)
    (short, frames), (long, all_frames) = both(path)
    assert not short.outlined
    assert short == long
    assert np.array_equal(frames, all_frames)


def test_a_file_whose_packets_are_not_as_they_seemed_is_read_by_both_readers_anew(make):
    path = make("damaged.mp4", count=60, options={"g": "12", "bf": "0"})
    with av.open(str(path)) as container:
        places = [(one.pos, one.size) for one in container.demux(video=0) if one.size]
    content = bytearray(path.read_bytes())
    position, size = places[way_of(path).stretches[1][0]]
    content[position + size // 2 : position + size] = bytes(size - size // 2)
    path.write_bytes(content)
    clip = read_clip(path, samplings=[SamplingSpec(frames=8)])
    request = asked(path)
    header, frames = with_pyav._all(request, index_packets(request))
    assert clip.indices.tolist() == list(header.indices)
    assert np.abs(clip.frames.astype(int) - np.stack(frames)).max() <= 4
