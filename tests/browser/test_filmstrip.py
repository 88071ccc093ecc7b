"""The film strip by itself: mouse, keys, fields, and what Python hears of them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import serious

SCRIPT = Path(__file__).parent / "strip_page.py"
FILM = 60.0  # seconds


@pytest.fixture
def page(browser_page: Page, serve_streamlit) -> Page:
    browser_page.goto(serve_streamlit(SCRIPT))
    expect(browser_page.get_by_test_id("strip-start")).to_be_visible()
    told(browser_page, 28, 32, run=1)
    return browser_page


def told(page: Page, start: float, end: float, *, run: int) -> None:
    """What Python heard last, and in which run of the script."""
    words = f"from {start:.3f} to {end:.3f} in run {run}"
    expect(page.get_by_text(words, exact=True)).to_be_visible()


def heard(page: Page, *, run: int) -> tuple[float, float]:
    line = page.get_by_text(re.compile(rf"in run {run}$"))
    expect(line).to_be_visible()
    start, end = re.findall(r"[0-9.]+(?= to| in)", line.inner_text())
    return float(start), float(end)


def drag(page: Page, testid: str, seconds: float, *, at: float = 0.5) -> None:
    """Drag a part of the strip by so many seconds, held at a share of its width."""
    box = page.get_by_test_id(testid).bounding_box()
    width = page.locator(".rail").bounding_box()["width"]
    x, y = box["x"] + at * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + seconds * width / FILM / 2, y)
    page.mouse.move(x + seconds * width / FILM, y, steps=4)
    page.mouse.up()


def test_each_handle_is_dragged_by_itself_and_python_hears_once(page):
    drag(page, "strip-start", -10)
    start, end = heard(page, run=2)
    assert start == pytest.approx(18, abs=0.15)
    assert end == 32
    drag(page, "strip-end", 8)
    before, end = heard(page, run=3)
    assert before == start
    assert end == pytest.approx(40, abs=0.15)
    expect(page.get_by_test_id("strip-length")).to_have_text(f"{end - start:.2f} s long")


def test_the_middle_takes_the_section_along_and_stops_at_the_films_ends(page):
    drag(page, "strip-section", 6)
    start, end = heard(page, run=2)
    assert start == pytest.approx(34, abs=0.15)
    assert end - start == pytest.approx(4)
    drag(page, "strip-section", 40)
    told(page, 56, 60, run=3)
    drag(page, "strip-section", -80)
    told(page, 0, 4, run=4)


def test_a_press_elsewhere_brings_the_section_there(page):
    box = page.locator(".rail").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 6, box["y"] + box["height"] - 5)
    start, end = heard(page, run=2)
    assert (start + end) / 2 == pytest.approx(10, abs=0.15)
    assert end - start == pytest.approx(4)


def test_no_handle_passes_the_other(page):
    drag(page, "strip-start", 20)
    told(page, 31.68, 32, run=2)
    expect(page.get_by_text("at least 0.32 s: 8 frames")).to_be_visible()
    drag(page, "strip-end", -20)
    page.wait_for_timeout(800)
    told(page, 31.68, 32, run=2)  # nothing has changed


def test_keys_move_handles_and_the_whole(page):
    start, end, middle = (
        page.get_by_test_id(f"strip-{part}") for part in ("start", "end", "section")
    )
    start.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    told(page, 27.7, 32, run=2)  # once, for three presses
    expect(start).to_have_attribute("aria-valuetext", "from 27.70 s")
    page.keyboard.press("Shift+ArrowRight")
    told(page, 27.74, 32, run=3)  # one of 25 frames a second
    page.keyboard.press("Home")
    told(page, 0, 32, run=4)
    page.keyboard.press("Tab")
    expect(end).to_be_focused()
    page.keyboard.press("End")
    told(page, 0, 60, run=5)
    page.keyboard.press("PageDown")
    told(page, 0, 59, run=6)
    expect(end).to_have_attribute("aria-valuetext", "to 59.00 s")
    middle.focus()
    page.keyboard.press("End")
    told(page, 1, 60, run=7)
    expect(middle).to_have_attribute("aria-valuetext", "1.00 to 60.00 s, 59.00 s long")


def test_times_are_typed_too(page):
    page.get_by_label("Section's start in seconds").fill("12.34")
    page.keyboard.press("Enter")
    told(page, 12.34, 32, run=2)
    page.get_by_label("Section's end in seconds").fill("3")
    page.keyboard.press("Enter")
    told(page, 0, 3, run=3)  # beyond the other handle, which comes along
    page.get_by_label("Section's start in seconds").fill("50")
    page.keyboard.press("Enter")
    told(page, 50, 53, run=4)
    page.get_by_label("Section's start in seconds").fill("99")
    page.keyboard.press("Enter")
    told(page, 59.68, 60, run=5)  # as far as there is film
    expect(page.get_by_label("Section's start in seconds")).to_have_value("59.68")


def test_what_python_says_moves_the_handles(page):
    page.get_by_role("button", name="Elsewhere").click()
    told(page, 50, 55, run=2)
    expect(page.get_by_test_id("strip-start")).to_have_attribute("aria-valuenow", "50.00")
    expect(page.get_by_test_id("strip-end")).to_have_attribute("aria-valuenow", "55.00")


def test_cuts_are_marked_where_they_are(page):
    cuts = page.get_by_test_id("strip-cut")
    expect(cuts).to_have_count(2)
    box = page.locator(".rail").bounding_box()
    for cut, seconds in zip(cuts.all(), (20.0, 45.5), strict=True):
        mark = cut.bounding_box()
        place = (mark["x"] + mark["width"] / 2 - box["x"]) / box["width"]
        assert place * FILM == pytest.approx(seconds, abs=0.2)
        expect(cut).to_have_attribute("title", f"Cut at {seconds:.2f} s")


def test_a_finger_drags_a_handle(browser, serve_streamlit):
    assert browser.browser is not None
    context = browser.browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(serve_streamlit(SCRIPT))
    told(page, 28, 32, run=1)
    box = page.get_by_test_id("strip-end").bounding_box()
    width = page.locator(".rail").bounding_box()["width"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    send("touchStart", (x, y))
    for part in range(1, 6):
        send("touchMove", (x + part / 5 * 10 * width / FILM, y))
    send("touchEnd")
    start, end = heard(page, run=2)
    assert start == 28
    assert end == pytest.approx(42, abs=0.5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_grave_for_those_who_see_less(page, scheme):
    page.emulate_media(color_scheme=scheme)
    page.wait_for_timeout(500)
    assert [found for found in serious(page) if "strip" in found] == []
