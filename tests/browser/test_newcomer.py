"""A newcomer's ways from the first screen to an explanation: clicks are counted, seconds told."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from maagn.checkpoint import FOLDER as NETWORKS
from tests.browser.conftest import PATIENCE_MILLISECONDS
from tests.browser.test_camera import ALLOWED
from tests.browser.visitor import settle, unfold

ROOT = Path(__file__).parents[2]
PAIR = "Opening something ↔ Closing something"
CLIPS = NETWORKS / "walking" / "clips"
ACTIONS = ("Walking in", "Walking out")
WORK_MS = 240_000


class Newcomer:
    """Somebody who has never been here, at the first screen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.clicks, self.begun = page, 0, time.monotonic()
        page.goto(address)
        expect(page.get_by_test_id("player")).to_be_visible()
        self.first_screen = self.seconds

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    def click(self, target: Locator) -> None:
        target.click()
        self.clicks += 1

    def press(self, name: str) -> None:
        """A button; before its name stands its icon's, which nobody sees as words."""
        named = re.compile(rf"(^|\s){re.escape(name)}$")
        self.click(self.page.get_by_role("button", name=named).first)

    def tell(self, record_property: Callable[[str, object], None], what: str) -> None:
        record_property("clicks", self.clicks)
        record_property("first_screen_seconds", round(self.first_screen, 1))
        record_property("seconds", round(self.seconds, 1))
        print(f"{what}: {self.clicks} clicks, {self.first_screen:.1f} s to the first screen, "
              f"{self.seconds:.1f} s in all")  # fmt: skip


def test_why_tsm_takes_opening_for_closing(browser_page, serve_streamlit, record_property):
    page = browser_page
    newcomer = Newcomer(page, serve_streamlit(ROOT / "app" / "main.py"))
    click = newcomer.click
    click(page.get_by_role("link", name="Errors"))
    settle(page)
    click(page.get_by_role("combobox", name="Network"))
    click(page.get_by_role("option", name="tsm-demo"))
    settle(page)
    click(page.get_by_role("combobox", name="Pair"))
    page.keyboard.type(PAIR[:12])
    click(page.get_by_role("option", name=PAIR))
    expect(page.get_by_text("of 120 clips of the pair were classified as the")).to_be_visible()
    settle(page)
    click(page.get_by_role("link", name="Open", exact=True).first)
    expect(page.get_by_text("True class:")).to_be_visible()
    settle(page)
    click(page.get_by_role("link", name="What if?"))
    expect(page.get_by_text("Before and after")).to_be_visible()
    settle(page)
    click(page.get_by_role("radio", name="Fewest frames"))
    expect(page.get_by_text("All sets of one frame are tried")).to_be_visible()
    settle(page)
    newcomer.tell(record_property, "A confusion")
    assert newcomer.clicks <= 8


@pytest.fixture
def new_page(launch):
    """In a browser of its own, which knows nobody and has Chromium's own fake camera."""
    chromium = launch(*ALLOWED)
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield page
    chromium.close()


def begin(newcomer: Newcomer) -> None:
    """To a collection of two empty classes: the fields are reached with the tab key."""
    page = newcomer.page
    newcomer.click(page.get_by_role("link", name="Teach"))
    newcomer.click(page.get_by_label("Name of the collection"))
    page.keyboard.type("people")
    for action in ACTIONS:
        page.keyboard.press("Tab")
        page.keyboard.type(action)
    newcomer.press("Begin")
    expect(page.get_by_role("region", name=f"Clips of {ACTIONS[1]}")).to_be_visible()
    settle(page)


def teach_and_open(newcomer: Newcomer) -> None:
    """To the first clip's predictions and maps by the taught networks."""
    page = newcomer.page
    newcomer.press("Teach")
    expect(page.get_by_text("left-out clips correctly")).to_be_visible(timeout=WORK_MS)
    settle(page)
    newcomer.press("Open in Explore")
    expect(page.get_by_text(f"True class: {ACTIONS[0]}")).to_be_visible(timeout=WORK_MS)
    expect(page.get_by_test_id("player")).to_be_visible()
    settle(page)


def test_two_actions_of_ones_own_from_files(new_page, serve_streamlit, record_property):
    """Twelve clips; what is chosen in the file dialogs is not counted as clicks."""
    newcomer = Newcomer(new_page, serve_streamlit(ROOT / "app" / "main.py"))
    begin(newcomer)
    for action in ACTIONS:
        bin_of = new_page.get_by_role("region", name=f"Clips of {action}")
        with new_page.expect_file_chooser() as dialog:
            newcomer.click(bin_of.get_by_role("button", name=re.compile("Upload")))
        files = sorted((CLIPS / action).glob("*.mp4"))
        dialog.value.set_files(files)
        last = new_page.get_by_role("button", name=f"Take {files[-1].name} out")
        expect(last).to_be_visible(timeout=WORK_MS)
        settle(new_page)
    teach_and_open(newcomer)
    newcomer.tell(record_property, "Two actions from files")
    assert newcomer.clicks <= 7


def test_two_actions_of_ones_own_from_the_camera(new_page, serve_streamlit, record_property):
    """Two clips of each; a countdown and a recording take six seconds."""
    newcomer = Newcomer(new_page, serve_streamlit(ROOT / "app" / "main.py"))
    begin(newcomer)
    kept = 0
    for number, action in enumerate(ACTIONS):
        unfold(new_page, "Record with the camera", number=number)
        newcomer.clicks += 1
        camera = new_page.get_by_role("region", name=action, exact=True)
        newcomer.click(camera.get_by_role("button", name="Open camera"))
        for _ in range(2):
            newcomer.click(camera.get_by_role("button", name="Record", exact=True))
            newcomer.click(camera.get_by_role("button", name="Keep"))
            kept += 1
            takes = new_page.get_by_role("button", name=re.compile("^Take .* out$"))
            expect(takes).to_have_count(kept)
            settle(new_page)
    teach_and_open(newcomer)
    newcomer.tell(record_property, "Two actions from the camera")
    assert newcomer.clicks <= 17
