"""From a film to a window of it in Explore, and what can be taken away."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.gallery import film
from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]
FILM = f"timeline?clip={film.LINK}"
DONE_MS = 240_000
BAND = ".st-key-figure-timeline .nsewdrag"


def asked(page: Page, address: str, *, lengths: str) -> None:
    """The page with its bands."""
    page.goto(f"{address}/{FILM}&{lengths}")
    settle(page)
    page.get_by_role("button", name="Ask the networks").click()
    expect(page.get_by_role("heading", name="Where do they differ?")).to_be_visible(timeout=DONE_MS)
    settle(page)


def point(page: Page, *, seconds: float, row: int, rows: int) -> tuple[float, float]:
    """Where a moment of a row is on the screen."""
    plot = page.locator(BAND).first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    return (
        box["x"] + box["width"] * seconds / 28,
        box["y"] + box["height"] * (row + 0.5) / rows,
    )


def test_from_the_example_to_a_window_in_explore(browser_page, serve_streamlit, console_errors):
    page, address = browser_page, serve_streamlit(ROOT / "app" / "main.py")
    page.goto(f"{address}/timeline")
    settle(page)
    page.get_by_role("button", name="Try it on a film of twelve").click()
    page.wait_for_url(re.compile(re.escape(film.LINK)))
    settle(page)
    asked(page, address, lengths="window=4+s&step=2+s")
    bands = page.locator(".st-key-figure-timeline")
    for name in ("True class", "MAAGN", "TPN", "TSM", "TSN"):
        expect(bands.get_by_text(name, exact=True).first).to_be_visible()
    page.mouse.move(*point(page, seconds=14, row=1, rows=5))
    expect(bands.get_by_text(re.compile(r"1[12]\.\d\d to 1[56]\.\d\d s"))).to_be_visible()

    page.get_by_test_id("stPopover").filter(has_text="Save").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert len(rows) == 4 * 13
    assert {row["model"] for row in rows} == {"maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo"}
    assert all(0 < float(row["probability_1"]) <= 1 for row in rows)
    with page.expect_download() as download:
        page.get_by_role("button", name="TSM", exact=True).click()
    assert download.value.suggested_filename.endswith(".vtt")
    assert Path(download.value.path()).read_text("utf-8").startswith("WEBVTT")
    page.keyboard.press("Escape")

    page.mouse.click(*point(page, seconds=14, row=1, rows=5))
    page.wait_for_url(re.compile(r"start="))
    settle(page)
    expect(page.get_by_role("heading", name="What is happening")).to_be_visible()
    found = re.search(r"start=([\d.]+)&end=([\d.]+)", page.url)
    assert found is not None
    assert float(found[1]) == pytest.approx(12.0, abs=0.1)
    assert float(found[2]) == pytest.approx(16.0, abs=0.1)
    assert console_errors == []


def test_a_stop_keeps_the_bands_until_there(browser_page, serve_streamlit):
    page, address = browser_page, serve_streamlit(ROOT / "app" / "main.py")
    page.goto(f"{address}/{FILM}&window=2+s&step=0.1+s")
    settle(page)
    page.get_by_role("button", name="Ask the networks").click()
    page.get_by_role("button", name="Stop").click(timeout=DONE_MS)
    stopped = page.get_by_text(re.compile(r"Stopped at [\d.]+ of 28\.0 s|Cancelled\."))
    expect(stopped.first).to_be_visible(timeout=DONE_MS)
