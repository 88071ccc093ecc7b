"""Files that are whole: read, or named for what they are, and never called damaged."""

import tarfile
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from maagn.config import SamplingSpec
from maagn.errors import ClipError, ClipTooLarge, TooFewFrames, UnreadableClip
from maagn.video.formats import ENDINGS
from maagn.video.read import read_clip
from maagn.video.stills import stills
from maagn.video.validate import Limits
from tests.fuzz.sources import sound_only
from tests.video.coded import encode, numbers, picture, three_pictures

CASES = Path(__file__).parents[3] / "shared" / "cases"
EIGHT = [SamplingSpec(frames=8)]
MIDDLES_OF_40 = [2, 7, 12, 17, 22, 27, 32, 37]
KEY = {
    "encryption_scheme": "cenc-aes-ctr",
    "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
    "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
}


def animated(path: Path, *, count: int = 40, durations=40, **settings) -> Path:
    """Numbered pictures as WebP, AVIF, PNG ... by Pillow."""
    first, *others = [Image.fromarray(picture(number)) for number in range(count)]
    first.save(path, save_all=True, append_images=others, duration=durations, **settings)
    return path


def refusal(path: Path, samplings=EIGHT) -> str:
    with pytest.raises(ClipError) as refused:
        read_clip(path, samplings=samplings)
    said = str(refused.value)
    assert said.startswith(path.name)
    assert said.endswith(".")
    assert "damaged" not in said
    assert "cut short" not in said
    return said


def test_animated_webp_is_read(tmp_path):
    durations = [40, 10, 90, 200, 33] * 8
    path = animated(tmp_path / "anim.webp", durations=durations, lossless=True)
    clip = read_clip(path, samplings=EIGHT)
    assert numbers(clip.frames) == MIDDLES_OF_40
    assert clip.indices.tolist() == MIDDLES_OF_40
    starts = np.cumsum([0, *durations[:-1]]) / 1000
    assert clip.source_seconds == pytest.approx(starts)
    assert (clip.reader, clip.notices) == ("pillow", ())
    assert numbers(read_clip(path).frames) == list(range(40))


def test_animated_webp_keeps_what_lies_below_and_shows_black_where_nothing_does(tmp_path):
    def square(at: int) -> Image.Image:
        image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
        image.paste((255, 0, 0, 255), (at, 0, at + 16, 16))
        return image

    first, *others = [square(16 * number) for number in range(4)]
    path = tmp_path / "anim.webp"
    first.save(path, save_all=True, append_images=others, duration=40, lossless=True)
    clip = read_clip(path)
    assert clip.frames[:, 8, 8::16, 0].tolist() == (255 * np.eye(4, dtype=int)).tolist()
    assert not clip.frames[:, 32:].any()


def test_animated_webp_is_turned_as_its_exif_asks(tmp_path):
    exif = Image.Exif()
    exif[274] = 5  # transposed
    path = animated(tmp_path / "anim.webp", count=10, lossless=True, exif=exif)
    clip = read_clip(path)
    assert clip.frames.shape == (10, 96, 64, 3)
    assert numbers(clip.frames.transpose(0, 2, 1, 3)) == list(range(10))


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"seconds": 1.0}, "lasts 2 s"),
        ({"frames": 39}, "has more than 39 frames"),
        ({"pixels": 96 * 64 - 1}, "is 96 x 64 pixels"),
        ({"kept_bytes": 40 * 96 * 64 * 3 - 1}, "read fewer frames"),
    ],
)
def test_animated_webp_is_within_the_same_limits(tmp_path, limits, sentence):
    with pytest.raises(ClipTooLarge, match=sentence):
        read_clip(animated(tmp_path / "anim.webp", lossless=True), limits=Limits(**limits))


def test_animated_webp_that_is_cut_short_gives_what_is_left(tmp_path):
    path = animated(tmp_path / "anim.webp", lossless=True)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    clip = read_clip(path)
    assert 10 < len(clip.frames) < 30
    assert numbers(clip.frames) == list(range(len(clip.frames)))
    assert clip.notices == (f"The file is cut short: {len(clip.frames)} frames could be read.",)
    path.write_bytes(content[:40])
    with pytest.raises(UnreadableClip, match="damaged"):
        read_clip(path)


