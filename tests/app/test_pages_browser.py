"""What holds for every page, in a real Chromium."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SETTLED_MS = 120_000
TRIES = 10
PAGES = (
    "", "attention", "gating", "evidence", "whatif",
    "compare", "errors", "data", "learn", "paper", "settings",
)  # fmt: skip


def settle(page: Page, *, rest: int = 700) -> None:
    """Until no run of the script is under way, and `rest` milliseconds more.

    A run lasts as long as the job that it waits for. Bars are not looked at: the tour's stays.
    """
    expect(page.get_by_test_id("stHeading").first).to_be_visible(timeout=SETTLED_MS)
    expect(page.get_by_test_id("stApp")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=SETTLED_MS
    )
    page.wait_for_timeout(rest)


def choose(page: Page, name: str, option: str) -> None:
    """Choose from a list, which a run of the script may close again before it is chosen from."""
    offered = page.get_by_role("option", name=option)
    for _ in range(TRIES):
        page.get_by_role("combobox", name=name).click()
        with suppress(TimeoutError):
            offered.click(timeout=SETTLED_MS / TRIES)
            return
    raise AssertionError(f"{name} does not offer {option}")


def serious(page: Page) -> list[str]:
    """What axe finds of the two gravest kinds, as `rule: element`."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_without_errors_and_without_serious_barriers(
    browser_page, console_errors, serve_streamlit, name, scheme
):
    address = serve_streamlit(ROOT / "app" / "main.py")
    requested: list[str] = []
    browser_page.on("request", lambda request: requested.append(request.url))
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.goto(f"{address}/{name}")
    settle(browser_page)
    expect(browser_page.get_by_test_id("stException")).to_have_count(0)
    expect(browser_page.locator("h2").first).to_have_text(re.compile(r"\?$"))
    assert serious(browser_page) == []
    assert console_errors == []
    outside = [u for u in requested if not u.startswith((address, "data:", "blob:"))]
    assert outside == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(browser_page, serve_streamlit, name):
    browser_page.set_viewport_size({"width": 420, "height": 900})
    browser_page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/{name}")
    settle(browser_page)
    width = browser_page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= 420
