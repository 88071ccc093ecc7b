"""A section is read as if the file had been trimmed to it, to the bit."""

from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
from PIL import Image

from maagn.config import SamplingSpec
from maagn.data.read import every_frame_of, read_video
from maagn.data.videos import Video
from maagn.errors import ClipTooLarge, SectionError, TooFewFrames
from maagn.section import Section
from maagn.video.decoder import packet_index, with_pyav
from maagn.video.decoder.container import clip_stream, opened
from maagn.video.decoder.decode_plan import plan_decoding
from maagn.video.decoder.packet_index import index_packets
from maagn.video.decoder.protocol import Request
from maagn.video.read import read_clip
from maagn.video.sampling import places
from maagn.video.validate import LIMITS, SECTION
from tests.video.coded import encode, numbers, picture

EIGHT = SamplingSpec(8)
UNEVEN = [*accumulate([0] + [40, 10, 90, 200, 33] * 15 + [40] * 4)]

FILES = {
    "b-frames.mp4": {"count": 100, "options": {"bf": "3", "g": "12"}},
    "one-group.mp4": {"count": 60, "options": {"bf": "3", "g": "250"}},
    "hevc.mp4": {
        "count": 100,
        "codec": "libx265",
        "options": {"x265-params": "keyint=12:open-gop=0:log-level=none"},
    },
    "open.mp4": {
        "count": 60,
        "codec": "libx265",
        "options": {"x265-params": "keyint=12:open-gop=1:log-level=none"},
    },
    "uneven.mkv": {"count": len(UNEVEN), "ticks": UNEVEN, "options": {"g": "12", "bf": "2"}},
    "late.mp4": {"count": 60, "ticks": [5000 + 40 * place for place in range(60)]},
    "vp9.webm": {"count": 60, "codec": "libvpx-vp9"},
    "xvid.avi": {"count": 60, "codec": "mpeg4", "options": {"bf": "2"}},
    "ts.ts": {"count": 60, "container": "mpegts", "options": {"bf": "2"}},
}
BETWEEN = Section(0.9, 2.1)


@pytest.mark.parametrize("name", FILES)
def test_a_section_is_the_whole_from_there_to_there(make, name):
    path = make(name, **FILES[name])
    whole = read_clip(path)
    part = read_clip(path, section=BETWEEN)
    inside = BETWEEN.frames(whole.source_seconds.tolist())
    first, stop = inside.start, inside.stop
    assert stop - first > 8
    assert np.array_equal(part.frames, whole.frames[first:stop])
    times = whole.source_seconds
    assert part.source_seconds.tolist() == (times[first:stop] - times[first]).tolist()
    assert part.seconds[0] == part.indices[0] == 0
    assert part.section == Section(times[first], times[stop])
    assert (part.film_seconds, part.digest) == (whole.film_seconds, whole.digest)
    assert part.notices == whole.notices == ()


@pytest.mark.parametrize("name", FILES)
def test_of_a_section_the_frames_are_sampled_as_of_a_file(make, name):
    path = make(name, **FILES[name])
    part = read_clip(path, section=BETWEEN, samplings=[EIGHT])
    every = read_clip(path, section=BETWEEN)
    expected = places(len(every.source_seconds), (8, 0, 0, 1))
    assert part.indices.tolist() == expected
    assert np.array_equal(part.frames, every.frames[expected])
    assert part.seconds.tolist() == every.source_seconds[expected].tolist()


def test_a_file_knows_how_long_it_is(make):
    clip = read_clip(make("a.mp4", count=50))
    assert (clip.section, clip.film_seconds) == (None, 2.0)


