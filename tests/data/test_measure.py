"""Measures of clips against what the clips were made of."""

from functools import partial

import cv2
import numpy as np
import pytest

from maagn.data.measure import MEASURES, UNITS, cuts, measure
from maagn.data.rendered import open_opposites
from maagn.data.videos import Video
from maagn.errors import ClipError
from maagn.video.encode import write_mp4

WIDTH, HEIGHT, SIDE = 128, 96, 32
DIAGONAL = 160.0


def texture(height: int, width: int, *, seed: int) -> np.ndarray:
    grains = np.random.default_rng(seed).random((height // 4 + 2, width // 4 + 2))
    grey = cv2.resize(grains, (width, height), interpolation=cv2.INTER_CUBIC) * 150 + 40
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


WALL, THING = texture(HEIGHT + 80, WIDTH + 400, seed=0), texture(SIDE, SIDE, seed=1)


def frame(*, thing: float | None = None, camera: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """A wall, seen from where the camera is, and a square that far from the left."""
    back = np.array([[1, 0, -40 - camera[0]], [0, 1, -40 - camera[1]]], float)
    picture = cv2.warpAffine(WALL, back, (WIDTH, HEIGHT))
    if thing is None:
        return picture
    at = np.array([[1, 0, thing], [0, 1, 30]], float)
    inside = cv2.warpAffine(np.ones((SIDE, SIDE, 3)), at, (WIDTH, HEIGHT))
    moved = cv2.warpAffine(THING, at, (WIDTH, HEIGHT))
    return (picture * (1 - inside) + moved * inside).astype(np.uint8)


@pytest.fixture
def video(tmp_path):
    def write(frames, *, rate: float = 15.0, name: str = "clip.mp4", scale: int = 1) -> Video:
        large = [cv2.resize(one, None, fx=scale, fy=scale) for one in frames]
        seconds = np.arange(len(large)) / rate
        write_mp4(tmp_path / name, np.stack(large), seconds=seconds)
        return Video(name, tmp_path / name, 0)

    return write


def test_how_long_how_fast_how_large(video):
    found = measure(video([frame()] * 30, rate=12.5, scale=2))
    assert found.duration == pytest.approx(30 / 12.5, abs=1e-3)
    assert found.frame_rate == pytest.approx(12.5, abs=1e-2)
    assert (found.width, found.height, found.short_side) == (256, 192, 192)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_brightness_is_the_mean_luma(video, level):
    found = measure(video([np.full((HEIGHT, WIDTH, 3), level, np.uint8)] * 8))
    assert found.brightness == pytest.approx(level, abs=2)
    assert found.contrast == pytest.approx(0, abs=1)
    assert (found.motion, found.camera_shake, found.cuts) == (0, 0, 0)


def test_contrast_of_half_black_and_half_white(video):
    half = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    half[:, WIDTH // 2 :] = 255
    found = measure(video([half] * 8))
    assert found.brightness == pytest.approx(127.5, abs=2)
    assert found.contrast == pytest.approx(127.5, abs=2)


def speed(pixels: float, *, rate: float) -> float:
    """Of a square that moves so far a frame, averaged over the picture."""
    return pixels * rate / DIAGONAL * SIDE**2 / (WIDTH * HEIGHT)


@pytest.mark.parametrize("pixels", [0.0, 1.0, 2.0, 4.0])
def test_a_square_that_moves(video, pixels):
    found = measure(video([frame(thing=10 + pixels * i) for i in range(20)]))
    assert found.motion == pytest.approx(speed(pixels, rate=15), rel=0.25, abs=1e-3)
    assert found.camera_shake < 1e-3
    assert found.cuts == 0


@pytest.mark.parametrize(("rate", "scale"), [(15, 3), (30, 1), (60, 2)])
def test_motion_depends_neither_on_size_nor_on_rate(video, rate, scale):
    frames = [frame(thing=10 + 30 / rate * i) for i in range(round(1.5 * rate))]
    assert measure(video(frames, rate=rate, scale=scale)).motion == pytest.approx(
        speed(2, rate=15), rel=0.25
    )


def test_a_square_in_front_of_a_plain_wall(video):
    """Flow spreads over what has no texture; there, nothing changes and nothing counts."""
    plain = [np.where(frame(thing=10.0 + 2 * i) == frame(), 90, frame(thing=10.0 + 2 * i))
             for i in range(20)]  # fmt: skip
    found = measure(video([one.astype(np.uint8) for one in plain]))
    assert found.motion == pytest.approx(speed(2, rate=15), rel=0.5)


def test_a_shaken_still_shakes_and_nothing_moves(video):
    places = np.random.default_rng(3).normal(0, 3, (60, 2))
    found = measure(video([frame(camera=(x, y)) for x, y in places]))
    expected = np.linalg.norm(places - places.mean(axis=0), axis=1).mean() / DIAGONAL
    assert found.camera_shake == pytest.approx(expected, rel=0.15)
    assert found.motion < 0.15 * speed(4, rate=15)


@pytest.mark.parametrize("pixels", [2, 6, 12])
def test_a_steady_pan_is_neither_shake_nor_motion(video, pixels):
    found = measure(video([frame(camera=(pixels * i, 0)) for i in range(24)]))
    assert found.camera_shake < 2e-3
    assert found.motion < 0.2 * speed(4, rate=15)


def test_a_square_before_a_panning_camera_moves_as_before_a_still_one(video):
    frames = [frame(thing=10 + 3.0 * i, camera=(2 * i, 0)) for i in range(20)]
    assert measure(video(frames)).motion == pytest.approx(speed(5, rate=15), rel=0.3)


def test_two_scenes_that_are_joined(video):
    other = 255 - texture(HEIGHT, WIDTH, seed=7) // 2
    found = measure(video([*(frame(thing=10 + 2 * i) for i in range(12)), *[other] * 12]))
    assert found.cuts == 1
    assert found.motion == pytest.approx(speed(2, rate=15) * 11 / 22, rel=0.3)


def test_a_flash_and_fast_motion_are_no_cuts():
    flash = [frame()] * 8 + [np.full((HEIGHT, WIDTH, 3), 255, np.uint8)] + [frame()] * 8
    assert cuts(np.stack(flash)) == []
    assert cuts(np.stack([frame(camera=(40 * i, 0)) for i in range(8)])) == []
    assert cuts(np.stack([frame()] * 4 + [255 - frame()] * 4)) == [4]


def test_a_long_clip_is_measured_in_stretches(video):
    """One frame a quarter of a second tells nothing of motion."""
    frames = [frame(thing=10 + i % 8) for i in range(320)]  # a pixel a frame, and back at once
    found = measure(video(frames))
    assert found.duration == pytest.approx(320 / 15, abs=1e-2)
    assert 0.5 < found.motion / speed(1, rate=15) < 2
    assert found.cuts == 0


def test_a_single_frame_has_no_motion_and_no_rate(video):
    found = measure(video([frame()]))
    assert np.isnan([found.duration, found.frame_rate, found.motion, found.camera_shake]).all()
    assert (found.width, found.cuts) == (WIDTH, 0)


def test_a_rendered_clip_has_no_times_and_no_size_of_its_own():
    found = measure(open_opposites("test", per_class=1).videos[0])
    assert np.isnan([found.duration, found.frame_rate, found.width, found.height]).all()
    assert found.motion > 0
    assert found.brightness > 0


def test_what_cannot_be_read_is_a_named_error(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0 ftypno")
    with pytest.raises(ClipError):
        measure(Video("a", tmp_path / "a.mp4", 0))
    outside = partial(Video, "a", tmp_path / "a.mp4", 0, root=tmp_path / "set")
    with pytest.raises(ClipError, match="leads out"):
        measure(outside())


def test_every_unit_is_of_a_measure():
    assert set(UNITS) < set(MEASURES)
