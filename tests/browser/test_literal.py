"""People's own names are shown letter by letter, on every page that shows them."""

import re
import time
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.app.guarded import Guarded
from tests.browser import hostile
from tests.browser.visitor import settle

# What would be there if a name had been read as markup; formulas on lines of their own are ours.
MARKUP = """() => [...document.querySelectorAll(
  "img[src='x'], a[href^='javascript'], a[href^='mailto'], a[href^='http'], .katex"
)].filter((one) => !one.href?.startsWith(location.origin)).concat(
  [...document.querySelectorAll("[data-testid=stIconMaterial]")]
    .filter((one) => one.textContent === "delete"),
  [...document.querySelectorAll("strong, em, code, del, b, span")]
    .filter((one) => ["b", "i", "c", "s", "d", "r", "k", "n", "u", "_v_"].includes(one.textContent))
).filter((one) => !one.closest(".katex-display")).map((one) => one.outerHTML)"""
INVISIBLE = re.compile("\\u2060")
PATIENCE_SECONDS = 30  # for a run that had not begun when the page seemed to rest


@pytest.fixture
def page(browser_page: Page, console_errors: list[str]):
    yield browser_page
    assert browser_page.evaluate("window.hit") is None
    assert console_errors == []


def text(page: Page) -> str:
    return INVISIBLE.sub("", page.locator("body").inner_text())


def shown(page: Page, *names: str) -> None:
    """Every one of these stands on the page as it is, and none as markup."""
    settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not all(name in text(page) for name in names) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    for name in names:
        assert name in text(page)
    assert page.evaluate(MARKUP) == []
    assert page.evaluate("window.hit") is None


def go(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).first.click()
    page.wait_for_timeout(300)


def at(closed_app: Guarded, name: str, **chosen: str) -> str:
    """A page where the networks with the hostile classes speak."""
    group = f"{len(hostile.LABELS)} classes: {hostile.NETWORK}, other"
    chosen = {"networks": group} | chosen
    return f"{closed_app.url}/{name}?" + "&".join(f"{k}={quote(v)}" for k, v in chosen.items())


def test_a_file_of_a_visitors_own(page: Page, closed_app: Guarded):
    page.goto(closed_app.url)
    settle(page)
    given = {"name": hostile.UPLOAD, "mimeType": "video/mp4", "buffer": hostile.CLIP.read_bytes()}
    page.locator("input[type=file]").first.set_input_files(given)
    player = page.get_by_role("group", name=f"Clip player: {hostile.UPLOAD}")
    expect(player).to_be_visible()
    shown(page)
    for title in ("Attention", "What if?", "Data"):
        go(page, title)
        shown(page)


def test_classes_of_a_network(page: Page, closed_app: Guarded):
    page.goto(at(closed_app, ""))
    settle(page)
    page.locator("summary", has_text="more").first.click()  # the most probable class alone is seen
    shown(page, *hostile.LABELS)
    page.get_by_test_id("stPopover").get_by_text("Weights").click()
    shown(page, hostile.NETWORK)


@pytest.mark.parametrize("name", ["attention", "whatif", "learn?step=9"])
def test_pages_about_such_a_network(page: Page, closed_app: Guarded, name: str):
    path, _, step = name.partition("?step=")
    page.goto(
        at(closed_app, path, **({"step": step} if step else {}), **{"class": hostile.LABELS[3]})
    )
    settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("Something in the explorer itself failed")).to_have_count(0)
    assert page.evaluate("window.hit") is None
    assert page.locator("img[src='x'], a[href^='javascript'], a[href^='mailto']").count() == 0


@pytest.mark.parametrize("view", ["A minus B", "Is it faithful?"])
def test_the_evidence_for_such_a_class(page: Page, closed_app: Guarded, view: str):
    page.goto(at(closed_app, "evidence", view=view, **{"class": hostile.LABELS[3]}))
    shown(page, hostile.LABELS[3])


def test_networks_among_the_settings(page: Page, closed_app: Guarded):
    page.goto(at(closed_app, "settings"))
    shown(page, hostile.NETWORK)


def test_a_set_of_a_visitors_own(page: Page, closed_app: Guarded):
    page.goto(f"{closed_app.url}/data?set={hostile.SET}")
    shown(page, f"{hostile.CLASS}/{hostile.VIDEO}", hostile.CLASS)
    page.get_by_test_id("stMain").get_by_test_id("stPageLink-NavLink").last.click()
    page.wait_for_url(re.compile("clip=data%2Fhostile%2F"))
    shown(page, f"True class: {hostile.CLASS}")


def test_a_note_with_such_words(page: Page, closed_app: Guarded):
    page.goto(f"{closed_app.url}/errors?view=Notes")
    settle(page)
    page.get_by_label("Note", exact=True).fill(hostile.LABELS[2])
    page.get_by_label("Tags, separated by commas").fill(hostile.LABELS[3])
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    shown(page)
    with page.expect_download() as got:
        page.get_by_role("button", name="Notes as CSV", exact=True).click()
    assert hostile.LABELS[2] in got.value.path().read_text(encoding="utf-8")
