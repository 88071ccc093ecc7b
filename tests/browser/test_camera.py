"""Chromium's own fake camera is recorded from; one test has it film a clip of the gallery."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.components.camera import MOST_BYTES
from app.gallery.catalogue import FIRST, clip_named
from maagn.video.read import read_clip
from tests.browser.conftest import PATIENCE_MILLISECONDS
from tests.browser.visitor import serious

PAGE = Path(__file__).with_name("camera_page.py")
SECONDS = 2.0  # that the page asks for
ALLOWED = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
# What the page was given of the camera, for the tests to look at.
SPY = """
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    window.wanted = wanted;
    await window.asked; // where a test lets the browser ask
    window.streams.push(await given(wanted));
    return window.streams.at(-1);
  };
"""
TRACKS = "streams.flatMap(s => s.getTracks()).map(t => `${t.kind} ${t.readyState}`)"


@pytest.fixture(scope="module")
def chromium(launch) -> Iterator[Browser]:
    chromium = launch(*ALLOWED)
    yield chromium
    chromium.close()


@pytest.fixture
def open_page(chromium, serve_streamlit):
    """The page with a script that runs before it; what goes wrong in it fails the test."""
    errors: list[str] = []
    contexts = []

    def open_one(script: str = SPY, *, browser: Browser = chromium, **settings) -> Page:
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        page.add_init_script(script)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(serve_streamlit(PAGE))
        expect(state(page, "closed")).to_be_visible()
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


def state(page: Page, name: str) -> Locator:
    return page.locator(f"[data-testid=camera][data-state={name}]")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def record(page: Page) -> None:
    press(page, "Record")
    expect(state(page, "review")).to_be_visible()


def files(page: Page, count: int) -> list[Path]:
    """The recordings that Python was given, once it was given so many."""
    given = page.get_by_text("/maagn-recording-")
    expect(given).to_have_count(count)
    return [Path(text) for text in given.all_inner_texts()]


def test_what_is_recorded_and_kept_arrives_once(page):
    press(page, "Open camera")
    expect(state(page, "live")).to_be_visible()
    record(page)
    press(page, "Keep")
    (first,) = files(page, 1)
    assert first.name == "recording-1.webm"
    clip = read_clip(first)
    assert clip.frames.shape[1:] == (480, 640, 3)
    assert clip.source_seconds[-1] == pytest.approx(SECONDS, abs=0.3)
    assert clip.notices == ()
    # It stays open for the next, and runs for other reasons bring nothing again.
    expect(state(page, "live")).to_be_visible()
    for runs in (3, 4):
        press(page, "Run again")
        expect(page.get_by_text(f"runs {runs}", exact=True)).to_be_visible()
        assert files(page, 1) == [first]
    assert page.evaluate(TRACKS) == ["video live"]
    assert page.evaluate("wanted.audio") is False
    record(page)
    press(page, "Keep")
    assert [path.name for path in files(page, 2)] == ["recording-1.webm", "recording-2.webm"]


def test_a_recording_outlives_a_run_that_is_cut_short_before_the_camera(page):
    press(page, "Open camera")
    record(page)
    page.get_by_text("Slow").click()
    expect(page.get_by_text("runs 2", exact=True)).to_be_visible()
    press(page, "Keep")
    page.wait_for_timeout(500)  # the run is in its slow part
    press(page, "Run again")
    files(page, 1)
    press(page, "Run again")
    expect(page.get_by_text("runs 5", exact=True)).to_be_visible()
    files(page, 1)


def test_again_and_cancel_discard(page):
    press(page, "Open camera")
    record(page)
    press(page, "Again")
    expect(state(page, "counting")).to_be_visible()
    expect(state(page, "recording")).to_be_visible()
    press(page, "Cancel")
    expect(state(page, "live")).to_be_visible()
    page.wait_for_timeout(1000 * SECONDS)
    expect(state(page, "live")).to_be_visible()
    expect(page.get_by_text("runs 1", exact=True)).to_be_visible()
    files(page, 0)


def test_other_words_leave_the_camera_open_and_closing_ends_it(page):
    press(page, "Open camera")
    expect(state(page, "live")).to_be_visible()
    page.get_by_text("The opposite").click()
    expect(page.get_by_role("region", name="Closing a box")).to_be_visible()
    expect(state(page, "live")).to_be_visible()
    assert page.evaluate(TRACKS) == ["video live"]
    press(page, "Close camera")
    assert page.evaluate(TRACKS) == ["video ended"]


@pytest.mark.parametrize("stage", ["live", "counting", "recording", "review"])
def test_a_camera_that_leaves_the_page_is_off(page, stage):
    press(page, "Open camera")
    if stage != "live":
        press(page, "Record")
    expect(state(page, stage)).to_be_visible()
    page.get_by_text("Put the camera away").click()
    expect(page.get_by_test_id("camera")).to_have_count(0)
    page.wait_for_function(f"{TRACKS}.join() === 'video ended'")


def test_a_camera_that_is_given_too_late_is_off(open_page):
    page = open_page("window.asked = new Promise((grant) => { window.grant = grant; });" + SPY)
    press(page, "Open camera")
    expect(state(page, "asking")).to_be_visible()
    press(page, "Cancel")
    page.evaluate("grant()")
    page.wait_for_function(f"{TRACKS}.join() === 'video ended'")
    expect(state(page, "closed")).to_be_visible()


def test_a_camera_that_is_disconnected_is_told_of(page):
    press(page, "Open camera")
    press(page, "Record")
    expect(state(page, "counting")).to_be_visible()
    page.evaluate("streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.get_by_role("alert")).to_have_text(
        "The camera was disconnected. Connect it, and open it again."
    )
    page.wait_for_timeout(3500)  # as long as the countdown, and more
    expect(state(page, "closed")).to_be_visible()


def without(what: str) -> str:
    return f"Object.defineProperty(navigator, '{what}', {{ value: undefined }});"


def refusing(name: str) -> str:
    refuse = f"Promise.reject(new DOMException('', '{name}'))"
    return f"navigator.mediaDevices.getUserMedia = () => {refuse};"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (without("mediaDevices"), "only to pages over https or from localhost"),
        ("delete window.MediaRecorder;", "This browser cannot record video. Use a current"),
        (refusing("NotFoundError"), "No camera was found. Connect one"),
        (refusing("NotReadableError"), "Another program uses the camera. Close that program"),
        (refusing("AbortError"), "could not be opened (AbortError). Try again."),
    ],
)
def test_what_keeps_the_camera_closed_is_told_in_words(open_page, script, words):
    page = open_page(script)
    press(page, "Open camera")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("button", name="Open camera")).to_be_visible()
    assert serious(page) == []


def test_a_refused_permission_is_told_in_words(open_page, launch):
    refusing = launch("--deny-permission-prompts", ALLOWED[1])
    page = open_page(browser=refusing)
    press(page, "Open camera")
    expect(page.get_by_role("alert")).to_contain_text(
        "The browser does not allow this page the camera. Allow it in the site settings"
    )
    refusing.close()


def test_the_film_is_what_the_camera_saw_and_not_mirrored(open_page, launch, tmp_path):
    seen = read_clip(clip_named(FIRST).choice().path).frames
    seen = np.stack([cv2.resize(frame, (640, 480)) for frame in seen])
    film = write_y4m(tmp_path / "film.y4m", seen)
    filming = launch(*ALLOWED, f"--use-file-for-fake-video-capture={film}")
    page = open_page(browser=filming)
    press(page, "Open camera")
    expect(state(page, "live")).to_be_visible()
    assert transform(page, "preview") == "matrix(-1, 0, 0, 1, 0, 0)"
    record(page)
    assert transform(page, "playback") == "none"
    press(page, "Keep")
    recorded = read_clip(files(page, 1)[0]).frames
    as_seen, mirrored = similarity(recorded, seen), similarity(recorded, seen[:, :, ::-1])
    assert as_seen.min() > 0.98
    assert (as_seen > mirrored + 0.02).all()
    filming.close()


def write_y4m(path: Path, frames: np.ndarray) -> Path:
    """RGB (t, h, w, 3) as YUV4MPEG2, 20 frames a second; Chromium plays it again and again."""
    height, width = frames.shape[1:3]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F20:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def similarity(frames: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of each frame: the highest correlation with any of the others, as small grey pictures."""

    def small(pictures: np.ndarray) -> np.ndarray:
        rows = np.stack(
            [cv2.resize(one, (64, 48), interpolation=cv2.INTER_AREA).mean(2) for one in pictures]
        ).reshape(len(pictures), -1)
        rows -= rows.mean(axis=1, keepdims=True)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    return (small(frames) @ small(others).T).max(axis=1)


