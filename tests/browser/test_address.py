"""Choices stand in the address on every page, through the menu, a reload and a copied link."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.gallery.catalogue import FIRST
from app.page import _NAMES
from tests.app.guarded import Guarded, guarded
from tests.app.own_networks import TEN_TITLE, asked, write_own_networks
from tests.browser.video import write_film
from tests.browser.visitor import choose, settle

pytestmark = [pytest.mark.timeout(1800)]

PATIENCE_MILLISECONDS = 180_000
CLIP = "07-closing-something-3.mp4"
CHOICES = {
    "clip": CLIP,
    "networks": TEN_TITLE,
    "class": "Thing 3",
    "method": "eigencam",
    "layer": "Backbone res3",
    "path": "res4, rate 2",
    "moment": "5",  # where the clip does not open by itself
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


@pytest.fixture
def page(browser_page: Page) -> Page:
    """Of a patient visitor: other work may hold the networks up."""
    browser_page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    return browser_page


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
    page.wait_for_url(lambda url: asked(url).items() >= CHOICES.items(), timeout=60_000)
    sidebar = page.get_by_test_id("stSidebar")
    for label, value in (
        ("Class set", CHOICES["networks"]),
        ("Class to explain", CHOICES["class"]),
        ("Method", CHOICES["method"]),
        ("Layer", CHOICES["layer"]),
    ):
        expect(sidebar.get_by_role("combobox", name=label)).to_have_value(value)
    chosen = sidebar.get_by_role("radio", name=CHOICES["path"])
    expect(chosen).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("Custom weights, trained on nothing, 10 classes")).to_have_count(
        0 if title == "Learn" else 1  # which is about the demonstration networks, and says so
    )
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something in the explorer itself failed")).to_have_count(0)


def test_every_choice_stays_through_the_menu_a_reload_and_a_copied_link(app, page, browser):
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
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    yield page
    context.close()


def test_the_moment_of_the_player_goes_along_to_pages_without_one_and_back(app, page):
    page.goto(at(app, "", clip=CLIP, networks=TEN_TITLE))
    player = page.get_by_test_id("player")
    expect(player).to_be_visible()
    settle(page)
    player.focus()
    page.keyboard.press("End")  # no clip opens there
    last = str(player.get_attribute("data-moment"))
    page.wait_for_url(lambda url: asked(url).get("moment") == last)
    go(page, "Compare")
    page.wait_for_url(lambda url: asked(url).get("moment") == last)
    page.reload()
    settle_on(page, "Compare")
    go(page, "Explore")
    expect(player).to_have_attribute("data-moment", last)
    page.wait_for_url(lambda url: asked(url).get("moment") == last)


def test_what_a_page_alone_asks_for_is_there_when_the_visitor_comes_back(app, page):
    own = {"m": "tsm-demo", "view": "Matrix", "cell": "6-11", "pin": "test-6-1"}
    page.goto(at(app, "errors", clip=CLIP, **own))
    settle_on(page, "Errors")
    go(page, "Evidence")
    expect(page.get_by_role("radio", name="Map")).to_have_attribute("aria-checked", "true")
    page.get_by_role("radio", name="Motion").click()
    page.wait_for_url(lambda url: asked(url).get("view") == "Motion")
    settle(page)
    go(page, "Errors")
    page.wait_for_url(lambda url: asked(url).items() >= {**own, "clip": CLIP}.items())
    expect(
        page.get_by_text("Opening something, predicted Taking something out of something")
    ).to_be_visible()
    page.reload()
    settle_on(page, "Errors")
    page.wait_for_url(lambda url: asked(url).items() >= {**own, "clip": CLIP}.items())
    expect(page.get_by_role("radio", name="Matrix")).to_have_attribute("aria-checked", "true")


def test_a_link_to_another_clip_keeps_all_but_the_clip_and_its_moment(app, page):
    kept = {"method": "eigencam", "path": "res4, rate 2", "pin": "test-6-1"}
    page.goto(at(app, "errors", clip=CLIP, moment="3", view="Wrong clips", **kept))
    settle_on(page, "Errors")
    page.get_by_role("link", name="Open", exact=True).first.click()
    settle_on(page, "Explore")
    page.wait_for_url(lambda url: asked(url).items() >= kept.items())
    assert asked(page.url)["clip"].startswith("test-")
    assert "moment" not in asked(page.url)
    page.reload()
    settle_on(page, "Explore")
    page.wait_for_url(lambda url: asked(url).items() >= kept.items())


def test_a_class_of_one_group_is_not_asked_of_another(app, page):
    page.goto(at(app, "", clip=CLIP, networks=TEN_TITLE, **{"class": "Thing 3"}))
    settle(page)
    choose(page, "Class set", "Demonstration")
    told = page.get_by_text("The class 'Thing 3' is not among the present choices")
    expect(told).to_be_visible()
    settle(page)
    page.wait_for_url(lambda url: not {"class", "networks"} & asked(url).keys())
    chosen = page.get_by_role("combobox", name="Class to explain")
    expect(chosen).to_have_value("The first model's prediction")


def test_an_upload_takes_the_old_clip_out_of_the_address_and_its_removal_brings_one_back(
    app, page, tmp_path
):
    page.goto(at(app, "", clip=CLIP, moment="3", networks=TEN_TITLE))
    settle(page)
    page.locator("input[type=file]").set_input_files(write_film(tmp_path / "first.mp4"))
    player = page.get_by_label("Clip player: first.mp4")
    expect(player).to_be_visible()
    assert not {"clip", "moment"} & asked(page.url).keys()
    assert asked(page.url)["networks"] == TEN_TITLE
    settle(page)
    player.focus()
    page.keyboard.press("End")
    go(page, "Gating")
    expect(player).to_have_attribute("data-moment", "7")
    assert not {"clip", "moment"} & asked(page.url).keys()
    page.locator("input[type=file]").set_input_files(write_film(tmp_path / "second.mp4"))
    expect(page.get_by_label("Clip player: second.mp4")).to_be_visible()
    settle(page)
    for removed, shown in (("second.mp4", "first.mp4"), ("first.mp4", FIRST)):
        page.get_by_role("button", name=f"Remove {removed}").click()
        expect(page.get_by_label(f"Clip player: {shown}")).to_be_visible()
        settle(page)
    assert asked(page.url)["clip"] == FIRST
