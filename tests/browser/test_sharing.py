"""What people take away: links and reports; `test_exports` has the files."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(browser_page, console_errors, serve_streamlit):
    browser_page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    settle(browser_page)
    yield browser_page
    assert console_errors == []


def test_a_copied_link_reopens_the_view_in_another_browser(page, browser):
    page.get_by_test_id("gallery-clip").filter(has_text="Closing something").first.click()
    expect(page.get_by_text("True class: Closing something")).to_be_visible()
    settle(page)
    page.get_by_role("combobox", name="Class to explain").click()
    page.keyboard.type("Opening something")
    page.keyboard.press("Enter")
    caption = page.get_by_test_id("player").locator("figcaption").nth(1)
    expect(caption).to_contain_text("Opening something")
    page.get_by_role("radio", name="res4, rate 2").click()
    settle(page)
    player = page.get_by_test_id("player")
    player.focus()
    page.keyboard.press("End")  # no clip opens there
    expect(page).to_have_url(re.compile("moment=7"))
    copied = page.url
    stranger = browser.browser.new_context().new_page()
    stranger.goto(copied)
    settle(stranger)
    expect(stranger.get_by_text("True class: Closing something")).to_be_visible()
    expect(stranger.get_by_test_id("player")).to_have_attribute("data-moment", "7")
    again = stranger.get_by_test_id("player").locator("figcaption").nth(1)
    expect(again).to_contain_text("Opening something")
    expect(stranger.get_by_role("radio", name="res4, rate 2")).to_be_checked()
    stranger.context.close()


def test_a_long_drag_gives_the_address_its_last_moment_alone(page):
    player = page.get_by_test_id("player")
    player.focus()
    # Safari fails after a hundred addresses in half a minute, Chromium ignores the later ones.
    player.evaluate(
        """root => {
          window.given = 0;
          const give = history.replaceState.bind(history);
          history.replaceState = (...address) => { window.given += 1; give(...address); };
          for (let turn = 0; turn < 150; turn += 1)
            for (const key of ["ArrowRight", "ArrowLeft"])
              root.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }"""
    )
    page.keyboard.press("End")  # no clip opens there
    expect(page).to_have_url(re.compile("moment=7"))
    assert page.evaluate("window.given") < 10


def test_a_report_opens_without_a_network(page, browser, tmp_path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as one HTML file").click()
    path = tmp_path / "report.html"
    download.value.save_as(path)
    context = browser.browser.new_context(offline=True)
    alone, wrong, requested = context.new_page(), [], []
    alone.on("pageerror", lambda error: wrong.append(str(error)))
    alone.on("request", lambda request: requested.append(request.url))
    alone.goto(path.as_uri())
    player = alone.locator(".player")
    expect(player.locator("canvas")).to_have_count(5)
    player.focus()
    alone.keyboard.press("Home")
    alone.keyboard.press("ArrowRight")
    expect(player).to_have_attribute("data-moment", "1")
    assert "MAAGN" in alone.inner_text("body")
    assert wrong == []
    assert [u for u in requested if not u.startswith(("file:", "data:", "blob:"))] == []
    context.close()
