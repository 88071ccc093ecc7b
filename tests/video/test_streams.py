"""Files with more than one stream of pictures, and with none: the moving one is the clip."""

from pathlib import Path

import av
import pytest
from av.stream import Disposition
from PIL import Image

from maagn.config import SamplingSpec
from maagn.errors import UnreadableClip
from maagn.video.read import read_clip
from maagn.video.stills import stills
from tests.fuzz.sources import sound_only
from tests.video.coded import numbers, picture, three_pictures

EIGHT = [SamplingSpec(frames=8)]
MIDDLES_OF_40 = [2, 7, 12, 17, 22, 27, 32, 37]


def joined(path: Path, *parts: tuple[Path, Disposition]) -> Path:
    """A file of the streams of others, in that order, marked so."""
    with av.open(str(path), "w") as output:
        sources = [av.open(str(source)) for source, _ in parts]
        streams = []
        for source, (_, marks) in zip(sources, parts, strict=True):
            stream = output.add_stream_from_template(source.streams[0])
            stream.disposition = marks
            streams.append(stream)
        packets = [
            (float(packet.dts * packet.time_base), number, packet)
            for number, source in enumerate(sources)
            for packet in source.demux(source.streams[0])
            if packet.size
        ]
        for _, number, packet in sorted(packets, key=lambda entry: entry[:2]):
            packet.stream = streams[number]
            output.mux(packet)
        for source in sources:
            source.close()
    return path


@pytest.fixture
def still(tmp_path) -> Path:
    """A photograph, larger than the film."""
    path = tmp_path / "cover.jpg"
    Image.fromarray(picture(255)).resize((640, 480)).save(path, quality=95)
    return path


@pytest.fixture
def film(make) -> Path:
    return make("film.mp4", options={"bf": "2", "g": "12"})


NONE, DEFAULT = Disposition(0), Disposition.default


@pytest.mark.parametrize(
    ("suffix", "first", "second"),
    [
        ("mkv", DEFAULT, NONE),
        ("mp4", DEFAULT, NONE),
        ("mov", DEFAULT, NONE),
        ("mkv", DEFAULT, DEFAULT),
        ("mp4", Disposition.attached_pic, NONE),
        ("mp4", Disposition.attached_pic | DEFAULT, NONE),
    ],
)
@pytest.mark.parametrize("samplings", [EIGHT, None])
def test_a_still_before_the_film_is_not_the_clip(
    still, film, tmp_path, suffix, first, second, samplings
):
    path = joined(tmp_path / f"both.{suffix}", (still, first), (film, second))
    clip = read_clip(path, samplings=samplings)
    assert numbers(clip.frames) == clip.indices.tolist()
    assert len(clip.source_seconds) == 40


def test_the_film_that_is_marked_is_the_clip_whatever_its_bit_rate(make, film, tmp_path):
    other = make("other.mp4", options={"qp": "0", "g": "1"}, size=(192, 128))
    path = joined(tmp_path / "both.mkv", (other, NONE), (film, DEFAULT))
    assert read_clip(path).frames.shape == (40, 64, 96, 3)
    assert read_clip(path, samplings=EIGHT).frames.shape == (8, 64, 96, 3)


def test_thumbnails_of_the_film_are_not_the_clip(make, film, tmp_path):
    thumbnails = make(
        "thumbnails.mkv",
        codec="mjpeg",
        pixels="yuvj420p",
        count=4,
        ticks=[0, 400, 800, 1200],
    )
    path = joined(tmp_path / "both.mkv", (thumbnails, DEFAULT), (film, NONE))
    assert numbers(read_clip(path, samplings=EIGHT).frames) == MIDDLES_OF_40


def test_of_two_films_the_one_marked_is_the_clip(make, film, tmp_path):
    other = make("other.mp4", count=30)
    for marks, count in (((DEFAULT, NONE), 30), ((NONE, DEFAULT), 40)):
        path = joined(tmp_path / "both.mkv", (other, marks[0]), (film, marks[1]))
        assert len(read_clip(path).source_seconds) == count


def test_a_slow_film_of_photographs_is_a_clip(make):
    ticks = [1000 * second for second in range(10)]
    path = make("lapse.mkv", codec="mjpeg", pixels="yuvj420p", count=10, ticks=ticks)
    assert numbers(read_clip(path, samplings=EIGHT).frames) == [0, 1, 3, 4, 5, 6, 8, 9]


@pytest.mark.parametrize("marks", [Disposition.attached_pic, DEFAULT])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_sound_with_a_cover_is_called_so(still, tmp_path, suffix, marks):
    tone = sound_only(tmp_path / "tone.mp4", codec="aac")
    path = joined(tmp_path / f"music.{suffix}", (tone, DEFAULT), (still, marks))
    for samplings in (EIGHT, None):
        with pytest.raises(UnreadableClip, match="is a sound file with a cover picture") as refused:
            read_clip(path, samplings=samplings)
        assert "damaged" not in str(refused.value)


def test_the_small_picture_is_of_the_film(still, film, tmp_path):
    path = joined(tmp_path / "both.mkv", (still, DEFAULT), (film, NONE))
    (content,) = stills([path])
    shown = three_pictures(content)
    assert shown.shape == (3, 64, 96, 3)
    assert numbers(shown) == [0, 20, 39]
