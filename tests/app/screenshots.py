"""Pictures of the app for the documents: `python -m tests.app.screenshots FOLDER`."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from app.gallery.catalogue import FIRST
from tests.served import served, url_of

PORT = 8599
ADDRESS = url_of(PORT)
CLIP = f"clip={FIRST}&moment=4"
WAIT_MS = 120_000
TALLEST = 2600
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


def shoot(browser: Browser, path: Path, *, at: str, width: int, scheme: str) -> None:
    """The whole page, at rest."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{ADDRESS}/{at}")
    page.get_by_test_id("stHeading").first.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(2500)
    page.wait_for_function(AT_REST, timeout=WAIT_MS)
    page.wait_for_timeout(1500)
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height) + 20, TALLEST)})
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    page.close()


def main(folder: Path, wanted: list[str]) -> None:
    """Start the app, take every picture, stop the app."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={PORT}"]
    with served(command, PORT), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        for name, at, width, scheme in SHOTS:
            if not wanted or any(name.startswith(start) for start in wanted):
                shoot(browser, folder / f"{name}.png", at=at, width=width, scheme=scheme)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
