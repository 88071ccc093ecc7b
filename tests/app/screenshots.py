"""Pictures of the app for the documents: `python -m tests.app.screenshots FOLDER`."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
PORT = 8599
ADDRESS = f"http://127.0.0.1:{PORT}"
CLIP = "06-opening-something-2.mp4"
WAIT_MS = 120_000
SHOTS = (("explore-light", 1280, "light"), ("explore-dark", 1280, "dark"),
         ("explore-wide", 1920, "light"), ("explore-phone", 420, "light"))  # fmt: skip


def shoot(browser: Browser, path: Path, *, width: int, scheme: str) -> None:
    """The whole page, with the player in the middle of the clip."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{ADDRESS}/?clip={CLIP}")
    player = page.get_by_test_id("player")
    player.wait_for(timeout=WAIT_MS)
    player.focus()
    for _ in range(4):  # where the lid opens
        page.keyboard.press("ArrowRight")
    player.evaluate("player => player.blur()")
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": int(height) + 20})
    page.wait_for_timeout(1500)
    page.screenshot(path=path)
    page.close()


def main(folder: Path) -> None:
    """Start the app, take every picture, stop the app."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={PORT}"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"{ADDRESS}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.3)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox"],
            )
            for name, width, scheme in SHOTS:
                shoot(browser, folder / f"{name}.png", width=width, scheme=scheme)
            browser.close()
    finally:
        server.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
