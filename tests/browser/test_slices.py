"""Slices of clips that are files, by a CSV that the visitor brings along."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]
CLIPS = sorted(path.name for path in (ROOT / "checkpoints/walking/clips").rglob("*.mp4"))


@pytest.fixture
def page(browser_page, serve_streamlit):
    there = "errors?networks=Taught%3A%20walking&m=walking-tsn&view=Slices"
    browser_page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/{there}")
    settle(browser_page)
    return browser_page


def test_a_csv_makes_slices_and_a_wrong_one_is_refused_with_its_line(page, tmp_path):
    expect(page.get_by_role("button", name="Measure the clips")).to_be_visible()
    page.get_by_text("Slice by columns of your own").click()
    field = page.get_by_test_id("stMain").locator("input[type=file]")
    lines = [f"{name},{'hall' if at % 2 else 'yard'}" for at, name in enumerate(CLIPS)]
    own = tmp_path / "mine.csv"
    own.write_text("\n".join(["file,room", *lines, lines[0]]))
    field.set_input_files(own)
    expect(page.get_by_text("again, after line 2: remove one of the two")).to_be_visible()
    page.get_by_role("button", name="Remove mine.csv").click()
    expect(page.get_by_text("remove one of the two")).to_have_count(0)
    settle(page)
    own = tmp_path / "mended.csv"  # the same name would be no change to the browser's field
    own.write_text("\n".join(["file,room", *lines[1:]]))
    field.set_input_files(own)
    expect(page.get_by_text("mended.csv has no line of 1 of 12 clips.")).to_be_visible()
    chart = page.locator(".js-plotly-plot").first
    expect(chart.get_by_text("room = yard", exact=True)).to_be_visible()
