"""A film of 25 seconds in the explorer: what is proposed, dragged, linked, and warned of."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from maagn import checkpoint
from maagn.figures.layout import percent
from maagn.inference import predict
from maagn.section import Section
from maagn.video.read import read_clip
from tests.app.guarded import Guarded, guarded
from tests.app.own_networks import asked
from tests.browser.visitor import settle, unfold
from tests.films import CLOSING, write_long_film

pytestmark = [pytest.mark.timeout(900)]
LENGTH = 296 / 12  # seconds
CUT = 148 / 12


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "long.mp4"
    write_long_film(path)
    return path


@pytest.fixture(scope="module")
def app(film, tmp_path_factory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("section")
    with guarded(folder, {}, ["--", "--clip", str(film)]) as server:
        yield server


def opened(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)
    expect(page.get_by_test_id("player")).to_be_visible()


def told(page: Page) -> str:
    return page.get_by_text(re.compile("^Networks see")).inner_text()


def in_address(page: Page) -> Section:
    found = asked(page.url)
    return Section(float(found["start"]), float(found["end"]))


def expect_prediction_of(page: Page, film: Path, section: Section) -> None:
    """MAAGN's first class on the page, with its probability, is the library's of that section."""
    model = checkpoint.load_model(checkpoint.find("maagn-demo"))
    clip = read_clip(film, samplings=[model.sampling], section=section)
    label, probability = predict(model, clip).top(1)[0]
    first = page.locator("section", has=page.locator("b", has_text=re.compile("^MAAGN$")))
    expect(first.locator("li").first).to_have_text(re.compile(rf"{label}\s*{percent(probability)}"))


def drag(page: Page, part: str, seconds: float) -> None:
    box = page.get_by_test_id(f"strip-{part}").bounding_box()
    width = page.locator(".strip .rail").bounding_box()["width"]
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + seconds * width / LENGTH, y, steps=6)
    page.mouse.up()
    settle(page)


def test_a_proposal_is_shown_dragged_and_restored_in_another_browser(
    app, film, browser_page: Page, browser: BrowserContext
):
    page = browser_page
    opened(page, app.url)
    first = in_address(page)
    assert first.seconds == pytest.approx(4)
    assert told(page).startswith(f"Networks see {first} of 25 s, where most moves:")
    expect_prediction_of(page, film, first)
    drag(page, "section", 12 if first.start < CUT else -12)
    moved = in_address(page)
    assert moved.seconds == pytest.approx(4)
    assert "where most moves" not in told(page)
    expect_prediction_of(page, film, moved)
    drag(page, "end", 2)
    longer = in_address(page)
    assert longer.start == moved.start
    assert longer.end > moved.end + 1
    expect_prediction_of(page, film, longer)
    address, words = page.url, told(page)
    page.get_by_role("link", name="Attention", exact=True).first.click()
    page.wait_for_url(re.compile("/attention"))
    settle(page)
    assert told(page) == words
    assert in_address(page) == longer
    assert browser.browser is not None
    context = browser.browser.new_context(viewport={"width": 1280, "height": 900})
    other = context.new_page()
    opened(other, address)
    assert told(other) == words
    expect(other.get_by_label("Section's start in seconds")).to_have_value(f"{longer.start:.2f}")
    expect_prediction_of(other, film, longer)
    context.close()


def test_keys_choose_a_section_too(app, film, browser_page: Page):
    page = browser_page
    opened(page, f"{app.url}/?start=17&end=20")
    page.get_by_test_id("strip-start").focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: asked(url).get("start") == "16.100")
    settle(page)
    assert in_address(page) == Section(16.1, 20.0)
    expect_prediction_of(page, film, Section(16.1, 20.0))
    expect(page.get_by_test_id("strip-start")).to_be_focused()


def test_a_cut_is_marked_and_a_section_can_end_before_it(app, browser_page: Page):
    page = browser_page
    opened(page, f"{app.url}/?start=10&end=14")
    expect(page.get_by_test_id("strip-cut")).to_have_count(1)
    expect(page.get_by_test_id("strip-cut")).to_have_attribute("title", f"Cut at {CUT:.2f} s")
    warning = page.get_by_text(f"There is a cut at {CUT:.2f} s")
    expect(warning).to_be_visible()
    page.get_by_role("button", name="End before the cut").click()
    expect(warning).to_have_count(0)
    settle(page)
    assert in_address(page) == Section(10.0, 12.333)
    page.get_by_role("button", name="Whole film").click()
    expect(page.get_by_text(re.compile("^Networks see all 24.67 s"))).to_be_visible()
    settle(page)
    assert asked(page.url)["end"] == "24.667"


def test_the_strip_of_a_short_clip_unfolds_and_folds(app, browser_page: Page):
    page = browser_page
    opened(page, f"{app.url}/?clip={CLOSING}")
    expect(page.get_by_test_id("strip-start")).to_have_count(0)
    unfold(page, "Section")
    expect(page.get_by_test_id("strip-start")).to_be_visible()
    settle(page)
    page.get_by_test_id("strip-end").focus()
    page.keyboard.press("PageDown")
    expect(page.get_by_text("Networks see 0.00 to 1.33 s")).to_be_visible()
    settle(page)
    assert in_address(page) == Section(0.0, 1.333)
    page.get_by_test_id("strip-end").focus()
    page.keyboard.press("End")
    expect(page.get_by_text("Networks see all 2.33 s")).to_be_visible()
    settle(page)
    assert "end" not in asked(page.url)
