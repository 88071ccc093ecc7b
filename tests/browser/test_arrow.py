"""A journey: a clip in both directions, what turns it, and a pair of the run."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import SETTLED_MS, settle

ROOT = Path(__file__).parents[2]
PUSHED = "00-pushing-something-from-left-to-right-0.mp4"


def test_both_directions_play_in_step_and_a_pair_opens_another_clip(
    browser_page, console_errors, serve_streamlit
):
    page = browser_page
    page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/arrow?clip={PUSHED}")
    settle(page)
    player = page.get_by_test_id("player")
    ways = [player.get_by_test_id(f"player-canvas-{index}") for index in range(2)]
    expect(player.get_by_text("Forwards", exact=True)).to_be_visible()
    expect(player.get_by_text("Backwards", exact=True)).to_be_visible()
    player.focus()
    page.keyboard.press("Home")  # it opens where most moves
    expect(player).to_have_attribute("data-moment", "0")
    first, last = (way.get_attribute("data-seconds") for way in ways)
    assert float(first) < float(last)
    player.focus()
    page.keyboard.press("End")
    expect(ways[0]).to_have_attribute("data-seconds", last)
    expect(ways[1]).to_have_attribute("data-seconds", first)
    expect(page.get_by_text("exactly 0").first).to_be_visible()
    expect(page.get_by_text("alone (").first).to_be_visible()
    expect(page.get_by_text("keeps", exact=False).first).to_be_visible()
    expect(page.get_by_text("17 pairs are told by order alone")).to_be_visible()
    page.get_by_role("button", name="Open Pulling something from right to left").click()
    expect(page).to_have_url(re.compile(r"/arrow\?.*clip=test-1-"), timeout=SETTLED_MS)
    settle(page)
    expect(page.get_by_text("gives", exact=False).first).to_be_visible()
    assert console_errors == []
