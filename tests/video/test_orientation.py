"""Display matrices: all eight orientations as the `ffmpeg` program shows them, and what is none."""

import io
import subprocess
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageOps

from maagn.config import SamplingSpec
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.video.decoder.picture import NO_ORIENTATION, orientation_of
from maagn.video.decoder.protocol import Request
from maagn.video.read import read_clip
from maagn.video.stills import stills
from maagn.video.validate import LIMITS
from tests.programs import program
from tests.video.coded import ask_matrix, numbers, picture, three_pictures

CASES = Path(__file__).parents[3] / "shared" / "cases"
EIGHT = [SamplingSpec(frames=8)]
TOLERANCE = 4  # the two convert to RGB apart, FFmpeg's filters before and NumPy after
# name: (a b c d of the matrix, FFmpeg's filters for it: fftools/ffmpeg_filter.c, 4.4 to 8.1)
ORIENTATIONS = {
    "as stored": ((1, 0, 0, 1), ()),
    "quarter clockwise": ((0, 1, -1, 0), (("transpose", "clock"),)),
    "half turn": ((-1, 0, 0, -1), (("hflip", ""), ("vflip", ""))),
    "quarter counterclockwise": ((0, -1, 1, 0), (("transpose", "cclock"),)),
    "left and right": ((-1, 0, 0, 1), (("hflip", ""),)),
    "up and down": ((1, 0, 0, -1), (("vflip", ""),)),
    "transposed": ((0, 1, 1, 0), (("transpose", "cclock_flip"),)),
    "transposed the other way": ((0, -1, -1, 0), (("transpose", "clock_flip"),)),
}


def matrix(a, b, c, d):
    return (a, b, 0, c, d, 0, 0, 0, 1)


def filtered(path: Path, filters) -> np.ndarray:
    """Every frame, decoded in order and put through FFmpeg's filters."""
    frames = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        graph = av.filter.Graph()
        last = graph.add_buffer(template=stream)
        for name, setting in filters:
            node = graph.add(name, setting)
            last.link_to(node)
            last = node
        last.link_to(graph.add("buffersink"))
        graph.configure()
        for frame in container.decode(stream):
            graph.push(frame)
            frames.append(graph.pull().to_ndarray(format="rgb24"))
    return np.stack(frames)


def by_the_program(path: Path, shape) -> np.ndarray:
    """Every frame as the `ffmpeg` program writes it, which heeds the matrix by itself."""
    command = [program("ffmpeg"), "-v", "error", "-i", path, "-fps_mode", "passthrough"]
    run = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
    )
    return np.frombuffer(run.stdout, np.uint8).reshape(shape)


def apart(first: np.ndarray, second: np.ndarray) -> int:
    assert first.shape == second.shape
    return int(np.abs(first.astype(int) - second).max())


def request(path, samplings=None):
    return Request(
        reader="pyav", path=str(path), name=path.name, samplings=samplings, limits=LIMITS
    )


@pytest.fixture(params=product(("mp4", "mov"), ORIENTATIONS), ids=" ".join)
def asked(request, make) -> tuple[Path, np.ndarray]:
    """A file that asks for an orientation, and every frame as FFmpeg shows it."""
    suffix, name = request.param
    entries, filters = ORIENTATIONS[name]
    path = make(f"a.{suffix}", count=40, options={"bf": "2", "g": "12"})
    shown = filtered(path, filters)
    return ask_matrix(path, matrix(*entries)), shown


def test_frames_are_ffmpeg_s(asked):
    path, shown = asked
    for samplings in (EIGHT, None):  # of some packets, and of the whole file
        clip = read_clip(path, samplings=samplings)
        assert clip.notices == ()
        assert apart(clip.frames, shown[clip.indices]) <= TOLERANCE


def test_the_filters_are_those_of_the_program(asked):
    path, shown = asked
    assert apart(by_the_program(path, shown.shape), shown) <= TOLERANCE


def test_a_reflection_is_heeded_without_a_short_way_too(make):
    path = make("a.mp4", codec="av1")
    shown = filtered(path, ORIENTATIONS["transposed"][1])
    clip = read_clip(ask_matrix(path, matrix(*ORIENTATIONS["transposed"][0])))
    assert apart(clip.frames, shown) <= TOLERANCE


def test_the_small_picture_of_a_mirrored_file_is_upright(make):
    path = make("a.mp4", count=12, options={"g": "1"})
    shown = filtered(path, ORIENTATIONS["transposed"][1])
    (content,) = stills([ask_matrix(path, matrix(*ORIENTATIONS["transposed"][0]))])
    seen = three_pictures(content)
    assert seen.shape == (3, *shown.shape[1:])
    for found, frame in zip(seen, shown[[0, 6, 11]], strict=True):
        assert np.abs(found.astype(int) - frame).mean() < 3


def mirrored_by_message(source: Path, target: Path) -> Path:
    """A copy whose first picture asks, in a coded message of its own, to be transposed."""
    with av.open(str(source)) as taken, av.open(str(target), "w") as output:
        before = taken.streams.video[0]
        after = output.add_stream_from_template(before)
        setting = "h264_metadata=display_orientation=insert:rotate=90:flip=horizontal"
        messages = av.bitstream.BitStreamFilterContext(setting, before, after)
        for packet in taken.demux(before):
            for changed in messages.filter(packet if packet.size else None):
                changed.stream = after
                output.mux(changed)
    return target