def test_animated_webp_with_too_few_frames(tmp_path):
    with pytest.raises(TooFewFrames, match="has 3 frames; this network needs 8"):
        read_clip(animated(tmp_path / "anim.webp", count=3), samplings=EIGHT)


def test_animated_webp_has_a_small_picture(tmp_path):
    (content,) = stills([animated(tmp_path / "anim.webp", lossless=True)])
    assert numbers(three_pictures(content)) == [0, 20, 39]


@pytest.mark.parametrize("name", ["anim.avif", "anim.png"])
def test_other_animated_pictures_are_read(tmp_path, name):
    path = animated(tmp_path / name, quality=95)
    assert numbers(read_clip(path, samplings=EIGHT).frames) == MIDDLES_OF_40


def test_an_animated_png_is_turned_as_a_whole(tmp_path):
    exif = Image.Exif()
    exif[274] = 5
    clip = read_clip(animated(tmp_path / "anim.png", count=10, exif=exif))
    assert numbers(clip.frames.transpose(0, 2, 1, 3)) == list(range(10))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif", "a.bmp", "a.tiff"])
def test_one_picture_is_called_a_still(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(picture(1)).save(path)
    with pytest.raises(TooFewFrames, match="is a still picture; this network needs 8 frames"):
        read_clip(path, samplings=EIGHT)
    assert len(read_clip(path).frames) == 1


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p", "gray"])
def test_raw_video_is_read(tmp_path, pixels):
    path = encode(tmp_path / "a.y4m", codec="rawvideo", container="yuv4mpegpipe", pixels=pixels)
    assert numbers(read_clip(path, samplings=EIGHT).frames) == MIDDLES_OF_40


@pytest.mark.parametrize("movflags", ["", "faststart", "frag_keyframe+empty_moov"])
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_an_encrypted_video_is_called_so(tmp_path, make, suffix, movflags):
    source = make("plain.mp4", options={"g": "12", "bf": "2"})
    path = tmp_path / f"a.{suffix}"
    options = {**KEY, "movflags": movflags} if movflags else KEY
    with (
        av.open(str(source)) as plain,
        av.open(str(path), "w", format="mp4", options=options) as to,
    ):
        stream = to.add_stream_from_template(plain.streams.video[0])
        for packet in plain.demux(plain.streams.video[0]):
            if packet.size:
                packet.stream = stream
                to.mux(packet)
    for samplings in (EIGHT, None):
        assert "is encrypted" in refusal(path, samplings)


def test_a_video_of_a_shop_is_called_encrypted(make):
    """FairPlay's sample entry; what it holds is noise to everybody else."""
    path = make("shop.m4v", container="mp4")
    content = bytearray(path.read_bytes().replace(b"avc1", b"drmi"))
    start = content.index(b"mdat") + 4
    end = content.index(b"moov") - 4
    content[start:end] = np.random.default_rng(0).bytes(end - start)
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


def test_scrambled_television_is_called_encrypted(make):
    path = make("pay.ts")
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(0)
    for at in range(0, len(content), 188):
        if content[at + 1] & 0x1F == 1:  # the picture's packets, at 0x100
            content[at + 3] |= 0x80
            start = at + 4 + (content[at + 3] & 0x20 > 0) * (1 + content[at + 4])
            content[start : at + 188] = noise.bytes(at + 188 - start)
    path.write_bytes(content)
    assert "is encrypted" in refusal(path)


def test_protected_windows_media_is_called_encrypted(make):
    path = make("a.wmv", codec="wmv2")
    content = path.read_bytes()
    guid = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
    broken = content[:200] + guid + bytes(len(content) - 216)
    path.write_bytes(broken)
    assert "is encrypted" in refusal(path)


def test_pieces_of_a_stream_are_called_so(make):
    path = make("whole.mp4", movflags="frag_keyframe+empty_moov+default_base_moof")
    content = path.read_bytes()
    at = content.index(b"moof") - 4
    beginning, segment = path.with_name("init.mp4"), path.with_name("segment.m4s")
    beginning.write_bytes(content[:at])
    segment.write_bytes(content[at:])
    assert "is the beginning of a stream without its segments" in refusal(beginning)
    assert "is a segment of a stream without its beginning" in refusal(segment)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp3", "mp3"),
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("aiff", "pcm_s16be"),
        ("aac", "aac"),
        ("ac3", "ac3"),
        ("m4a", "aac"),
        ("mka", "flac"),
        ("ogg", "libopus"),
        ("caf", "pcm_s16le"),
    ],
)
def test_sound_is_called_so(tmp_path, suffix, codec):
    path = sound_only(tmp_path / f"tone.{suffix}", codec=codec)
    assert "is a sound file with no picture in it" in refusal(path)


