import struct
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from maagn.config import SamplingSpec
from maagn.errors import ClipTooLarge, DecodeTimeout, TooFewFrames, UnreadableClip
from maagn.video.read import read_clip
from maagn.video.validate import Limits
from tests.video.coded import GAP, cut_in_pieces, cut_without_decoding, numbers, turn

ROOT = Path(__file__).parents[2]
EIGHT = [SamplingSpec(frames=8)]
MIDDLES_OF_40 = [2, 7, 12, 17, 22, 27, 32, 37]
BACK_AND_FORTH = {"bf": "3", "g": "15"}
VP9 = {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}}
HEVC = {"codec": "libx265", "options": {"x265-params": "log-level=none:bframes=3"}}
AV1 = {"codec": "av1"}
UNEVEN = np.cumsum([40, 10, 90, 200, 33] * 8).tolist()

KINDS = {
    # name: how it is written
    "plain.mp4": {},
    "b_frames.mp4": {"options": BACK_AND_FORTH},
    "fragments.mp4": {"movflags": "frag_keyframe+empty_moov"},
    "uneven.mp4": {"ticks": UNEVEN},
    "h265.mp4": HEVC,
    "mpeg4.mp4": {"codec": "mpeg4"},
    "ten_bits.mp4": {"pixels": "yuv420p10le"},
    "b_frames.mov": {"options": BACK_AND_FORTH},
    "b_frames.mkv": {"options": BACK_AND_FORTH},
    "vp9.webm": VP9,
    "av1.mp4": AV1,
    "odd_sides.mkv": {"codec": "ffv1", "pixels": "yuv444p", "size": (95, 63)},
    "b_frames.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "h264.avi": {"options": BACK_AND_FORTH},
    "stream.ts": {"options": BACK_AND_FORTH},
    "programme.mpg": {"codec": "mpeg2video", "options": {"bf": "2"}},
    "windows.wmv": {"codec": "wmv2"},
    "flash.flv": {},
    "motion_jpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "animated.gif": {"codec": "gif", "pixels": "rgb8"},
    "animated.apng": {"codec": "apng", "pixels": "rgb24"},
}


@pytest.mark.parametrize("name", KINDS)
def test_sampled_frames_are_the_ones_meant(make, name):
    settings = KINDS[name]
    clip = read_clip(make(name, **settings), samplings=EIGHT)
    assert numbers(clip.frames) == MIDDLES_OF_40
    assert clip.indices.tolist() == MIDDLES_OF_40
    ticks = np.array(settings.get("ticks", range(0, 40 * GAP, GAP)))
    assert clip.source_seconds == pytest.approx((ticks - ticks[0]) / 1000, abs=2e-3)
    assert clip.seconds.tolist() == clip.source_seconds[MIDDLES_OF_40].tolist()
    assert (clip.reader, clip.notices) == ("pyav", ())


def test_what_a_browser_records():
    """Chromium's MediaRecorder in pieces: WebM without a duration, 20 frames a second, then 6.

    Its own fake camera was filmed: a clock, and a disc that fills clockwise, on green.
    """
    clip = read_clip(Path(__file__).with_name("recorded.webm"))
    gaps = np.diff(clip.source_seconds)
    assert clip.frames.shape == (40, 240, 320, 3)
    assert clip.source_seconds[-1] == pytest.approx(2.889)
    assert np.median(gaps[:30]) == pytest.approx(0.05, abs=2e-3)
    assert np.median(gaps[32:]) == pytest.approx(0.17, abs=0.04)
    assert clip.frames.mean(axis=(0, 1, 2)).argmax() == 1
    assert (clip.reader, clip.notices) == ("pyav", ())
    sampled = read_clip(Path(__file__).with_name("recorded.webm"), samplings=EIGHT)
    assert (sampled.frames == clip.frames[MIDDLES_OF_40]).all()


