from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]


def test_another_frame_has_other_numbers_and_every_formula_is_set(browser_page, serve_streamlit):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/attention")
    settle(page)
    expect(page.locator(".katex-display")).to_have_count(26)
    expect(page.locator(".katex-error")).to_have_count(0)
    before = page.locator(".katex-display").nth(9).inner_text()
    page.get_by_role("radio", name="3 · ").click()
    expect(page.get_by_text("frame 3.", exact=False).first).to_be_visible()
    settle(page)
    assert page.locator(".katex-display").nth(9).inner_text() != before


def test_the_gates_page_follows_the_path(browser_page, serve_streamlit):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/gating")
    settle(page)
    expect(page.get_by_text("On path res3")).to_be_visible()
    page.get_by_role("radio", name="res5, rate 4").click()
    expect(page.get_by_text("On path res5")).to_be_visible()
    settle(page)
    expect(page.locator(".katex-display")).to_have_count(6)
    expect(page.locator(".katex-error")).to_have_count(0)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
