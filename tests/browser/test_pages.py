"""What holds for every page, in a real Chromium."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PAGES, serious, settle

ROOT = Path(__file__).parents[2]
PHONE_WIDTH = 420
# The lightness of what is behind the text, in [0, 1].
LIGHTNESS = """() => {
    const colour = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor
    const [red, green, blue] = colour.match(/[0-9.]+/g).map(Number)
    return (red + green + blue) / 765
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_errors_no_serious_barriers_and_fits_a_phone(
    browser_page, console_errors, serve_streamlit, name
):
    """In both schemes and at both widths, which a page that is open follows."""
    address = serve_streamlit(ROOT / "app" / "main.py")
    requested: list[str] = []
    browser_page.on("request", lambda request: requested.append(request.url))
    browser_page.goto(f"{address}/{name}")
    settle(browser_page)
    expect(browser_page.get_by_test_id("stException")).to_have_count(0)
    expect(browser_page.locator("h2").first).to_have_text(re.compile(r"\?$"))
    assert browser_page.evaluate(LIGHTNESS) > 0.8
    assert serious(browser_page) == []
    browser_page.emulate_media(color_scheme="dark")
    browser_page.wait_for_function(f"({LIGHTNESS})() < 0.3")
    settle(browser_page)
    assert serious(browser_page) == []
    browser_page.set_viewport_size({"width": PHONE_WIDTH, "height": 900})
    settle(browser_page)
    width = browser_page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= PHONE_WIDTH
    assert console_errors == []
    outside = [url for url in requested if not url.startswith((address, "data:", "blob:"))]
    assert outside == []