def test_all_frames_without_a_sampling_and_the_union_with_two(make):
    path = make("a.mp4", count=10)
    assert numbers(read_clip(path).frames) == list(range(10))
    both = read_clip(path, samplings=[SamplingSpec(frames=2), SamplingSpec(frames=4)])
    assert numbers(both.frames) == [
        1,
        2,
        3,
        6,
        7,
        8,
    ]  # middles of halves 2, 7; of quarters the rest
    assert len(both.source_seconds) == 10


@pytest.mark.parametrize("options", [{"g": "12", "bf": "0"}, {"g": "12", "bf": "2"}])
def test_a_copy_cut_between_key_frames(make, tmp_path, options):
    source = make("whole.mp4", count=60, options={**options, "sc_threshold": "0"})
    cut = cut_without_decoding(source, tmp_path / "cut.mp4", first=17, key=12)
    clip = read_clip(cut, samplings=EIGHT)
    # 43 frames, 17 to 59, are shown; their middles are 2, 8, 13, 18, 24, 29, 34, 40
    assert numbers(clip.frames) == [19, 25, 30, 35, 41, 46, 51, 57]
    assert clip.notices == ()


def test_decord_alone_gets_that_copy_wrong(make, tmp_path):
    source = make("whole.mp4", count=60, options={"g": "12", "bf": "0", "sc_threshold": "0"})
    cut = cut_without_decoding(source, tmp_path / "cut.mp4", first=17, key=12)
    code = (
        "import sys, decord; from tests.video.coded import numbers;"
        "reader = decord.VideoReader(sys.argv[1], num_threads=1);"
        "print(numbers(reader.get_batch(range(2, len(reader), 5)).asnumpy()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(cut)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = [int(number) for number in run.stdout.strip("[]\n").split(",")]
    assert told != sorted(set(told))  # a frame comes twice; this is why it is a choice alone


def test_a_turned_picture_is_upright(make):
    clip = read_clip(turn(make("turned.mp4")), samplings=EIGHT)
    assert clip.frames.shape == (8, 96, 64, 3)
    back = np.rot90(clip.frames, 1, axes=(1, 2))  # the file asks for a quarter clockwise
    assert numbers(back) == MIDDLES_OF_40


def test_a_turned_picture_without_a_short_way_is_upright_too(make):
    clip = read_clip(turn(make("turned.mp4", **AV1)), samplings=EIGHT)
    assert numbers(np.rot90(clip.frames, 1, axes=(1, 2))) == MIDDLES_OF_40


def test_a_cut_off_file_gives_what_is_left(make):
    path = make("cut_off.mp4", count=60, movflags="faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.9)])
    clip = read_clip(path)
    assert numbers(clip.frames) == list(range(len(clip.frames)))
    assert 30 < len(clip.frames) < 60
    assert f"{len(clip.frames)} of 60 frames could be read." in clip.notices


def test_a_file_cut_off_before_its_index(make):
    path = make("cut_off.mp4")  # an MP4's index is at its end
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(UnreadableClip, match=r"cut_off\.mp4"):
        read_clip(path)


def test_damage_inside_gives_frames_in_order_or_a_named_error(make):
    path = make("damaged.mp4", count=60, options={"g": "10"}, movflags="faststart")
    rng = np.random.default_rng(0)
    content = bytearray(path.read_bytes())
    for integer in rng.integers(content.index(b"mdat") + 900, len(content), 12):
        content[integer] ^= 0xFF
    path.write_bytes(content)
    clip = read_clip(path, samplings=EIGHT)  # the invariants of times are Clip's own
    assert len(clip.frames) == 8


def test_a_change_of_size_and_clock_inside(make, tmp_path):
    first = make("first.ts", count=20)
    second = make("second.ts", count=20, size=(128, 80))
    both = tmp_path / "both.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    clip = read_clip(both)
    assert numbers(clip.frames) == [*range(20), *range(20)]
    assert clip.frames.shape[1:3] == (64, 96)
    assert clip.source_seconds == pytest.approx(np.arange(40) * 0.04, abs=2e-3)
    assert any("filled in" in notice for notice in clip.notices)
    assert any("changes size" in notice for notice in clip.notices)


def test_a_file_that_crashes_decord_is_read_by_default_and_named_by_choice(make):
    path = make("lying.mkv")
    content = bytearray(path.read_bytes())
    duration = content.index(b"\x44\x89\x88") + 3  # Matroska's Duration, a big-endian double
    content[duration : duration + 8] = struct.pack(">d", 1e12)
    path.write_bytes(content)
    clip = read_clip(path)
    assert numbers(clip.frames) == list(range(40))
    assert clip.notices == ()
    with pytest.raises(UnreadableClip, match=r"lying\.mkv crashes the decoder"):
        read_clip(path, reader="decord")


def test_decord_is_a_choice(make):
    path = make("a.mp4", options=BACK_AND_FORTH)
    ours, theirs = (
        read_clip(path, samplings=EIGHT, reader=reader) for reader in ("pyav", "decord")
    )
    assert (ours.reader, theirs.reader) == ("pyav", "decord")
    assert theirs.indices.tolist() == MIDDLES_OF_40
    assert theirs.seconds == pytest.approx(ours.seconds, abs=1e-4)
    assert np.abs(ours.frames.astype(int) - theirs.frames).max() <= 4


def test_decord_sees_no_kind_of_file_that_it_gets_wrong(make):
    with pytest.raises(UnreadableClip, match=r"a\.avi is of a kind that decord does not read"):
        read_clip(make("a.avi", codec="mpeg4"), reader="decord")


def test_an_edit_list_of_many_pieces_is_heeded(make):
    path = cut_in_pieces(make("whole.mp4", count=200, options={"g": "12", "bf": "2"}), pieces=400)
    clip = read_clip(path, samplings=EIGHT)
    assert numbers(clip.frames) == [25, 75, 125, 175] * 2  # the whole is shown twice


def test_too_few_frames_are_named(make):
    with pytest.raises(TooFewFrames) as few:
        read_clip(make("one.mp4", count=1), samplings=EIGHT)
    assert str(few.value) == "one.mp4 has 1 frame; this network needs 8: use a longer clip."


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"seconds": 1.0}, "lasts 2 s; the limit is 1 s: trim it"),
        ({"frames": 39}, "has more than 39 frames: trim it"),
        ({"pixels": 96 * 64 - 1}, "96 x 64 pixels; the limit is 0.0 million: make its picture"),
        ({"kept_bytes": 40 * 96 * 64 * 3 - 1}, "trim it, make it smaller, or read fewer frames"),
    ],
)
def test_limits_say_what_to_do(make, limits, sentence):
    with pytest.raises(ClipTooLarge, match=sentence):
        read_clip(make("big.mp4"), limits=Limits(**limits))


