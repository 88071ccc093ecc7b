"""Choices stand in the address on every page, through the menu, a reload and a copied link."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.page import _NAMES
from tests.app.guarded import Guarded, guarded
from tests.app.own_networks import OPPOSITES_TITLE, TEN_TITLE, asked, write_own_networks
from tests.app.test_pages_browser import settle
from tests.app.video import write_film

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1800)]

CLIP = "07-closing-something-1.mp4"
CHOICES = {
    "clip": CLIP,
    "networks": TEN_TITLE,
    "class": "Thing 3",
    "method": "eigencam",
    "layer": "Backbone res3",
    "path": "res4, rate 2",
    "moment": "3",
    "q": "something",
    "who": "MAAGN is right",
}
TITLES = [title for title, _ in _NAMES.values()]


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("address")
    write_own_networks(folder / "networks")
    environment = {
        "MAAGN_CHECKPOINTS": str(folder / "networks"),
        "MAAGN_EVALUATIONS": str(folder / "evaluations"),
    }
    with guarded(folder, environment) as server:
        yield server


def at(app: Guarded, page: str, **choices: str) -> str:
    return f"{app.url}/{page}?{urlencode(choices)}"


def go(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).first.click()
    settle_on(page, title)


def settle_on(page: Page, title: str) -> None:
    """Until the page of that title in the menu is drawn, whatever page was there before."""
    name = next(name for name, (shown, _) in _NAMES.items() if shown == title)
    path = "" if name == "explore" else name
    page.wait_for_url(lambda url: url.partition("?")[0].rpartition("/")[2] == path)
    page.wait_for_timeout(300)
    settle(page)


def expect_choices(page: Page, title: str) -> None:
    """The address, the sidebar's widgets, and whose weights the page says it shows."""
    page.wait_for_url(lambda url: asked(url).items() >= CHOICES.items(), timeout=20_000)
    sidebar = page.get_by_test_id("stSidebar")
    for label, value in (
        ("Those that know", CHOICES["networks"]),
        ("Class to explain", CHOICES["class"]),
        ("Method", CHOICES["method"]),
        ("Layer", CHOICES["layer"]),
    ):
        expect(sidebar.get_by_role("combobox", name=label)).to_have_value(value)
    chosen = sidebar.get_by_role("radio", name=CHOICES["path"])
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("Weights of your own, trained on nothing, 10 classes")).to_have_count(
        0 if title == "Learn" else 1  # which is about the demonstration networks, and says so
    )
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something in the explorer itself failed")).to_have_count(0)


def test_every_choice_stays_through_the_menu_a_reload_and_a_copied_link(app, browser_page, browser):
    page = browser_page
    page.goto(at(app, "", **CHOICES))
    settle(page)
    expect_choices(page, "Explore")
    with elsewhere(browser) as copied:
        for title in [*TITLES[1:], TITLES[0]]:
            go(page, title)
            expect_choices(page, title)
            address = page.url
            page.reload()
            settle_on(page, title)
            expect_choices(page, title)
            copied.goto(address)
            settle_on(copied, title)
            expect_choices(copied, title)


@contextmanager
def elsewhere(browser: BrowserContext) -> Iterator[Page]:
    """A page of another browser."""
    assert browser.browser is not None
    context = browser.browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()