def archive(path: Path, kind: str) -> Path:
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("clip.mp4", b"anything")
    else:
        with tarfile.open(path, f"w:{kind}") as packed:
            packed.add(__file__)
    return path


@pytest.mark.parametrize("kind", ["zip", "gz", "xz", "bz2", ""])
def test_an_archive_is_called_so(tmp_path, kind):
    assert "is an archive: unpack it" in refusal(archive(tmp_path / "clip.mp4", kind))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7\n\x00", "is a document"),
        (b"\x7fELF\2\1\1\0", "is a program"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is a still picture in a format that is not supported"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "is a still picture in a format that is not supported"),
        (b"CWS\x0a\0\0\0\0", "is in a format that is not supported: convert it to MP4"),
        (b"BIKi\0\0\0\0", "is in a format that is not supported: convert it to MP4"),
    ],
)
def test_other_files_are_called_what_they_are(tmp_path, content, sentence):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content + bytes(200))
    assert sentence in refusal(path)


def test_the_shared_animation_is_read():
    if not CASES.is_dir():
        pytest.skip("../shared/cases is absent")
    clip = read_clip(CASES / "anim.webp", samplings=EIGHT)
    assert clip.frames.shape == (8, 120, 160, 3)
    assert len(clip.source_seconds) == 24


WRITTEN = {
    # ending: how a file of it is written, where not as H.264 by FFmpeg's own choice of container
    **dict.fromkeys(("m2v", "vob", "mpg", "mpeg", "mod"), ("mpeg2video", "mpeg")),
    **dict.fromkeys(("mts", "m2ts", "ts"), ("libx264", "mpegts")),
    **dict.fromkeys(("wmv", "asf"), ("wmv2", "asf")),
    **dict.fromkeys(("h264", "264"), ("libx264", "h264")),
    **dict.fromkeys(("h265", "265", "hevc"), ("libx265", "hevc")),
    **dict.fromkeys(("mjpeg", "mjpg"), ("mjpeg", "mjpeg")),
    **dict.fromkeys(("rm", "rmvb"), ("rv20", "rm")),
    "m2v": ("mpeg2video", "mpeg2video"),
    "m4v": ("libx264", "mp4"),
    "f4v": ("libx264", "flv"),
    "ogv": ("libvpx", "ogv"),
    "webm": ("libvpx", "webm"),
    "ivf": ("libvpx", "ivf"),
    "mxf": ("mpeg2video", "mxf"),
    "wtv": ("mpeg2video", "wtv"),
    "y4m": ("rawvideo", "yuv4mpegpipe"),
    "gif": ("gif", "gif"),
    "apng": ("apng", "apng"),
}
PIXELS = {"gif": "rgb8", "apng": "rgb24", "mjpeg": "yuvj420p"}
OF_OWN = ("dv", "webp", "avif")  # a fixed picture size; not FFmpeg's


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending[1:] not in OF_OWN])
def test_whatever_is_offered_is_read(tmp_path, ending):
    codec, container = WRITTEN.get(ending[1:], ("libx264", None))
    size = (176, 144) if codec == "rv20" else (96, 64)
    path = encode(
        tmp_path / f"a{ending}",
        codec=codec,
        container=container,
        pixels=PIXELS.get(codec, "yuv420p"),
        size=size,
    )
    assert numbers(read_clip(path, samplings=EIGHT).frames) == MIDDLES_OF_40
