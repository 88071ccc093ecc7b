import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.visitor import serious

ROOT = Path(__file__).parents[2]
ANSWER_MS = 90_000
GUESSES = {
    1: "Closing something", 2: "Frame 3", 4: "The second half", 5: "The maximum",
    6: "Weights of its own", 7: "The temporal stream (MTAM)", 8: "res3",
    9: "The second half", 10: "The same prediction",
    12: "Walking in", 14: "Yes, more often than by chance",
}  # fmt: skip
DRAWN, LAST = 11, 14


def show(page: Page, step: int) -> None:
    """Predict, by keyboard where a choice is a radio button, and ask for what was computed."""
    if step in GUESSES:
        page.get_by_role("radio", name=GUESSES[step], exact=True).focus()
        page.keyboard.press("Space")
    else:
        for network in ("MAAGN", "TPN", "TSM"):
            page.get_by_text(network, exact=True).last.click()
    page.get_by_role("button", name="Show what was computed").click()


def test_the_whole_tour_to_the_people(browser_page, console_errors, serve_streamlit):
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
        further = "Teach them your own" if step == LAST else "Look further with"
        expect(page.get_by_text(further)).to_be_visible()
        if step == DRAWN:
            expect(page.get_by_test_id("player")).to_be_visible()
            expect(page.get_by_test_id("stMetricValue")).to_have_text("10 of 10")
        if step > DRAWN:
            expect(page.get_by_text("Intel, CC BY 4.0, cut and made smaller")).to_be_visible()
        if step < LAST:
            expect(following).to_have_count(1)
            following.click()
    expect(page).to_have_url(re.compile(f"step={LAST}"))
    expect(page.get_by_test_id("stMetricValue")).to_have_text("13 of 13")
    assert serious(page) == []
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_text("✓ Right: MAAGN, TPN, TSM")).to_be_visible()
    page.get_by_role("button", name="Look further with these networks").click()
    expect(page.get_by_text("Taught weights, trained on 12 clips of walking")).to_be_visible()
    expect(page.get_by_role("heading", name="Where does MAAGN beat")).to_be_visible()
    assert console_errors == []


def test_a_filmed_clip_is_opened_with_its_networks_and_a_drawn_one_brings_the_others_back(
    browser_page, console_errors, serve_streamlit
):
    page = browser_page
    page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    networks = page.get_by_role("combobox", name="Class set")
    clips = page.get_by_test_id("gallery-clip")
    expect(networks).to_have_value("Demonstration", timeout=ANSWER_MS)
    for shelf, label, title in (
        ("Filmed", "Walking out", "Taught: walking"),
        ("Drawn", "Opening something", "Demonstration"),
    ):
        page.get_by_role("radio", name=shelf).click()
        clips.filter(has_text=label).first.click()
        expect(page.get_by_text(f"True class: {label}")).to_be_visible(timeout=ANSWER_MS)
        expect(networks).to_have_value(title)
        expect(page.get_by_text("does not know this class")).to_have_count(0)
    assert console_errors == []
