"""Pictures of the app for the documents: `python -m tests.app.screenshots FOLDER`."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from app.gallery.catalogue import FIRST
from tests.served import served, url_of

PORT = 8599
ADDRESS = url_of(PORT)
CLIP = f"clip={FIRST}&moment=4"
WAIT_MS = 120_000
TALLEST = 2600
TALLEST_TEACH = 4000  # its result stands at the end
# A tour's step bar stays for good; work's bar ends its text with dots.
AT_REST = """() => !document.querySelector('[data-testid=stSkeleton]')
    && ![...document.querySelectorAll('[data-testid=stProgress]')]
        .some(bar => bar.textContent.includes(' ...'))"""
PAGES = {
    "explore": f"?{CLIP}",
    "attention": f"attention?{CLIP}",
    "gating": f"gating?{CLIP}",
    "evidence": f"evidence?{CLIP}",
    "whatif": f"whatif?{CLIP}",
    "arrow": f"arrow?{CLIP}",
    "compare": "compare",
    "errors": "errors",
    "data": "data",
    "learn": "learn",
    "paper": "paper",
    "settings": "settings",
}
SHOTS = [
    *(
        (f"{name}-{scheme}", at, 1280, scheme)
        for name, at in PAGES.items()
        for scheme in ("light", "dark")
    ),
    ("explore-wide", PAGES["explore"], 1920, "light"),
    ("explore-phone", PAGES["explore"], 420, "light"),
]  # fmt: skip
# The page Teach after these buttons, each with what is there when it is done.
EXAMPLE = ("Walking in and walking out", "One more class")
TAUGHT = ("Teach", "left-out clips correctly")
TEACH = {"empty": (), "filled": (EXAMPLE,), "taught": (EXAMPLE, TAUGHT)}
# The page Timeline, with the film that comes with the explorer.
FILM = "timeline?clip=twelve-clips.mp4"
ASKED = ("Ask the networks", "Where do they differ?")
TIMELINE_SHOTS = [
    ("timeline-light", 1280, "light"), ("timeline-dark", 1280, "dark"),
    ("timeline-wide", 1920, "light"), ("timeline-phone", 420, "light"),
]  # fmt: skip
TEACH_SHOTS = [
    (f"teach-{state}-{where}", state, width, scheme)
    for state in TEACH
    for where, width, scheme in (
        ("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 420, "light")
    )
]  # fmt: skip


def opened(browser: Browser, *, at: str, width: int, scheme: str) -> Page:
    """A page for somebody who was never here."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{ADDRESS}/{at}")
    page.get_by_test_id("stHeading").first.wait_for(timeout=WAIT_MS)
    return page


def press(page: Page, name: str, then: str) -> None:
    """A button, whose name begins with its icon's, and wait for a text."""
    page.get_by_role("button", name=re.compile(rf"(^|\s){name}$")).first.click(timeout=WAIT_MS)
    page.get_by_text(then).first.wait_for(timeout=WAIT_MS)


def shoot(page: Page, path: Path, *, tallest: int = TALLEST) -> None:
    """The whole page, at rest."""
    page.wait_for_timeout(2500)
    page.wait_for_function(AT_REST, timeout=WAIT_MS)
    page.wait_for_timeout(1500)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": min(int(height) + 20, tallest)})
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")  # after clicks
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    page.close()


def main(folder: Path, wanted: list[str]) -> None:
    """Start the app, take every picture, stop the app."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={PORT}"]
    with (
        tempfile.TemporaryDirectory() as collections,
        served(command, PORT, environment={"MAAGN_TAUGHT": collections}),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )

        def asked(name: str) -> bool:
            return not wanted or any(name.startswith(start) for start in wanted)

        for name, at, width, scheme in SHOTS:
            if asked(name):
                page = opened(browser, at=at, width=width, scheme=scheme)
                shoot(page, folder / f"{name}.png")
        for name, width, scheme in TIMELINE_SHOTS:
            if asked(name):
                page = opened(browser, at=FILM, width=width, scheme=scheme)
                button = page.get_by_role("button", name=ASKED[0])
                there = page.get_by_text(ASKED[1])
                button.or_(there).first.wait_for(timeout=WAIT_MS)
                if not there.count():  # the others find it there
                    press(page, *ASKED)
                shoot(page, folder / f"{name}.png", tallest=TALLEST_TEACH)
        for name, state, width, scheme in TEACH_SHOTS:
            if asked(name):
                page = opened(browser, at="teach", width=width, scheme=scheme)
                for button, then in TEACH[state]:
                    press(page, button, then)
                shoot(page, folder / f"{name}.png", tallest=TALLEST_TEACH)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