@pytest.mark.parametrize(("kept_most", "kept"), [(10**9, True), (1, False)])
def test_only_the_packets_that_a_section_needs_are_decoded(make, monkeypatch, kept_most, kept):
    monkeypatch.setattr(packet_index, "KEPT_MOST", kept_most)
    path = make("a.mp4", count=250, options={"g": "12", "bf": "2"})
    request = Request("pyav", str(path), path.name, None, LIMITS, section=Section(8.0, 8.4))
    with opened(request) as container:
        stream = clip_stream(container, name=request.name, again=lambda: opened(request))
        index = index_packets(request, container, stream)
        plan = plan_decoding(index, request)
        assert bool(index.packets) is kept
        assert sum(map(len, plan.stretches)) <= 24
        header, frames = with_pyav._some(request, index, plan, stream)
    assert numbers(np.stack(frames)) == list(range(200, 210))
    assert header.section == (8.0, 8.4)


def test_what_follows_a_section_is_not_decoded_where_packets_foretell_it(make, monkeypatch):
    path = make("a.webm", codec="libvpx-vp9", count=100)
    request = Request("pyav", str(path), path.name, None, LIMITS, section=Section(0.4, 0.8))
    decoded = []
    decode = with_pyav.frames_of
    monkeypatch.setattr(
        with_pyav,
        "frames_of",
        lambda *given: (decoded.append(frame.pts) or frame for frame in decode(*given)),
    )
    header, frames = with_pyav.read(request)
    assert numbers(np.stack(frames)) == list(range(10, 20))
    assert len(decoded) == 20
    assert header.film_seconds == 4.0


def test_a_section_ends_with_the_film(make):
    path = make("a.mp4", count=50)
    part = read_clip(path, section=(1.0, 60.0))
    assert part.section == Section(1.0, 2.0)
    assert numbers(part.frames) == list(range(25, 50))


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_where_the_film_is_over_there_is_no_section(make, name):
    codec = {"a.mp4": "libx264", "a.webm": "libvpx-vp9"}[name]
    path = make(name, count=50, codec=codec)
    with pytest.raises(SectionError, match=r"section of a\.\w+ from 2\.00 to 3\.00 s has no frame"):
        read_clip(path, section=(2.0, 3.0))


def test_too_few_frames_in_a_section_are_said_to_be_so(make):
    path = make("a.mp4", count=50)
    with pytest.raises(
        TooFewFrames, match=r"from 1\.00 to 1\.20 s has 5 frames; this network needs 8: make it"
    ):
        read_clip(path, section=(1.0, 1.2), samplings=[EIGHT])


def test_of_a_film_longer_than_a_clip_a_section_is_read(make):
    path = make("a.mkv", count=9, ticks=[100_000 * place for place in range(9)])
    with pytest.raises(ClipTooLarge, match="the limit is 600 s"):
        read_clip(path)
    part = read_clip(path, section=(200.0, 500.0))
    assert numbers(part.frames) == [2, 3, 4]
    assert part.source_seconds.tolist() == [0, 100, 200]
    assert part.film_seconds == 900


def test_a_section_longer_than_a_clip_is_refused(make):
    path = make("a.mkv", count=9, ticks=[100_000 * place for place in range(9)])
    with pytest.raises(ClipTooLarge, match=r"section of .* the limit is 600 s: make it shorter"):
        read_clip(path, section=(0.0, 800.5))
    with pytest.raises(ClipTooLarge, match=r"section of .* more than 3 frames"):
        read_clip(path, section=(0.0, 400.0), limits=replace(SECTION, frames=3))


def test_a_damaged_file_has_its_sections_where_the_whole_has_them(make):
    path = make("a.mp4", count=60, options={"g": "12"})
    content = bytearray(path.read_bytes())
    start, stop = content.index(b"mdat") + 4, content.index(b"moov") - 4
    middle = (start + stop) // 2
    content[middle : middle + 40] = bytes(40)
    sound = read_clip(path)
    path.write_bytes(content)
    whole = read_clip(path)
    assert not np.array_equal(whole.frames, sound.frames)
    section = Section(1.0, 2.2)
    inside = section.frames(whole.source_seconds.tolist())
    part = read_clip(path, section=section)
    assert np.array_equal(part.frames, whole.frames[inside.start : inside.stop])


