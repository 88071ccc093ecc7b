"""What a visitor does in a real Chromium, whichever page it is on."""

from contextlib import suppress

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError, expect

SETTLED_MS = 120_000
TRIES = 10
PAGES = (
    "", "timeline", "attention", "gating", "evidence", "whatif", "arrow",
    "compare", "errors", "data", "teach", "learn", "paper", "settings",
)  # fmt: skip


def settle(page: Page, *, rest: int = 700) -> None:
    """Until no run of the script is under way, and `rest` milliseconds more.

    A run lasts as long as the job that it waits for. Bars are not looked at: the tour's stays.
    """
    for state, settled in (("connection", "CONNECTED"), ("script", "notRunning")):
        expect(page.get_by_test_id("stApp")).to_have_attribute(
            f"data-test-{state}-state", settled, timeout=SETTLED_MS
        )
        expect(page.get_by_test_id("stHeading").first).to_be_visible(timeout=SETTLED_MS)
    page.wait_for_timeout(rest)


def unfold(page: Page, words: str, *, number: int = 0) -> None:
    """Open an expander, and wait until it is open: what slides away is clicked beside.

    Args:
        number: of those with these words, from 0.
    """
    page.get_by_text(words).nth(number).click()
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")


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
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
