import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import serious, settle

ROOT = Path(__file__).parents[2]
LINK = "/errors?m=tsm-demo&view=Neighbours"
# Where the seventh point of a layer lies on the screen.
POINT = """layer => { const gd = document.querySelector('.js-plotly-plot');
    const box = gd.querySelector('.nsewdrag').getBoundingClientRect();
    const { xaxis, yaxis } = gd._fullLayout, trace = gd._fullData[layer];
    return [box.left + xaxis.c2p(trace.x[7]), box.top + yaxis.c2p(trace.y[7])]; }"""
SPAN = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"


@pytest.fixture
def page(browser_page, serve_streamlit):
    browser_page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}{LINK}")
    settle(browser_page)
    browser_page.locator(".gl-container canvas").first.wait_for(state="attached")
    return browser_page


def test_a_click_on_a_point_shows_its_neighbours_and_keeps_the_part_that_is_looked_at(page):
    page.locator("[data-title='Zoom in']").first.click()
    page.wait_for_timeout(600)
    before = page.evaluate(SPAN)
    at = page.evaluate(POINT, 1)
    page.mouse.move(*at)
    page.wait_for_timeout(400)
    page.mouse.click(*at)
    expect(page).to_have_url(re.compile(r"near=\d+"))
    expect(page.get_by_text(re.compile(r"Chosen: Test clip \d+: 1 clip"))).to_be_visible()
    expect(page.get_by_text("Its nearest neighbours: 10 clips")).to_be_visible()
    settle(page)
    assert page.evaluate(SPAN) == pytest.approx(before, rel=0.1)  # a scroll bar makes room
    assert not serious(page)
    chosen = page.get_by_text(re.compile(r"Chosen: Test clip \d+")).inner_text()
    page.reload()
    settle(page)
    expect(page.get_by_text(chosen)).to_be_visible()


def test_a_box_around_points_shows_their_clips(page):
    page.locator("[data-title='Box Select']").first.click()
    x, y = page.evaluate(POINT, 1)
    page.mouse.move(x - 25, y - 25)
    page.mouse.down()
    page.mouse.move(x + 10, y + 10)
    page.mouse.move(x + 25, y + 25)
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"Selected on the map: \d+ clips?"))).to_be_visible()
    settle(page)
    expect(page.get_by_role("link", name="Open", exact=True).first).to_be_visible()
    expect(page).not_to_have_url(re.compile("near="))
