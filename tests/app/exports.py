"""One file of each kind for the documents: `python -m tests.app.exports FOLDER`."""

import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.app.screenshots import AT_REST, WAIT_MS
from tests.served import free_port, served, url_of

CLIP = "07-closing-something-3.mp4"
# Which page, which of its things drawn, which file of it: the first is one column wide.
TAKEN = (("attention", 2, "PNG", 0), ("gating", 2, "PDF", 1))
REPORT_SIZE = {"width": 1100, "height": 1500}


def at_rest(page: Page, address: str) -> None:
    """Open an address and wait until all is drawn."""
    page.goto(address)
    page.get_by_test_id("stHeading").first.wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(2500)
    page.wait_for_function(AT_REST, timeout=WAIT_MS)


def take(page: Page, folder: Path, button: str, *, number: int = 0, within: str = "stMain") -> Path:
    """Press a button and keep its file under the name that it comes with."""
    with page.expect_download(timeout=WAIT_MS) as download:
        page.get_by_test_id(within).get_by_role("button", name=button).nth(number).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def show(browser: Browser, report: Path, picture: Path) -> None:
    """The top of a report as a browser without a network shows it."""
    context = browser.new_context(offline=True, viewport=REPORT_SIZE)
    page = context.new_page()
    page.goto(report.as_uri())
    page.locator(".player canvas").first.wait_for()
    page.wait_for_timeout(1500)
    shot = picture.with_suffix(".png")
    page.screenshot(path=shot)
    with Image.open(shot) as image:
        image.convert("RGB").save(picture, quality=80)
    shot.unlink()
    context.close()


def main(folder: Path) -> None:
    """Take the files as a visitor takes them; of the report a picture is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={port}"]
    with served(command, port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for at, drawn, kind, number in TAKEN:
            at_rest(page, f"{url_of(port)}/{at}?clip={CLIP}")
            page.get_by_role("button", name="Save").nth(drawn).click()
            print(take(page, folder, kind, number=number, within="stPopoverBody"))
            page.keyboard.press("Escape")
        at_rest(page, f"{url_of(port)}/?clip={CLIP}")
        page.get_by_role("radio", name="All frames").click()
        page.get_by_role("button", name="Save the video").wait_for(timeout=WAIT_MS)
        print(take(page, folder, "Save the video"))
        report = take(page, folder, "Report as one HTML file")
        show(browser, report.resolve(), folder / f"{report.stem}.jpg")
        report.unlink()  # megabytes
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
