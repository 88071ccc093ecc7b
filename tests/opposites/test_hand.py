"""A hand is a pure function of its grip, closes as it comes near, and paints inside itself."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from maagn.opposites.camera import Camera
from maagn.opposites.hand import Grip, HandLook, HandPainter, directions, pose
from maagn.opposites.paint import Canvas

SIDE, WIDTH, MARGIN = 150, 140.0, 5.0
GREY = 128


def look_of(*, side: float = 0.0, number: int = 0, **changes: object) -> HandLook:
    rng = np.random.default_rng(number)
    placed = HandLook.draw(rng, "a hand").placed(rng, (side, side))
    return replace(placed, **{"bend": 0.0, **changes})


def grip_of(look: HandLook, reach: float = 1.0) -> Grip:
    return Grip(look, (0.0, 0.25, 0.0), 0.2, 0.2, reach)


def blank(light: float = 0.6, scale: int = 1) -> Canvas:
    camera = Camera.draw(np.random.default_rng(5))
    pixels = np.full((SIDE * scale, SIDE * scale, 3), GREY, np.uint8)
    way = (light, 0.75, -0.28)
    return Canvas(pixels, camera, WIDTH * scale, MARGIN * scale, way, 14)


def painted(grip: Grip, *, light: float = 0.6, scale: int = 1) -> np.ndarray:
    canvas = blank(light, scale)
    hand = HandPainter(canvas, grip)
    hand.behind()
    hand.front()
    return canvas.pixels


def touched(pixels: np.ndarray) -> np.ndarray:
    return (pixels != GREY).any(axis=-1)


@pytest.mark.parametrize("scale", [1, 4])
def test_the_same_grip_gives_the_same_pixels(scale: int) -> None:
    other = grip_of(look_of(side=90.0), 0.9)
    grip = grip_of(look_of(side=20.0), 0.95)
    first = painted(grip, scale=scale)
    painted(other, scale=scale)
    assert np.array_equal(first, painted(grip, scale=scale))


def test_a_look_is_a_function_of_its_random_numbers() -> None:
    assert look_of(number=3) == look_of(number=3)
    assert look_of(number=3) != look_of(number=4)


def test_the_wrist_bends_slightly_and_otherwise_in_every_clip() -> None:
    rng = np.random.default_rng(0)
    look = look_of()
    bends = {look.placed(rng, (0.0, 90.0)).bend for _ in range(20)}
    assert len(bends) == 20
    assert max(map(abs, bends)) < 0.35


@pytest.mark.parametrize(("side", "axis", "sign"), [(0.0, 1, 1), (90.0, 0, 1), (180.0, 1, -1)])
def test_the_arm_comes_from_its_side(side: float, axis: int, sign: int) -> None:
    pixels = touched(painted(grip_of(look_of(side=side))))
    border = np.take(pixels, SIDE - 1 if sign > 0 else 0, axis=axis)
    opposite = np.take(pixels, 0 if sign > 0 else SIDE - 1, axis=axis)
    assert border.any()
    assert not opposite.any()


def test_a_hand_that_holds_is_nearer_than_one_that_comes() -> None:
    look = look_of(side=0.0)
    tips = [
        np.flatnonzero(touched(painted(grip_of(look, reach))).any(axis=0)).min(initial=SIDE)
        for reach in (1.0, 0.9, 0.5)
    ]
    assert tips[0] < tips[1] < tips[2]


@pytest.mark.parametrize("reach", [0.0, 0.02])
def test_an_absent_hand_paints_nothing(reach: float) -> None:
    grip = grip_of(look_of(), reach)
    assert not touched(painted(grip)).any()
    assert HandPainter(blank(), grip).shadow() == []


def test_it_closes_over_the_last_fifth_of_its_way() -> None:
    look = look_of()
    closed = [grip_of(look, reach).closed for reach in (0.0, 0.8, 0.9, 1.0)]
    assert closed == pytest.approx([0.0, 0.0, 0.5, 1.0])


def test_closed_fingers_reach_less_far_and_are_less_spread() -> None:
    spread = [np.ptp(pose(closed, 0.5)[:4, -1].imag) for closed in (0.0, 1.0)]
    assert spread[1] < spread[0]
    assert (pose(1.0, 0.5)[:4, -1].real < pose(0.0, 0.5)[:4, -1].real).all()


def test_the_thumb_comes_towards_the_fingers_as_the_hand_closes() -> None:
    gaps = [abs(joints[4, -1] - joints[3, -1]) for joints in (pose(0.0, 1.0), pose(1.0, 1.0))]
    assert gaps[1] < 0.6 * gaps[0]


def test_a_left_hand_is_a_right_one_mirrored() -> None:
    """With the arm along a row and the light straight from above the lens, up and down swap."""
    grips = [grip_of(look_of(side=0.0, left=left)) for left in (False, True)]
    middles = [np.argwhere(touched(painted(grip)))[:, 0].mean() for grip in grips]
    axis = blank().place(np.array(grips[0].at))[1]
    assert middles[0] < axis < middles[1]
    assert middles[0] + middles[1] == pytest.approx(2 * axis, abs=1.5)


@pytest.mark.parametrize("front", [True, False])
def test_either_thumb_or_fingers_are_behind(front: bool) -> None:
    canvas = blank()
    HandPainter(canvas, grip_of(look_of(fingers_front=front), 0.7)).behind()
    behind = touched(canvas.pixels).sum()
    canvas.pixels[:] = GREY
    HandPainter(canvas, grip_of(look_of(fingers_front=not front), 0.7)).behind()
    assert behind != touched(canvas.pixels).sum()


def test_the_side_towards_the_light_is_the_bright_one() -> None:
    """An arm from below: the light from the left brightens its left half."""
    grip = grip_of(look_of(side=90.0, band=None, stripe=None, cuff=-9.0))
    row = SIDE - 12
    halves = []
    for light in (-0.6, 0.6):
        pixels = painted(grip, light=light)
        columns = np.flatnonzero(touched(pixels)[row])
        values = pixels[row, columns].mean(axis=-1)
        middle = len(values) // 2
        halves.append(values[:middle].mean() - values[middle:].mean())
    assert halves[0] > 0 > halves[1]


@pytest.mark.parametrize("scale", [1, 4])
def test_pixels_away_from_hand_and_arm_stay(scale: int) -> None:
    grip = grip_of(look_of(side=0.0))
    canvas = blank(scale=scale)
    x, y = canvas.place(np.array(grip.at))
    reach = grip.look.length * canvas.camera.scale(grip.at) * canvas.width
    rows = np.flatnonzero(touched(painted(grip, scale=scale)).any(axis=1))
    columns = np.flatnonzero(touched(painted(grip, scale=scale)).any(axis=0))
    assert y - 0.7 * reach < rows.min()
    assert rows.max() < y + 0.7 * reach
    assert columns.min() > x - 0.3 * reach


def test_the_shadow_lies_below_what_is_lifted() -> None:
    grip = grip_of(look_of(side=0.0))
    polygons = HandPainter(blank(), grip).shadow()
    shade = np.zeros((SIDE, SIDE), np.uint8)
    for polygon in polygons:
        assert polygon.dtype == np.int32
        assert polygon.shape[1] == 2
        cv2.fillConvexPoly(shade, polygon, 1)
    hand = touched(painted(grip))
    assert np.argwhere(shade)[:, 0].mean() > np.argwhere(hand)[:, 0].mean() + 5


def test_the_shadow_falls_away_from_the_light() -> None:
    grip = grip_of(look_of(side=90.0))
    middles = [HandPainter(blank(light), grip).shadow()[0][:, 0].mean() for light in (-0.6, 0.6)]
    assert middles[0] > middles[1] + 1


def test_the_hull_of_two_equal_circles_is_a_stadium() -> None:
    corners = directions(np.array([[0j, 4 + 0j]]), np.array([[1.0, 1.0]]), corners=3)[0]
    assert corners == pytest.approx(np.array([-1j, 1, 1j, 1j, -1, -1j]), abs=1e-9)
