from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]


def test_a_dragged_bar_moves_the_probabilities_and_can_be_put_back(browser_page, serve_streamlit):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/whatif?edit=Modules")
    settle(page)
    expect(page.get_by_text("No logit changed")).to_be_visible()
    bar = page.get_by_test_id("brush-SDM mask-3")
    own = bar.get_attribute("aria-valuenow")
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 2, steps=5)
    page.mouse.up()
    settle(page)
    expect(page.get_by_text("No logit changed")).to_have_count(0)
    assert float(bar.get_attribute("aria-valuenow")) < 0.1
    page.get_by_role("button", name="Back to the network's own").click()
    settle(page)
    expect(page.get_by_text("No logit changed")).to_be_visible()
    expect(bar).to_have_attribute("aria-valuenow", own)
    bar.focus()
    page.keyboard.press("Home")
    settle(page)
    expect(page.get_by_text("No logit changed")).to_have_count(0)


def test_bars_show_the_masks_that_are_in_place_and_the_line_stays_the_clips_own(
    browser_page, serve_streamlit
):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/whatif?edit=Modules")
    settle(page)
    bars = [page.get_by_test_id(f"brush-SDM mask-{frame}") for frame in range(8)]

    def shown() -> list[str | None]:
        return [bar.get_attribute("aria-valuenow") for bar in bars]

    own = shown()
    lines = [bar.locator(".own").get_attribute("style") for bar in bars]
    page.get_by_text("another clip's").click()
    settle(page)
    assert shown() != own
    assert [bar.locator(".own").get_attribute("style") for bar in bars] == lines
    expect(page.get_by_text("No logit changed")).to_have_count(0)
    page.get_by_role("button", name="Back to the network's own").click()
    settle(page)
    assert shown() == own
    expect(page.get_by_text("No logit changed")).to_be_visible()


def test_a_rectangle_drawn_on_the_frame_is_what_is_blurred(browser_page, serve_streamlit):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/whatif?edit=Blur")
    settle(page)
    expect(page.get_by_text("Or by numbers")).to_be_visible()
    sure = page.get_by_text("Before, the prediction was").first
    before = sure.inner_text()
    box = page.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.95 * box["height"], steps=8)
    page.mouse.up()
    expect(page.get_by_text("Or by numbers")).to_have_count(0)
    settle(page)
    assert sure.inner_text() != before
