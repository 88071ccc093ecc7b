import cv2
import numpy as np
import pytest

from maagn.explain.motion import flow


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
