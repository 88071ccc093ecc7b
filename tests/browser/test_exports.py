"""Every kind of file that a page offers, taken as a visitor takes it, and looked into."""

import csv
import io
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

import maagn
from maagn.figures.printing import DPI, TEXT, TITLE
from tests.browser.visitor import settle
from tests.figures.test_printed import texts
from tests.programs import program

ROOT = Path(__file__).parents[2]
CLIP = "00-pushing-something-from-left-to-right-0"
TRUTH = "Pushing something from left to right"
SHA = re.compile(r"[0-9a-f]{64}")


@pytest.fixture
def page(browser_page, console_errors, serve_streamlit):
    browser_page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    settle(browser_page)
    yield browser_page
    assert console_errors == []


def go(page: Page, name: str) -> None:
    page.goto(page.url.split("?")[0] + name)
    settle(page)


def opened(page: Page, number: int = 0) -> Locator:
    """The list of files under one thing drawn."""
    page.get_by_role("button", name="Save", exact=False).nth(number).click()
    files = page.get_by_test_id("stPopoverBody")
    expect(files.get_by_role("button").first).to_be_visible()
    return files


def taken(page: Page, button: Locator) -> tuple[str, bytes]:
    """The name and the content of the file behind a button."""
    with page.expect_download() as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_figure_is_taken_for_print(page):
    go(page, "gating")
    files = opened(page, 1)  # the first is the player's
    for number, (column, millimetres) in enumerate((("one-column", 88), ("two-columns", 180))):
        name, png = taken(page, files.get_by_role("button", name="PNG").nth(number))
        assert name == f"{CLIP}--gating--alpha-res3-{column}.png"
        with Image.open(io.BytesIO(png)) as image:
            assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.01)
            assert image.width == pytest.approx(millimetres / 25.4 * DPI, abs=1)
        _, svg = taken(page, files.get_by_role("button", name="SVG").nth(number))
        found = texts(svg)
        assert {size for _, size, _ in found} == {TEXT, TITLE}
        assert all(inside for _, _, inside in found)
        assert "Alpha over training" in " ".join(words for words, _, _ in found)
        _, pdf = taken(page, files.get_by_role("button", name="PDF").nth(number))
        box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", pdf)
        assert float(box[1]) * 25.4 / 72 == pytest.approx(millimetres, abs=0.1)
        assert b"/FontFile2" in pdf


def test_numbers_say_what_they_are_about(page):
    files = opened(page)
    name, content = taken(page, files.get_by_role("button", name="NPZ"))
    assert name == f"{CLIP}--explore--player.npz"
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        assert arrays["MAAGN.maps"].shape == (8, 14, 14)
        assert str(arrays["about.clip"]) == f"{CLIP}.mp4"
        assert str(arrays["about.true_class"]) == TRUTH
        assert str(arrays["about.class_explained"]) == TRUTH
        assert str(arrays["about.method"]) == "hirescam"
        for network in ("MAAGN", "TPN", "TSM", "TSN"):
            assert str(arrays[f"about.{network}.checkpoint"]) == f"{network.lower()}-demo"
            assert SHA.fullmatch(str(arrays[f"about.{network}.sha256"]))
            assert str(arrays[f"about.{network}.layer"]) == "backbone.res4"
        assert str(arrays["about.maagn_version"]) == maagn.__version__
    name, content = taken(page, files.get_by_role("button", name="CSV"))
    assert name == f"{CLIP}--explore--player.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert sum(row["chart"] == "SDM mask" for row in rows) == 8 + 4 + 2
    assert {row["class explained"] for row in rows} == {TRUTH}
    assert {row["layer"] for row in rows} == {"backbone.res4"}
    assert all(len(SHA.findall(row["checkpoint SHA-256"])) == 4 for row in rows)


def test_a_player_is_taken_as_a_filmstrip_and_charts(page):
    files = opened(page)
    said = ""
    for number in (0, 2):  # one column of each
        name, svg = taken(page, files.get_by_role("button", name="SVG").nth(number))
        found = texts(svg)
        assert {size for _, size, _ in found} == {TEXT, TITLE}
        assert all(inside for _, _, inside in found)
        said += name + " ".join(words for words, _, _ in found)
    for words in ("filmstrip-one-column", "charts-one-column", TRUTH, "TSN gives", "SDM mask"):
        assert words in said


@pytest.mark.parametrize(("frames", "count"), [("All frames", 28), ("Sampled frames only", 8)])
def test_the_overlay_video_is_made_when_asked_for(page, tmp_path, frames, count):
    assert page.get_by_role("button", name="Save the video").count() == 0
    page.get_by_role("radio", name=frames).click()
    button = page.get_by_role("button", name="Save the video")
    expect(button).to_be_visible(timeout=120_000)
    settle(page)
    name, content = taken(page, button)
    assert name.startswith(f"{CLIP}--explore--overlay-maagn")
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    film, source = probed(path), probed(ROOT / "app" / "gallery" / f"{CLIP}.mp4")
    assert int(film["nb_read_frames"]) == count
    assert int(film["height"]) > 480
    assert (int(film["height"]) % 2, int(film["width"]) % 2) == (0, 0)
    assert film["codec_name"] == "h264"
    if frames == "All frames":
        assert film["nb_read_frames"] == source["nb_read_frames"]
        assert film["avg_frame_rate"] == source["avg_frame_rate"] == "12/1"


def probed(path: Path) -> dict[str, str]:
    """What ffprobe says of a video stream."""
    fields = "stream=codec_name,width,height,avg_frame_rate,nb_read_frames"
    command = [program("ffprobe"), "-v", "error", "-count_frames", "-select_streams", "v"]
    done = subprocess.run(
        [*command, "-show_entries", fields, "-of", "default=noprint_wrappers=1", str(path)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_a_report_opens_offline_with_everything(page, browser, tmp_path):
    go(page, "gating")
    name, content = taken(page, page.get_by_role("button", name="Report as one HTML file"))
    assert name == f"{CLIP}--gating--report.html"
    path = tmp_path / name
    path.write_bytes(content)
    context = browser.browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    alone, wrong, requested = context.new_page(), [], []
    alone.on("pageerror", lambda error: wrong.append(str(error)))
    alone.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    alone.on("request", lambda request: requested.append(request.url))
    alone.goto(path.as_uri())
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    head = alone.locator("header").inner_text()
    for words in (
        f"{CLIP}.mp4", TRUTH, "hirescam", "backbone.res4", "res3", maagn.__version__, "✓ right",
        "maagn-demo", "98 %",
    ):  # fmt: skip
        assert words in head
    assert re.search(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}", head)
    assert len(SHA.findall(head)) >= 2
    assert alone.locator("header .predictions tr").count() == 5
    assert "…" not in alone.locator("body").inner_text()
    assert wide(alone) == []
    assert alone.locator(".player canvas").count() == 2
    alone.evaluate("dispatchEvent(new Event('beforeprint'))")
    alone.emulate_media(media="print")
    widest = alone.evaluate(
        """() => Math.max(...[...document.querySelectorAll('svg')].map(
          one => one.getBoundingClientRect().right))"""
    )
    assert widest <= 186 / 25.4 * 96 + 1  # nothing of a figure is off the paper
    assert (
        wrong,
        [url for url in requested if not url.startswith(("file:", "data:", "blob:"))],
    ) == (
        [],
        [],
    )
    context.close()


def wide(page: Page) -> list[str]:
    """Elements whose words are hidden because they do not fit."""
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')]
          .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 &&
            getComputedStyle(one).overflowX !== 'visible' && !one.closest('svg, .plot'))
          .map(one => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`)"""
    )
