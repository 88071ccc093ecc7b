import re
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
ANSWER_MS = 90_000
GUESSES = {
    1: "Closing something", 2: "Frame 3", 4: "The second half", 5: "The maximum",
    6: "Weights of its own", 7: "The temporal stream (MTAM)", 8: "res3",
    9: "The second half", 10: "The same prediction",
}  # fmt: skip
LAST = 11


def show(page: Page, step: int) -> None:
    """Predict, by keyboard where a choice is a radio button, and ask for what was computed."""
    if step in GUESSES:
        page.get_by_role("radio", name=GUESSES[step], exact=True).focus()
        page.keyboard.press("Space")
    else:
        for network in ("MAAGN", "TPN", "TSM"):
            page.get_by_text(network, exact=True).last.click()
    page.get_by_role("button", name="Show what was computed").click()


def test_the_whole_tour_to_the_reversal(browser_page, console_errors, serve_streamlit):
    page = browser_page
    page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    page.get_by_role("link", name="Learn").click(timeout=ANSWER_MS)
    for step in range(1, LAST + 1):
        expect(page.get_by_text(f"Step {step} of {LAST}")).to_be_visible(timeout=ANSWER_MS)
        if step < LAST:
            following = page.get_by_role("button", name="Next", exact=True)
            expect(following).to_have_count(1)  # that of the step before is gone
            expect(following).to_be_disabled()
        show(page, step)
        expect(page.get_by_text("Look further with this clip")).to_be_visible()
        if step < LAST:
            expect(following).to_have_count(1)
            following.click()
    expect(page).to_have_url(re.compile("step=11"))
    score = page.get_by_test_id("stMetricValue")
    expect(score).to_have_text("10 of 10")
    expect(page.get_by_test_id("player")).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_text("✓ Right: The same prediction")).to_be_visible()
    assert console_errors == []
