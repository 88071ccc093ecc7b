import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.video import write_film

ROOT = Path(__file__).parents[2]
ANSWER_MS = 90_000


@pytest.fixture
def sent() -> list[str | bytes]:
    """What the browser sends to the server."""
    return []


@pytest.fixture
def page(browser_page: Page, console_errors, serve_streamlit, sent):
    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    requested: list[str] = []
    browser_page.on("websocket", listen)
    browser_page.on("request", lambda request: requested.append(request.url))
    address = serve_streamlit(ROOT / "app" / "main.py")
    browser_page.goto(address)
    expect(browser_page.get_by_test_id("player")).to_be_visible(timeout=ANSWER_MS)
    yield browser_page
    assert console_errors == []
    outside = [url for url in requested if not url.startswith((address, "data:", "blob:"))]
    assert outside == []


def expect_four_answers(page: Page) -> None:
    """The clip, and MAAGN, TPN, TSM and TSN beside it, each with its picture and its map."""
    player = page.get_by_test_id("player")
    expect(player.locator("canvas")).to_have_count(5)
    captions = player.locator("figcaption")
    expect(captions.locator(".name")).to_have_text(["MAAGN", "TPN", "TSM", "TSN"])
    expect(captions.locator(".headline").filter(has_text="%")).to_have_count(4)
    for network in ("MAAGN", "TPN", "TSM", "TSN"):
        expect(page.locator("b", has_text=network).first).to_be_visible()


def test_a_gallery_clip_shows_four_answers_and_four_maps(page):
    page.get_by_test_id("gallery-clip").filter(has_text="Opening something").first.click()
    expect(page.get_by_text("True class: Opening something")).to_be_visible(timeout=ANSWER_MS)
    expect(page).to_have_url(re.compile("clip=06-opening"))
    expect_four_answers(page)


def test_an_arrow_key_moves_frame_maps_and_every_marker_without_a_rerun(page, sent):
    player = page.get_by_test_id("player")
    player.focus()
    page.keyboard.press("Home")
    expect(player).to_have_attribute("data-moment", "0")
    markers = player.locator("[data-testid^='player-marker-']")
    count = markers.count()
    assert count >= 9  # SDM, MTAM and AGM on three paths
    before = [marker.get_attribute("data-seconds") for marker in markers.all()]
    page.wait_for_timeout(1500)  # let the page come to rest
    sent.clear()
    player.focus()
    page.keyboard.press("ArrowRight")
    expect(player).to_have_attribute("data-moment", "1")
    after = [marker.get_attribute("data-seconds") for marker in markers.all()]
    assert len(set(after)) == 1
    assert all(a != b for a, b in zip(after, before, strict=True))
    for index in range(4):
        canvas = player.get_by_test_id(f"player-canvas-{index}")
        expect(canvas).to_have_attribute("data-moment", "1")
    page.wait_for_timeout(500)
    assert sent == []


def test_another_class_keeps_the_moment_and_changes_the_maps(page):
    player = page.get_by_test_id("player")
    player.focus()
    page.keyboard.press("End")
    page.get_by_role("combobox", name="Class to explain").click()
    page.keyboard.type("Uncovering something")
    page.keyboard.press("Enter")
    expect(player.locator("figcaption").nth(1)).to_contain_text(
        "Uncovering something", timeout=ANSWER_MS
    )
    expect(player).to_have_attribute("data-moment", "7")


def test_an_uploaded_clip_is_answered(page, tmp_path):
    page.locator("input[type=file]").set_input_files(write_film(tmp_path / "film.mp4"))
    expect(page.get_by_text("True class")).to_have_count(0, timeout=ANSWER_MS)
    expect(page.get_by_test_id("player")).to_be_visible(timeout=ANSWER_MS)
    expect_four_answers(page)


def test_a_bad_file_is_named_as_text_and_the_page_goes_on(page, tmp_path):
    bad = tmp_path / "<img src=x onerror=alert(1)>.mp4"
    bad.write_bytes(b"this is no video\n" * 50)
    page.locator("input[type=file]").set_input_files(bad)
    alert = page.get_by_test_id("stAlert").filter(has_text="onerror")
    expect(alert).to_be_visible(timeout=ANSWER_MS)
    expect(alert).to_contain_text("<img src=x onerror=alert(1)>.mp4")
    assert alert.locator("img").count() == 0
    page.get_by_test_id("gallery-clip").filter(has_text="Closing something").first.click()
    expect(page.get_by_text("True class: Closing something")).to_be_visible(timeout=ANSWER_MS)


def test_files_that_follow_each_other_closely_are_all_answered(page, tmp_path):
    bad, film = tmp_path / "bad.mp4", write_film(tmp_path / "film.mp4")
    bad.write_bytes(b"this is no video\n" * 50)
    files = page.locator("input[type=file]")
    for _ in range(2):
        files.set_input_files(bad)
        expect(page.get_by_test_id("stAlert").filter(has_text="bad")).to_be_visible()
        files.set_input_files(film)
        expect(page.get_by_test_id("player")).to_be_visible(timeout=ANSWER_MS)
        expect(page.get_by_test_id("stProgress")).to_have_count(0)
