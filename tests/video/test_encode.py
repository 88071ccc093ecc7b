from fractions import Fraction

import av
import numpy as np
import pytest

from maagn.video import encode
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip
from tests.video.coded import numbers, picture

UNEVEN = np.array([2.0, 2.04, 2.05, 2.25, 2.3, 3.0])


@pytest.fixture
def written(tmp_path):
    frames = np.stack([picture(number) for number in range(6)])
    write_mp4(tmp_path / "a.mp4", frames, seconds=UNEVEN)
    return tmp_path / "a.mp4"


def test_frames_and_times_come_back(written):
    clip = read_clip(written)
    assert numbers(clip.frames) == list(range(6))
    assert clip.seconds == pytest.approx(UNEVEN - 2, abs=1e-4)  # the file's clock begins at zero
    assert clip.reader == "pyav"
    assert clip.notices == ()


def test_it_is_what_browsers_play_and_scrub(written):
    with av.open(str(written)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert (stream.codec_context.name, stream.profile) == ("h264", "High")
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert all(packet.is_keyframe for packet in packets)
        # gaps 0.04, 0.01, 0.2, 0.05, 0.7: the last frame lasts their median
        assert packets[-1].duration * packets[-1].time_base == Fraction(5, 100)
    content = written.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_colours_survive(tmp_path):
    colours = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40)], dtype=np.uint8)
    frames = np.broadcast_to(colours[:, None, None], (4, 32, 32, 3))
    write_mp4(tmp_path / "c.mp4", frames, seconds=np.arange(4) / 25)
    back = read_clip(tmp_path / "c.mp4").frames.astype(int)
    assert np.abs(back - frames).max() <= 3


def test_odd_sides_are_padded_with_their_own_edge(tmp_path):
    frames = np.full((2, 33, 31, 3), 40, dtype=np.uint8)
    frames[:, -1] = frames[:, :, -1] = 200
    write_mp4(tmp_path / "odd.mp4", frames, seconds=np.arange(2) / 25)
    back = read_clip(tmp_path / "odd.mp4").frames
    assert back.shape == (2, 34, 32, 3)
    assert back[:, -1].min() > 180


def test_a_single_frame_lasts_a_second(tmp_path):
    write_mp4(tmp_path / "one.mp4", picture(1)[None], seconds=np.array([7.0]))
    with av.open(str(tmp_path / "one.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.duration * stream.time_base == 1


@pytest.mark.parametrize("seconds", [[0.0, 0.0], [0.1, 0.0], [0.0, 1e-6]])
def test_times_must_increase(tmp_path, seconds):
    with pytest.raises(ValueError, match="seconds must increase"):
        write_mp4(tmp_path / "a.mp4", np.stack([picture(0)] * 2), seconds=np.array(seconds))


def test_a_failure_leaves_what_was_there(written, monkeypatch):
    before = written.read_bytes()

    def fail(*_arguments, **_settings):
        raise OSError("disk full")

    monkeypatch.setattr(encode, "_mux", fail)
    with pytest.raises(OSError, match="disk full"):
        write_mp4(written, picture(0)[None], seconds=np.array([0.0]))
    assert written.read_bytes() == before
    assert [path.name for path in written.parent.iterdir()] == ["a.mp4"]


def test_a_film_to_look_at_keeps_within_its_bytes(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (40, 96, 128, 3), dtype=np.uint8)
    sizes = []
    for most in (None, 100_000):
        path = tmp_path / f"{most}.mp4"
        write_mp4(path, frames, seconds=np.arange(40) / 20, keyframe_every=15, most_bytes=most)
        sizes.append(path.stat().st_size)
    assert sizes[1] < 150_000 < sizes[0]
