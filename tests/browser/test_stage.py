"""The clip itself in the player: whole, the networks' part outlined, a map on any picture."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.stage_page import BRIGHT, CROP, DARK, HIGH, OPENING, SECONDS, WIDE
from tests.colour_vision import VISION

PAGE = Path(__file__).with_name("stage_page.py")
LEAST_DIFFERENCE = 15.0
"""CIELAB difference of the heat at the top of its scale from the picture; 2.3 can just be seen."""
LEAST_CONTRAST = 3.0
"""Luminance of one of the line's two tones to any picture's: WCAG's least for graphics."""


@pytest.fixture
def page(browser_page: Page, console_errors, serve_streamlit):
    browser_page.set_viewport_size({"width": 1280, "height": 800})
    browser_page.goto(serve_streamlit(PAGE))
    for index in range(2):
        player = browser_page.get_by_test_id("player").nth(index)
        expect(player).to_have_attribute("data-moment", re.compile(r"\d"))
    yield browser_page
    assert console_errors == []


@pytest.fixture
def player(page: Page) -> Locator:
    return page.get_by_test_id("player").first


def pixels(player: Locator) -> np.ndarray:
    canvas = player.get_by_test_id("player-canvas-0")
    width, height, values = canvas.evaluate(
        "c => [c.width, c.height, "
        "Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]"
    )
    return np.array(values).reshape(height, width, 4)[..., :3]


def linear(rgb) -> np.ndarray:
    share = np.asarray(rgb, float) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    xyz = np.clip(rgb, 0, 1) @ to_xyz.T / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    lightness = 116 * f[..., 1] - 16
    return np.stack(
        [lightness, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1
    )


def test_the_whole_clip_opens_where_most_moves_with_the_networks_part_outlined(page, player):
    expect(player).to_have_attribute("data-moment", str(OPENING))
    assert pixels(player).shape == (HIGH, WIDE, 3)
    whole = player.get_by_test_id("player-canvas-0").bounding_box()
    seen = player.get_by_test_id("player-seen").bounding_box()
    scale = whole["width"] / WIDE
    assert seen["x"] - whole["x"] == pytest.approx(CROP.left * scale, abs=1)
    assert seen["width"] == pytest.approx(CROP.width * scale, abs=1)
    assert seen["height"] == pytest.approx(whole["height"], abs=1)
    expect(player.get_by_text("what the networks see")).to_be_visible()
    assert "moment=" not in page.url  # the address names what differs from the opening alone
    player.focus()
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile("moment=0"))
    page.keyboard.press("End")
    expect(page).not_to_have_url(re.compile("moment="))


def test_a_key_fills_the_stage_with_what_the_networks_see(page, player):
    whole = pixels(player)
    player.focus()
    page.keyboard.press("f")
    expect(player.get_by_text("what the networks see")).to_be_hidden()
    expect(player.get_by_test_id("player-filled")).to_be_checked()
    part = pixels(player)
    assert part.shape == (64, 64, 3)
    assert np.abs(part.astype(int) - whole[:, 16:80]).max() <= 3
    page.keyboard.press("f")
    assert (pixels(player) == whole).all()


def test_the_map_stands_out_from_any_picture_and_leaves_it_where_it_is_zero(page, player):
    player.focus()
    for moment in range(3):  # dark, bright, busy
        page.keyboard.press("Home")
        for _ in range(moment):
            page.keyboard.press("ArrowRight")
        expect(player).to_have_attribute("data-moment", str(moment))
        page.keyboard.press("0")
        bare = pixels(player)
        page.keyboard.press("1")
        mapped = pixels(player)
        assert (mapped[:, :16] == bare[:, :16]).all()  # outside of what the networks see
        assert (mapped[48:, 64:80] == bare[48:, 64:80]).all()  # there the map is zero
        corner = np.s_[:16, 16:32]  # there it is at the top of its scale
        for vision, matrix in VISION.items():
            one, other = (lab(linear(p[corner]) @ matrix.T) for p in (bare, mapped))
            difference = np.linalg.norm(one - other, axis=-1)
            assert np.median(difference) > LEAST_DIFFERENCE, (moment, vision)


def test_the_line_has_two_tones_of_which_one_stands_out_from_any_picture(page, player):
    player.focus()
    page.keyboard.press("1")
    line = player.get_by_test_id("player-contour-0")
    tones = [
        line.locator(name).evaluate("p => getComputedStyle(p).stroke")
        for name in (".under", ".over")
    ]
    for ground in (0, DARK, 90, 128, 180, BRIGHT, 255):
        contrasts = []
        for tone in tones:
            red, green, blue, *alpha = map(float, re.findall(r"[\d.]+", tone))
            share = alpha[0] if alpha else 1.0
            drawn = share * np.array([red, green, blue]) + (1 - share) * ground
            both = sorted(linear(x) @ [0.2126, 0.7152, 0.0722] for x in (drawn, [ground] * 3))
            contrasts.append((both[1] + 0.05) / (both[0] + 0.05))
        assert max(contrasts) > LEAST_CONTRAST, ground


def test_arrows_and_the_map_are_shown_together(page, player):
    player.focus()
    page.keyboard.press("Home")
    page.keyboard.press("a")
    arrows = player.get_by_test_id("player-flow")
    expect(arrows).to_be_visible()
    assert arrows.locator(".over").get_attribute("d").count("M") == 2  # one shaft and its head
    expect(player.get_by_test_id("player-contour-0")).to_be_visible()
    assert (pixels(player)[:16, 16:32] > 50).any()  # the heat, on the dark frame
    expect(player.get_by_test_id("player-words-0")).to_contain_text("longest arrow: 5 pixels")
    page.keyboard.press("End")  # from the last frame nothing moves to a next one
    assert arrows.locator(".over").get_attribute("d") == ""


def test_another_networks_map_is_put_on_the_clip_by_key_and_by_click(page, player):
    player.focus()
    page.keyboard.press("Home")
    page.keyboard.press("2")
    expect(player.get_by_text("Map of TSM", exact=True)).to_be_visible()
    assert (pixels(player)[48:, 16:32] > 50).any()
    player.get_by_test_id("player-canvas-1").click()
    expect(player.get_by_text("Map of MAAGN", exact=True)).to_be_visible()
    player.get_by_test_id("player-canvas-1").click()
    expect(player.get_by_test_id("player-shown")).to_have_value("-1")
    assert (pixels(player) == DARK).all()


def test_who_plays_gets_the_film_and_who_stops_the_exact_frame(page, player):
    player.focus()
    page.keyboard.press("0")
    page.keyboard.press("Space")
    canvas = player.get_by_test_id("player-canvas-0")
    expect(canvas).to_have_attribute("data-film", "true")
    red, green, _ = pixels(player)[5, 5]
    assert red > 180
    assert green < 60
    page.keyboard.press("Space")
    expect(canvas).to_have_attribute("data-film", "false")
    page.keyboard.press("Home")
    assert (pixels(player) == DARK).all()
    expect(page.get_by_text("runs 1", exact=True)).to_be_visible()


def test_a_tall_clip_keeps_within_the_window(page):
    tall = page.get_by_test_id("player").nth(1)
    canvas = tall.get_by_test_id("player-canvas-0").bounding_box()
    assert canvas["height"] <= 360
    assert canvas["width"] / canvas["height"] == pytest.approx(90 / 160, abs=0.02)


def test_maps_between_two_frames_are_mixed_evenly_and_exact_at_their_own(script):
    maps = {"grids": [[0, 1], [1, 3], [8, 0]], "peaks": [1, 3, 8], "seconds": SECONDS.tolist()}
    for time, grid, peak in (
        (0.0, [0, 1], 1), (0.25, [0, 1], 1), (0.5, [0.5, 2], 2), (0.75, [1, 3], 3),
        (0.875, [2.75, 2.25], 2.75), (1.25, [8, 0], 8), (2.0, [8, 0], 8),
    ):  # fmt: skip
        found = script("time.js", "m.mapAt(x[0], x[1])", [maps, time])
        assert found == {"grid": grid, "peak": peak}


@pytest.mark.parametrize("aspect", [16 / 9, 4 / 3, 1.0, 9 / 16])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_clip_and_maps_fit_beside_each_other(script, aspect, count):
    for width, height in ((915, 800), (1555, 1080)):
        asked = {"width": width, "height": height, "aspect": aspect, "count": count}
        found = script("shape.js", "m.arranged(x)", asked)
        assert found["beside"]
        assert found["stage"] / aspect <= max(240, height - 460)
        panes = found["columns"] * (found["pane"] + 14)
        assert found["stage"] + 6 + panes <= width + 1
        assert found["pane"] >= 90