def test_sections_have_keys_of_their_own(make):
    path = make("a.mp4", count=50)
    whole = read_clip(path)
    early, late = (read_clip(path, section=(start, start + 0.8)) for start in (0.0, 1.0))
    assert whole.key == whole.digest
    assert late.key == f"{whole.digest}#t=1.0,1.8"
    assert len({whole.key, early.key, late.key}) == 3
    # Between the same two frames it is the same section.
    assert read_clip(path, section=(0.97, 1.79)).key == late.key


def _webp(tmp_path):
    path = tmp_path / "a.webp"
    frames = [Image.fromarray(picture(number)) for number in range(20)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=40, lossless=True)
    return path


def _gif(tmp_path):
    path = tmp_path / "a.gif"
    frames = [Image.fromarray(picture(number)) for number in range(20)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=40, loop=0)
    return path


@pytest.mark.parametrize("write", [_webp, _gif])
def test_animations_have_sections_too(tmp_path, write):
    part = read_clip(write(tmp_path), section=(0.2, 0.6))
    assert numbers(part.frames) == list(range(5, 15))
    assert part.section == Section(0.2, 0.6)
    assert part.film_seconds == 0.8


def test_decord_reads_sections_too(make):
    path = make("a.mp4", count=100, options={"bf": "0", "g": "12"})
    part = read_clip(path, section=(1.0, 2.0), samplings=[EIGHT], reader="decord")
    same = read_clip(path, section=(1.0, 2.0), samplings=[EIGHT])
    assert numbers(part.frames) == numbers(same.frames)
    assert part.indices.tolist() == same.indices.tolist()
    assert part.section == pytest.approx(same.section, abs=1e-3)


def _folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(60):  # five seconds
        Image.fromarray(picture(number)).save(folder / f"img_{number:05d}.png")
    return Video("pictures", folder, None)


def test_a_folder_of_frames_has_sections(tmp_path):
    video = _folder(tmp_path)
    part = read_video(video, samplings=[EIGHT], section=Section(2.0, 4.0))
    expected = [24 + place for place in places(24, (8, 0, 0, 1))]
    assert numbers(part.frames) == expected
    assert len(part.source_seconds) == 24
    assert part.section == Section(2.0, 4.0)
    assert part.film_seconds == 5.0
    with pytest.raises(SectionError, match="has no frame"):
        read_video(video, samplings=[EIGHT], section=Section(5.0, 6.0))
    with pytest.raises(TooFewFrames, match="make it longer"):
        read_video(video, samplings=[EIGHT], section=Section(4.0, 4.5))


def test_every_frame_of_a_section(make, tmp_path):
    written = [make(name, **settings) for name, settings in FILES.items()] + [_webp(tmp_path)]
    videos = [Video(path.name, path, None) for path in written] + [_folder(tmp_path)]
    for video in videos:
        section = Section(0.2, 0.6) if video.id == "a.webp" else BETWEEN
        part = read_video(video, samplings=[EIGHT], section=section)
        frames = list(every_frame_of(video, part, height=64))
        shown = numbers(np.stack(frames))
        assert len(frames) == len(part.source_seconds)
        assert [shown[place] for place in part.indices] == numbers(part.frames), video.id


def test_a_section_and_its_frames_come_after_doubt_all_the_same(tmp_path, monkeypatch):
    path = encode(tmp_path / "a.mp4", count=100, options={"g": "12"})
    from maagn.video.decoder import every_frame as streaming

    def doubtful(*given):
        for number, frame in enumerate(with_pyav.foretold(*given)):
            if number == 4:
                raise with_pyav.DoubtError("an error in decoding")
            yield frame

    monkeypatch.setattr(streaming, "foretold", doubtful)
    request = Request("pyav", str(path), path.name, None, LIMITS, section=Section(1.0, 2.0))
    frames = [frame for _, (frame,) in streaming._frames(request, 64, gap=0.0)]
    assert numbers(np.stack(frames)) == list(range(25, 50))
