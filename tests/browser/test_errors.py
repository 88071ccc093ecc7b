import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def page(browser_page, serve_streamlit):
    browser_page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/errors?m=tsm-demo&view=Matrix")
    settle(browser_page)
    return browser_page


def test_a_click_on_a_cell_lands_on_its_clips_and_they_open(page):
    plot = page.locator(".js-plotly-plot").first
    at = plot.evaluate(
        """gd => { const box = gd.querySelector('.nsewdrag').getBoundingClientRect();
        const { xaxis, yaxis } = gd._fullLayout;
        return [box.left + xaxis.c2p(11), box.top + yaxis.c2p(6)]; }"""
    )
    page.mouse.move(*at)
    page.wait_for_timeout(400)
    page.mouse.click(*at)
    expect(page).to_have_url(re.compile("cell=6-11"))
    title = page.get_by_text(
        "Opening something, predicted Taking something out of something: 10 clips"
    )
    expect(title).to_be_visible()
    settle(page)
    page.get_by_role("link", name="Open", exact=True).first.click()
    expect(page.get_by_text("True class: Opening something")).to_be_visible()
    expect(page).to_have_url(re.compile(r"clip=test-6-\d+"))


def test_a_note_is_found_again_after_a_reload(page):
    page.get_by_role("radio", name="Notes").click()
    page.get_by_role("textbox", name="Note", exact=True).fill("The lid hides behind the hand")
    page.get_by_role("textbox", name="Tags").fill("hand, late")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("1 notes")).to_be_visible()
    page.reload()
    settle(page)
    page.get_by_role("textbox", name="Find").fill("LID")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 notes")).to_be_visible()