def transform(page: Page, video: str) -> str:
    return page.locator(f".{video}").evaluate("video => getComputedStyle(video).transform")


def test_a_browser_that_records_mp4(open_page):
    page = open_page(SPY + "MediaRecorder.isTypeSupported = (kind) => kind === 'video/mp4';")
    press(page, "Open camera")
    record(page)
    press(page, "Keep")
    (path,) = files(page, 1)
    assert path.name == "recording-1.mp4"
    assert read_clip(path).source_seconds[-1] == pytest.approx(SECONDS, abs=0.3)


@pytest.mark.parametrize("size", [MOST_BYTES - 2, MOST_BYTES + 4])
def test_the_largest_recording(open_page, size):
    """Sent in place of what was recorded: what WebM begins with, and zeros."""
    content = f"'data:;base64,GkXfowAA' + 'AAAA'.repeat({size // 3 - 2})"
    page = open_page(
        f"Object.defineProperty(FileReader.prototype, 'result', {{ get: () => {content} }});"
    )
    press(page, "Open camera")
    record(page)
    press(page, "Keep")
    if size < MOST_BYTES:
        assert files(page, 1)[0].stat().st_size == size
    else:
        expect(page.get_by_text("The recording is over 8 MB: record a shorter one")).to_be_visible()


def test_without_a_mouse_and_for_those_who_do_not_see(page):
    camera = page.get_by_role("region", name="Opening a box")
    page.get_by_role("button", name="Open camera").focus()
    for stage, button in (("live", "Record"), ("recording", "Cancel"), ("review", "Keep")):
        if stage != "review":
            page.keyboard.press("Enter")
        expect(state(page, stage)).to_be_visible()
        expect(page.get_by_role("button", name=button, exact=True)).to_be_focused()
        assert serious(page) == []
    expect(camera.get_by_role("status")).to_contain_text("The recording, not mirrored")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Record")).to_be_focused()
    expect(camera.get_by_role("status")).to_contain_text("Kept.")
    files(page, 1)


def test_the_countdown_is_told(page):
    press(page, "Open camera")
    press(page, "Record")
    count = page.locator("[data-testid=camera] [aria-live=assertive]")
    for number in ("3", "2", "1", ""):
        expect(count).to_have_text(number)
    expect(page.get_by_role("status").filter(has_text="Recording 2 s")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(open_page, scheme):
    page = open_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    press(page, "Open camera")
    expect(state(page, "live")).to_be_visible()
    box = page.locator(".stage").bounding_box()
    assert 300 < box["width"] <= 390
    assert box["width"] / box["height"] == pytest.approx(4 / 3, abs=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []
