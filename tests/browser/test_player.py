import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player_page import SECONDS

PAGE = Path(__file__).with_name("player_page.py")


@pytest.fixture
def page(browser_page: Page, console_errors, serve_streamlit):
    browser_page.goto(serve_streamlit(PAGE))
    for index in range(2):
        player = browser_page.get_by_test_id("player").nth(index)
        expect(player).to_have_attribute("data-moment", "0")
        player.get_by_test_id("player-shown").select_option("none")  # the clip as it is
    yield browser_page
    assert console_errors == []


@pytest.fixture
def player(page: Page) -> Locator:
    return page.get_by_test_id("player").first


def pixels(player: Locator, index: int) -> np.ndarray:
    canvas = player.get_by_test_id(f"player-canvas-{index}")
    values = canvas.evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    )
    return np.array(values).reshape(64, 64, 4)


def state(player: Locator) -> dict[str, str]:
    """What each drawn part says it shows."""
    return player.evaluate(
        """root => {
          const at = (name) => root.querySelector(`[data-testid="player-${name}"]`).dataset;
          return {
            root: root.dataset.moment,
            clip: at("canvas-0").moment,
            maagn: at("canvas-1").map,
            tsm: at("canvas-2").mapSeconds,
            sdm: at("marker-0").seconds,
            mtam: at("marker-1").seconds,
            scrubber: at("scrubber").moment,
          };
        }"""
    )


def expect_moment(player: Locator, moment: int) -> None:
    expect(player).to_have_attribute("data-moment", str(moment))
    seconds = str(SECONDS[moment])
    assert state(player) == {
        "root": str(moment),
        "clip": str(moment),
        "maagn": str(moment),
        # TSM has maps at 0.25 and 1.25 s; 0.75 s is equally near to both, and the earlier holds.
        "tsm": "0.25" if moment < 2 else "1.25",
        "sdm": seconds,
        "mtam": seconds,
        "scrubber": str(moment),
    }


def test_an_arrow_key_moves_everything_and_runs_nothing(page, player):
    expect_moment(player, 0)
    frame, heat = pixels(player, 0), pixels(player, 1)
    place = player.get_by_test_id("player-marker-0").get_attribute("x1")
    player.focus()
    page.keyboard.press("ArrowRight")
    expect_moment(player, 1)
    assert pixels(player, 0)[32, 32].tolist() != frame[32, 32].tolist()
    assert (pixels(player, 1) != heat).any()
    assert player.get_by_test_id("player-marker-0").get_attribute("x1") != place
    expect(player.get_by_test_id("player-readout")).to_have_text(
        "frame 18 · 0.75 s · sample 2 of 4"
    )
    for key, moment in (("End", 3), ("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 0)):
        page.keyboard.press(key)
        expect_moment(player, moment)
    expect(page.get_by_text("runs 1", exact=True)).to_be_visible()


def test_two_players_keep_apart(page, player):
    second = page.get_by_test_id("player").nth(1)
    player.focus()
    page.keyboard.press("End")
    second.focus()
    page.keyboard.press("-")
    expect(second.get_by_test_id("player-opacity")).to_have_value("70")
    expect(player.get_by_test_id("player-opacity")).to_have_value("80")
    expect_moment(player, 3)
    expect_moment(second, 0)


def test_heat_is_where_and_as_bright_as_the_map_says(player):
    bare, heated = pixels(player, 0)[..., :3], pixels(player, 1)[..., :3]
    # Frame 0: only the top left cell speaks, with 0.01 of 0.04. Its outer corner is pure cell.
    assert (heated[0, 0] != bare[0, 0]).any()
    assert (heated[63, 63] == bare[63, 63]).all()
    player.get_by_test_id("player-scale").select_option("frame")
    brightest = pixels(player, 1)[0, 0, :3]
    # At the top of its scale: opacity 0.8 of cividis' last colour over grey 40 (as JPEG has it).
    expected = 0.8 * np.array([254, 232, 56]) + 0.2 * bare[0, 0]
    assert np.abs(brightest - expected).max() <= 2


def test_each_scale_says_its_number(player):
    limits = [player.get_by_test_id(f"player-limit-{i}") for i in (1, 2)]
    for scale, numbers in (("clip", "0.04 0.02"), ("frame", "0.01 0.01"), ("all", "0.04 0.04")):
        player.get_by_test_id("player-scale").select_option(scale)
        assert [limit.inner_text() for limit in limits] == numbers.split()


def test_a_line_runs_where_the_map_is_half_of_the_scale(page, player):
    line = player.get_by_test_id("player-contour-1").locator(".over")
    assert line.get_attribute("d") == ""  # the map's peak is a quarter of the clip's scale
    player.focus()
    page.keyboard.press("s")  # to all networks, whose scale is the same, and to this frame's
    page.keyboard.press("s")
    expect(player.get_by_test_id("player-scale")).to_have_value("frame")
    numbers = re.findall(r"[\d.]+", line.get_attribute("d"))
    places = np.array(numbers, dtype=float).reshape(-1, 2)
    assert len(places) > 4
    # One cell speaks: from its centre it falls to nothing at the next one's, in both directions.
    values = np.clip(1.5 - places, 0, 1).prod(axis=1)
    assert np.abs(values - 0.5).max() < 0.01
    assert {(0.0, 1.0), (1.0, 0.0)} <= {tuple(place) for place in places.tolist()}
    page.keyboard.press("c")
    expect(player.get_by_test_id("player-contour")).not_to_be_checked()
    expect(player.get_by_test_id("player-contour-1")).to_be_hidden()


def test_pointing_at_a_cell_reads_its_raw_value(player):
    player.get_by_test_id("player-canvas-1").hover(position={"x": 10, "y": 10})
    expect(player.get_by_test_id("player-words-1")).to_have_text(
        "0.01 in row 1 of 2, column 1 of 2"
    )


def test_an_all_zero_map_is_told_in_words(player):
    expect(player.get_by_test_id("player-silence-3")).to_have_text(
        "No positive evidence at this layer"
    )
    expect(player.get_by_test_id("player-silence-1")).to_be_hidden()
    assert (pixels(player, 3) == pixels(player, 0)).all()


def test_a_click_on_a_chart_and_a_drag_of_the_scrubber_move_the_moment(page, player):
    chart = player.get_by_test_id("player-chart-0")
    tick = chart.locator(".sample").nth(2)
    place = {"x": float(tick.get_attribute("x1")) + 4, "y": 30}
    chart.hover(position=place)
    expect(player.get_by_test_id("player-tip-0")).to_contain_text("mask 0.3")
    chart.click(position=place)
    expect_moment(player, 2)
    scrubber = player.get_by_test_id("player-scrubber")
    scrubber.scroll_into_view_if_needed()
    line = scrubber.bounding_box()
    page.mouse.move(line["x"] + line["width"] / 2, line["y"] + 18)
    page.mouse.down()
    page.mouse.move(line["x"] + line["width"] + 50, line["y"] + 18)
    expect_moment(player, 3)
    page.mouse.up()
    page.mouse.move(line["x"] + 5, line["y"] + 18)
    expect_moment(player, 3)


def test_opacity_changes_the_map_and_leaves_the_frame(page, player):
    bare, heated = pixels(player, 0), pixels(player, 1)
    slider = player.get_by_test_id("player-opacity")
    slider.fill("0")
    assert (pixels(player, 0) == bare).all()
    assert (pixels(player, 1) == bare).all()
    player.focus()
    page.keyboard.press("+")
    assert slider.input_value() == "10"
    assert (pixels(player, 1) != bare).any()
    assert (pixels(player, 1) != heated).any()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect_moment(player, 0)


def test_it_plays_to_the_end_and_backwards(page, player):
    player.get_by_test_id("player-loop").click()
    player.get_by_test_id("player-speed").select_option("2")
    player.focus()
    page.keyboard.press("Space")
    expect(player).to_have_attribute("data-playing", "true")
    expect(player.get_by_test_id("player-play")).to_have_accessible_name("Pause")
    expect(player).to_have_attribute("data-playing", "false")
    expect_moment(player, 3)
    player.get_by_test_id("player-reverse").click()
    expect(player).to_have_attribute("data-playing", "false")
    expect_moment(player, 0)
    expect(page.get_by_text("runs 1", exact=True)).to_be_visible()


def test_new_data_keeps_moment_opacity_and_speed(page, player):
    player.get_by_test_id("player-speed").select_option("0.25")
    player.get_by_test_id("player-opacity").fill("35")
    player.focus()
    page.keyboard.press("End")
    page.get_by_text("Other class").click()
    expect(player.get_by_text("gives 12 % to Closing")).to_be_visible()
    expect(page.get_by_text("runs 2", exact=True)).to_be_visible()
    expect_moment(player, 3)
    assert player.get_by_test_id("player-opacity").input_value() == "35"
    assert player.get_by_test_id("player-speed").input_value() == "0.25"


def test_a_player_that_leaves_while_it_plays_stops_its_clock(page):
    second = page.get_by_test_id("player").nth(1)
    second.get_by_test_id("player-speed").select_option("2")
    second.focus()
    page.keyboard.press("Space")
    expect(second).to_have_attribute("data-playing", "true")
    page.get_by_text("One player").click()
    expect(page.get_by_test_id("player")).to_have_count(1)
    page.get_by_text("One player").click()
    expect(second).to_have_attribute("data-playing", "false")
    moment = second.get_attribute("data-moment")
    page.wait_for_timeout(600)  # two or three samples, for a clock that was left running
    second.focus()
    page.keyboard.press("+")
    expect(second.get_by_test_id("player-opacity")).to_have_value("90")
    expect(second).to_have_attribute("data-moment", moment)


def test_names_are_text_and_parts_have_names(player):
    expect(player).to_have_accessible_name("Clip player: clip <b>one</b>.mp4")
    expect(player.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    assert player.locator("img").count() == 0
    scrubber = player.get_by_role("slider", name="Time in the clip")
    expect(scrubber).to_have_attribute("aria-valuetext", "0.25 seconds, sample 1 of 4")
    for name in ("Step back", "Play backwards", "Play", "Step forward", "Repeat"):
        expect(player.get_by_role("button", name=name, exact=True)).to_be_visible()
    for name in ("Speed", "Map scale"):
        expect(player.get_by_role("combobox", name=name)).to_be_visible()
    expect(player.get_by_role("img", name="TSN, frame 6 · 0.25 s, No positive")).to_be_visible()


def test_a_phone_shows_all_of_it(page, player):
    page.set_viewport_size({"width": 390, "height": 800})
    expect(player.locator(".panes")).to_have_attribute("style", re.compile("--columns: 2;"))
    wide = player.evaluate("root => root.scrollWidth - root.clientWidth")
    assert wide <= 0
    chart = player.get_by_test_id("player-chart-1").bounding_box()
    assert 250 < chart["width"] <= 390


def test_the_nearest_time_and_the_clock_worked_by_hand(script):
    cases = ([0.2, 0], [0.5, 0], [0.51, 1], [9, 2])
    for moment, index in cases:
        assert script("time.js", f"m.nearest([0, 1, 2], {moment})") == index
    steps = (
        ("1.9, 0.3, 2, true", {"time": 0.2, "ended": False}),
        ("1.9, 0.3, 2, false", {"time": 2, "ended": True}),
        ("0.1, -0.3, 2, true", {"time": 1.8, "ended": False}),
        ("0.1, -0.3, 2, false", {"time": 0, "ended": True}),
        ("0, 0.1, 0, true", {"time": 0, "ended": True}),
    )
    for step, reached in steps:
        assert script("time.js", f"m.advance({step})") == pytest.approx(reached)


def test_maps_are_enlarged_as_opencv_enlarges_them(script):
    grid = np.random.default_rng(0).random((3, 5), np.float32)
    enlarged = script(
        "heat.js",
        """(() => {
          const down = m.between(3, 12), across = m.between(5, 30);
          return down.map(([a, b, v]) => across.map(([c, d, u]) =>
            (x[a][c] * (1 - u) + x[a][d] * u) * (1 - v) + (x[b][c] * (1 - u) + x[b][d] * u) * v));
        })()""",
        grid.tolist(),
    )
    assert np.allclose(enlarged, cv2.resize(grid, (30, 12)), atol=1e-6)