def test_a_passed_deadline_is_named(make):
    with pytest.raises(DecodeTimeout, match=r"slow\.mp4 took longer than 0\.01 s"):
        read_clip(make("slow.mp4"), limits=Limits(seconds_to_decode=0.01))


def test_an_unknown_codec_is_named(make):
    path = make("strange.mkv")
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_STRANGE/THING"))
    with pytest.raises(UnreadableClip, match=r"strange\.mkv is in a codec that cannot be decoded"):
        read_clip(path)


def test_sound_alone_is_no_clip(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(UnreadableClip, match="no picture in it"):
        read_clip(path)


def test_the_name_decides_nothing(make):
    clip = read_clip(make("-i http:x%03d.txt", container="mp4"), samplings=EIGHT)
    assert numbers(clip.frames) == MIDDLES_OF_40


def test_the_digest_is_of_the_content(make, tmp_path):
    path = make("a.mp4", count=8)
    same = tmp_path / "b.mp4"
    same.write_bytes(path.read_bytes())
    assert read_clip(path).digest == read_clip(same).digest
    assert read_clip(path).digest != read_clip(make("c.mp4", count=9)).digest


def test_decord_never_enters_this_process(make):
    read_clip(make("a.mp4", count=8))
    assert "decord" not in sys.modules