@pytest.mark.parametrize("samplings", [EIGHT, None])
def test_a_coded_message_turns_its_own_picture_alone_as_in_ffmpeg(make, tmp_path, samplings):
    source = make("plain.mp4", options={"g": "12", "bf": "2"})
    path = mirrored_by_message(source, tmp_path / "message.mp4")
    clip = read_clip(path, samplings=samplings)
    assert clip.frames.shape[1:] == (96, 64, 3)  # as the first is shown, and FFmpeg scales the rest
    assert numbers(clip.frames[1:]) == clip.indices[1:].tolist()
    if samplings is None:
        assert numbers(clip.frames[:1].transpose(0, 2, 1, 3)) == [0]
        assert any("is turned inside the file" in notice for notice in clip.notices)


@pytest.mark.parametrize("value", range(1, 9))
def test_a_photograph_s_exif_is_heeded(tmp_path, value):
    """In a film of photographs by FFmpeg, in a folder of them, and in its small picture."""
    exif = Image.Exif()
    exif[274] = value
    contents = []
    for number in range(10, 20):
        photograph = io.BytesIO()
        Image.fromarray(picture(number)).save(photograph, "JPEG", exif=exif, quality=95)
        contents.append(photograph.getvalue())
    film = tmp_path / "film.mjpeg"
    film.write_bytes(b"".join(contents))
    upright = np.stack(
        [np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(one)))) for one in contents]
    )
    clip = read_clip(film)
    assert apart(clip.frames, upright) <= 8  # two decoders of JPEG
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, content in enumerate(contents):
        (folder / f"{number:05d}.jpg").write_bytes(content)
    video = read_video(Video("folder", folder, 0), samplings=EIGHT)
    assert apart(video.frames, upright[video.indices]) <= 2
    (still,) = stills([folder])
    assert apart(three_pictures(still), upright[[0, 5, 9]]) <= 40  # coded once more


def test_a_front_camera_s_clip_is_what_ffmpeg_bakes():
    if not CASES.is_dir():
        pytest.skip("../shared/cases is absent")
    clip, baked = (read_clip(CASES / name) for name in ("selfie.mp4", "selfie-baked.mp4"))
    assert clip.frames.shape == baked.frames.shape
    # The baked one was coded once more.
    difference = np.abs(clip.frames.astype(int) - baked.frames).mean(axis=(1, 2, 3))
    assert difference.max() < 4


@pytest.mark.parametrize("settings", [{"count": 12}, {"codec": "av1"}])
def test_a_matrix_of_zeros_asks_for_nothing(make, settings):
    path = make("zeros.mp4", **settings)
    before = read_clip(path)
    after = read_clip(ask_matrix(path, (0,) * 9))
    assert after.notices == before.notices
    assert np.array_equal(after.frames, before.frames)


@pytest.mark.parametrize(
    ("entries", "quarters"),
    [
        ((0.7071, 0.7071, 0, -0.7071, 0.7071, 0, 0, 0, 1), 0),  # an eighth
        ((0.0349, 0.9994, 0, -0.9994, 0.0349, 0, 0, 0, 1), 3),  # 88 degrees
        ((1, 0.3, 0, 0, 1, 0, 0, 0, 1), 0),  # sheared
        ((2, 0, 0, 0, 1, 0, 0, 0, 1), 0),  # stretched
        ((0, 0, 0, 0, 1, 0, 0, 0, 1), 0),  # squeezed to nothing
        ((1, 0, 0.1, 0, 1, 0, 0, 0, 1), 0),  # in perspective
    ],
)
@pytest.mark.parametrize("samplings", [EIGHT, None])
def test_what_is_no_orientation_is_shown_as_the_nearest_with_a_notice(
    make, entries, quarters, samplings
):
    clip = read_clip(ask_matrix(make("odd.mp4", count=12), entries), samplings=samplings)
    assert NO_ORIENTATION in clip.notices
    assert numbers(np.rot90(clip.frames, -quarters, axes=(1, 2))) == clip.indices.tolist()


@pytest.mark.parametrize(
    "entries",
    [
        (2, 0, 0, 0, 2, 0, 0, 0, 1),  # a uniform scale
        (1, 0, 0, 0, 1, 0, 96, 64, 1),  # a shift
        (1, 0, 0, 0, 1, 0, 0, 0, 0),  # writers that leave out the last number
        (1, 0.001, 0, -0.001, 1, 0, 0, 0, 1),  # rounding
    ],
)
def test_what_changes_no_picture_needs_no_notice(make, entries):
    clip = read_clip(ask_matrix(make("a.mov", count=12), entries))
    assert clip.notices == ()
    assert numbers(clip.frames) == list(range(12))


def test_every_orientation_has_an_inverse_that_its_picture_shows():
    stored = picture(1)
    seen = set()
    for (a, b, c, d), _ in ORIENTATIONS.values():
        asked = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 14], dtype=np.int32) << 16
        upright = orientation_of(asked).apply(stored)
        seen.add((upright.shape, upright.tobytes()))
    assert len(seen) == 8
