import cv2
import numpy as np
import pytest

from maagn.explain.motion import flow, most_moving
from maagn.types import Explanation


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, -2), (2, 3)])
def test_a_known_shift_is_found_in_pixels_per_second(right, down):
    noise = np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8)
    texture = cv2.normalize(cv2.GaussianBlur(noise, None, sigmaX=2), None, 0, 255, cv2.NORM_MINMAX)
    first = texture[20:100, 20:100]
    second = texture[20 - down : 100 - down, 20 - right : 100 - right]
    found = flow(np.stack([first, second, second]), np.array([0.0, 0.5, 0.7]))
    middle = found[:, 15:-15, 15:-15].mean(axis=(1, 2))
    assert middle[0] == pytest.approx([right / 0.5, down / 0.5], abs=0.3)
    assert middle[1] == pytest.approx([0, 0], abs=0.05)


@pytest.mark.parametrize(("speeds", "frame"), [((1.0, 5.0, 2.0), 1), ((0.0, 0.0), 0), ((), 0)])
def test_most_moves_from_the_frame_before_the_largest_mean_speed(speeds, frame):
    values = np.zeros((len(speeds), 4, 4, 2), np.float32)
    for pair, speed in zip(values, speeds, strict=True):
        pair[..., 1] = -speed
    explanation = Explanation(
        kind="motion", name="flow", values=values, axes=("time", "row", "column", "direction"),
        unit="", bounds=None, signed=True, seconds=np.arange(len(speeds), dtype=float), about={},
    )  # fmt: skip
    assert most_moving(explanation) == frame
