"""Frames by the packets that they need alone: the same as those of everything decoded in order."""

from dataclasses import replace

import av
import numpy as np
import pytest

from maagn.config import SamplingSpec
from maagn.errors import ClipTooLarge
from maagn.video.decoder import with_pyav
from maagn.video.decoder.container import clip_stream, opened
from maagn.video.decoder.decode_plan import plan_decoding
from maagn.video.decoder.packet_index import HIDDEN_MOST, index_packets
from maagn.video.decoder.protocol import Request
from maagn.video.read import read_clip
from maagn.video.validate import LIMITS, Limits
from tests.video.coded import cut_in_pieces, cut_without_decoding, numbers

EIGHT = [(8, 0, 0, 1)]
HEVC = {"codec": "libx265", "options": {"x265-params": "log-level=none:bframes=3:keyint=10"}}
LAYERS = "log-level=none:bframes=3:b-adapt=0:keyint=20:temporal-layers=3:b-pyramid=1"
IN_LAYERS = {"codec": "libx265", "options": {"x265-params": LAYERS}}
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
    "h265.mp4": (HEVC, range(20, 50)),
    "h265_in_layers.mp4": (IN_LAYERS, range(20, 50)),
    "uneven.mp4": (
        {"options": {"g": "12"}, "ticks": np.cumsum([40, 10, 90, 200, 33] * 12).tolist()},
        range(15, 50),
    ),
}


def asked(path, samplings=EIGHT):
    return Request(
        reader="pyav", path=str(path), name=path.name, samplings=samplings, limits=LIMITS
    )


def index_of(request):
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        return index_packets(request, container, stream)


def plan_of(path, samplings=EIGHT):
    request = asked(path, samplings)
    return plan_decoding(index_of(request), request)


def everything(request):
    """What is read by decoding everything."""
    return with_pyav._all(request, index_of(request))


def both(path):
    """What is read by the shortest way, and by decoding everything."""
    request = asked(path)
    return with_pyav.read(request), everything(request)


@pytest.fixture
def nothing_else(monkeypatch):
    """A way that ends in decoding everything fails the test."""

    def refuse(*_):
        raise AssertionError("everything was decoded")

    def only():
        monkeypatch.setattr(with_pyav, "_all", refuse)

    return only


@pytest.mark.parametrize("name", SOUND)
def test_the_short_way_gives_what_the_long_way_gives(make, nothing_else, name):
    settings, needed = SOUND[name]
    path = make(name, count=60, **settings)
    assert sum(map(len, plan_of(path).stretches)) in needed
    long, all_frames = everything(asked(path))
    nothing_else()
    short, frames = with_pyav.read(asked(path))
    assert np.array_equal(frames, all_frames)
    assert short == long


@pytest.mark.parametrize(
    "name", ["one_group.mp4", "short_groups.mp4", "several_slices.mp4", "ten_bits.mp4", "h265.mp4"]
)
def test_on_several_threads_the_same(make, nothing_else, monkeypatch, name):
    monkeypatch.setattr(with_pyav, "_MANY_PIXELS", 0)
    monkeypatch.setattr(with_pyav.os, "cpu_count", lambda: 4)
    path = make(name, count=60, **SOUND[name][0])
    long, all_frames = everything(asked(path))
    nothing_else()
    for _ in range(3):
        short, frames = with_pyav.read(asked(path))
        assert np.array_equal(frames, all_frames)
        assert short == long


def test_pictures_that_a_higher_layer_is_made_from_are_decoded(make):
    path = make("layers.mp4", count=60, **IN_LAYERS)
    request = asked(path)
    index = index_of(request)
    layers = [picture.layer for picture in index.pictures]
    assert len(set(layers)) > 1
    plan = plan_decoding(index, request)
    decoded = {place for stretch in plan.stretches for place in stretch}
    below = tuple(replace(one, disposable=True) for one in index.pictures)
    fewer = plan_decoding(replace(index, pictures=below), request)
    kept = {place for stretch in fewer.stretches for place in stretch} - set(plan.wanted)
    assert kept <= decoded
    assert {layers[place] for place in kept} == set(range(max(layers)))


@pytest.mark.parametrize(
    "samplings", [[(2, 0, 0, 1)], [(8, 16, 0, 1)], [(5, 0, 1, 2), (3, 0, 0, 1)]]
)
def test_whatever_the_sampling(make, nothing_else, samplings):
    path = make("a.mp4", count=60, options={"bf": "3", "g": "9"})
    request = asked(path, samplings)
    _, all_frames = everything(request)
    nothing_else()
    header, frames = with_pyav.read(request)
    assert numbers(np.stack(frames)) == list(header.indices)
    assert np.array_equal(frames, all_frames)


def test_everything_is_decoded_where_every_frame_is_wanted(make):
    assert plan_of(make("a.mp4", options={"bf": "3", "g": "9"}), None) is None


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
    assert plan_of(make(name, **settings)) is None


@pytest.mark.parametrize("b_frames", ["0", "2"])
def test_of_a_cut_between_key_frames_hidden_packets_are_decoded_and_not_shown(
    make, tmp_path, nothing_else, b_frames
):
    options = {"g": "12", "bf": b_frames, "sc_threshold": "0"}
    source = make("whole.mp4", count=60, options=options)
    path = cut_without_decoding(source, tmp_path / "cut.mp4", first=17, key=12)
    long, all_frames = everything(asked(path))
    nothing_else()
    short, frames = with_pyav.read(asked(path))
    assert short == long
    assert np.array_equal(frames, all_frames)


def test_of_many_pieces_only_those_that_are_wanted_are_decoded(make, nothing_else):
    source = make("whole.mp4", count=100, options={"g": "12", "bf": "2"}, size=(320, 240))
    path = cut_in_pieces(source, pieces=100)
    long, all_frames = everything(asked(path))
    nothing_else()
    short, frames = with_pyav.read(asked(path))
    assert short == long
    assert np.array_equal(frames, all_frames)
    assert len(index_of(asked(path)).times) > 1000
    assert sum(map(len, plan_of(path).stretches)) < 150


def test_packets_that_an_edit_list_repeats_are_not_kept_without_end(make):
    path = cut_in_pieces(make("whole.mp4", options={"bf": "0", "g": "12"}), pieces=40)
    few = replace(asked(path), limits=Limits(bytes=path.stat().st_size))
    assert len(index_of(asked(path)).packets) > 100
    assert index_of(few).packets == ()
    header, frames = with_pyav.read(few)
    assert numbers(np.stack(frames)) == list(header.indices)


def test_hidden_packets_are_not_remembered_without_end(make):
    options = {"bf": "0", "g": "40", "sc_threshold": "0"}
    path = cut_in_pieces(make("whole.mp4", options=options), pieces=40)
    few = replace(asked(path), limits=Limits(frames=40))
    assert len(index_of(asked(path)).times) > 40 * (1 + HIDDEN_MOST)
    index = index_of(few)
    assert (len(index.times), len(index.clocks), index.announced) == (40, 40, 40)
    assert (index.hidden, index.packets, index.pictures) == (frozenset(), (), ())
    header, frames = with_pyav.read(few)
    assert numbers(np.stack(frames)) == list(header.indices)
    with pytest.raises(ClipTooLarge, match="more than 39 frames"):
        index_of(replace(few, limits=Limits(frames=39)))


def test_groups_that_reach_over_their_key_frame_are_not_entered_there(make):
    options = {"g": "10", "bf": "3", "sc_threshold": "0", "x264-params": "open-gop=1"}
    path = make("open.mp4", count=60, options=options)
    with av.open(str(path)) as container:
        keys = sum(one.is_keyframe for one in container.demux(video=0) if one.size)
    assert keys > 1
    assert len(plan_of(path).stretches) == 1  # recovery points are no IDR pictures
    (_, frames), (_, all_frames) = both(path)
    assert np.array_equal(frames, all_frames)


@pytest.mark.parametrize("pixels", [0, float("inf")], ids=["threads", "one thread"])
def test_damage_on_the_way_means_that_everything_is_decoded(make, monkeypatch, pixels):
    monkeypatch.setattr(with_pyav, "_MANY_PIXELS", pixels)
    path = make("damaged.mp4", count=60, options={"g": "12", "bf": "0"})
    place = plan_of(path).stretches[1][0]
    with av.open(str(path)) as container:
        extents = [(one.pos, one.size) for one in container.demux(video=0) if one.size]
    position, size = extents[place]
    content = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)  # no zeros: the packets themselves show nothing
    noise = rng.integers(4, 256, size - size // 2, np.uint8)
    content[position + size // 2 : position + size] = noise.tobytes()
    path.write_bytes(content)
    assert plan_of(path) is not None
    tried = []
    monkeypatch.setattr(with_pyav, "_some", _noted(with_pyav._some, tried))
    (short, frames), (long, all_frames) = both(path)
    assert tried == ["DoubtError"]
    assert short == long
    assert np.array_equal(frames, all_frames)


def test_zeros_in_a_packet_are_seen_before_anything_is_decoded(make):
    path = make("damaged.mp4", count=60, options={"g": "12", "bf": "0"})
    with av.open(str(path)) as container:
        extents = [(one.pos, one.size) for one in container.demux(video=0) if one.size]
    content = bytearray(path.read_bytes())
    position, size = extents[plan_of(path).stretches[1][0]]
    content[position + size // 2 : position + size] = bytes(size - size // 2)
    path.write_bytes(content)
    assert plan_of(path) is None
    clip = read_clip(path, samplings=[SamplingSpec(frames=8)])
    header, frames = everything(asked(path))
    assert clip.indices.tolist() == list(header.indices)
    assert np.array_equal(clip.frames, frames)


def _noted(function, errors):
    def noting(*args):
        try:
            return function(*args)
        except Exception as error:
            errors.append(type(error).__name__)
            raise

    return noting
