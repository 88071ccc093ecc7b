"""Own actions from the camera and from files, taught and explained; what interrupts it."""

import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from maagn.checkpoint import FOLDER as NETWORKS
from tests.browser import hostile
from tests.browser.conftest import PATIENCE_MILLISECONDS
from tests.browser.test_camera import ALLOWED, SPY, TRACKS
from tests.browser.visitor import serious, settle, unfold

ROOT = Path(__file__).parents[2]
CLIPS = NETWORKS / "walking" / "clips"
IN, OUT = "Walking in", "Walking out"
CAMERA = "Record with the camera"
WORK_MS = 240_000  # a teaching, on a machine that has other things to do
STOP_SECONDS = 2.0

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium(launch) -> Iterator[Browser]:
    chromium = launch(*ALLOWED)
    yield chromium
    chromium.close()


@pytest.fixture
def visit(chromium, serve_streamlit) -> Iterator[Visit]:
    """The page for somebody who was never here; what goes wrong in it fails the test."""
    errors: list[str] = []
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        # Opened at a page's own address, Streamlit first looks for its server below that address.
        probing = "_stcore/" in message.location.get("url", "") and "404" in message.text
        if message.type == "error" and not probing:
            errors.append(message.text)

    def visit_one(*, browser: Browser = chromium, script: str = "", **settings) -> Page:
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        settings.setdefault("color_scheme", "light")
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        page.on("console", listen)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.add_init_script(script)
        page.goto(f"{serve_streamlit(ROOT / 'app' / 'main.py')}/teach")
        settle(page)
        return page

    yield visit_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(visit) -> Page:
    return visit()


def press(page: Page, name: str) -> None:
    """A button; before its name stands its icon's, which nobody sees as words."""
    page.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(name)}$")).first.click()


def begin(page: Page, name: str, *actions: str) -> None:
    page.get_by_label("Name of the collection").first.fill(name)
    for label, action in zip(("One action", "Its opposite"), actions, strict=True):
        page.get_by_label(label).first.fill(action)
    press(page, "Begin")
    expect(bin_of(page, actions[1])).to_be_visible()
    settle(page)


def bin_of(page: Page, label: str) -> Locator:
    """Where files are dropped for a class."""
    return page.get_by_role("region", name=f"Clips of {label}", exact=True)


def drop(page: Page, label: str, files: list[Path]) -> None:
    bin_of(page, label).locator("input[type=file]").set_input_files(files)
    expect(page.get_by_role("button", name=f"Take {files[-1].name} out")).to_be_visible(
        timeout=WORK_MS
    )
    settle(page)


def films(label: str, count: int = 6) -> list[Path]:
    return sorted((CLIPS / label).glob("*.mp4"))[:count]


def fill(page: Page, *, count: int = 6) -> None:
    begin(page, "people", IN, OUT)
    for label in (IN, OUT):
        drop(page, label, films(label, count))


def names_of_clips(page: Page) -> list[str]:
    takes = page.get_by_role("button", name=re.compile(r"^Take .* out$")).all()
    return [take.inner_text().splitlines()[-1] for take in takes]  # the first is the icon's


def found(page: Page) -> Locator:
    """The sentence that a teaching ends with."""
    return page.get_by_text(re.compile(r"classif(y|ies) \d+ of \d+ left-out clips correctly"))


def teach(page: Page) -> None:
    press(page, "Teach")
    expect(found(page)).to_be_visible(timeout=WORK_MS)
    settle(page)


def open_in_explore(page: Page, label: str) -> None:
    press(page, "Open in Explore")
    expect(page.get_by_text(f"True class: {label}")).to_be_visible(timeout=WORK_MS)
    expect(page.get_by_text("Taught weights")).to_be_visible()
    settle(page)


def camera(page: Page, label: str) -> Locator:
    return page.get_by_role("region", name=label, exact=True)


def record(page: Page, label: str, *, number: int, count: int) -> None:
    """So many clips of a class, one after the other, from a camera that stays open.

    Args:
        number: of the class on the page, from 0.
    """
    unfold(page, CAMERA, number=number)
    press_in(camera(page, label), "Open camera")
    for _ in range(count):
        before = len(names_of_clips(page))
        press_in(camera(page, label), "Record")
        press_in(camera(page, label), "Keep")
        expect(page.get_by_role("button", name=re.compile("^Take .* out$"))).to_have_count(
            before + 1
        )
        settle(page)
    press_in(camera(page, label), "Close camera")


def press_in(region: Locator, name: str) -> None:
    region.get_by_role("button", name=name, exact=True).click()


def test_two_actions_from_the_camera_are_taught_and_explained(visit):
    page = visit(script=SPY)
    begin(page, "hands", "Opening a hand", "Closing a hand")
    record(page, "Opening a hand", number=0, count=2)
    record(page, "Closing a hand", number=1, count=2)
    assert names_of_clips(page) == [f"Take recording-{n}.webm out" for n in (1, 2, 3, 4)]
    assert set(page.evaluate(TRACKS)) == {"video ended"}
    assert len(page.evaluate("streams")) == 2  # opened once for each class
    teach(page)
    expect(page.get_by_text("has 2 clips. The intervals are wide")).to_be_visible()
    open_in_explore(page, "Opening a hand")
    expect(page.get_by_text("fitted on this very clip")).to_be_visible()


def test_clips_that_are_dropped_are_taught_and_explained(page):
    fill(page)
    teach(page)
    expect(page.get_by_text("MAAGN, TPN and TSM classify 12 of 12 left-out")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        settle(page, rest=1500)
        assert serious(page) == []
    page.set_viewport_size({"width": 390, "height": 900})
    settle(page)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    open_in_explore(page, IN)
    assert "networks=Taught" in page.url
    page.reload()
    expect(page.get_by_text(f"True class: {IN}")).to_be_visible(timeout=WORK_MS)
    for title in ("Compare", "Errors"):
        page.get_by_role("link", name=title, exact=True).first.click()
        expect(page.get_by_text("12 clips, each predicted by a head")).to_be_visible()
        settle(page)


def test_a_refused_camera_is_told_of_in_words(visit, launch):
    refusing = launch("--deny-permission-prompts", ALLOWED[1])
    page = visit(browser=refusing)
    begin(page, "hands", "Opening a hand", "Closing a hand")
    unfold(page, CAMERA)
    press_in(camera(page, "Opening a hand"), "Open camera")
    expect(page.get_by_role("alert").filter(has_text="does not allow")).to_contain_text(
        "The browser does not allow this page the camera. Allow it in the site settings"
    )
    page.context.close()
    refusing.close()


def test_a_reload_in_the_middle_of_collecting_loses_nothing(page):
    begin(page, "people", IN, OUT)
    drop(page, IN, films(IN, 2))
    record(page, OUT, number=1, count=1)
    before = names_of_clips(page)
    assert len(before) == 3
    page.reload()
    settle(page)
    assert names_of_clips(page) == before
    for each, name in enumerate((IN, OUT)):
        expect(page.get_by_label("Class", exact=True).nth(each)).to_have_value(name)
    drop(page, OUT, films(OUT, 1))  # and it goes on
    assert len(names_of_clips(page)) == 4


def test_a_clip_that_cannot_be_read_leaves_the_camera_of_its_class_open(page, tmp_path):
    begin(page, "people", IN, OUT)
    unfold(page, CAMERA)
    press_in(camera(page, IN), "Open camera")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    bin_of(page, IN).locator("input[type=file]").set_input_files(
        [tmp_path / "broken.mp4", *films(IN, 1)]
    )
    expect(page.get_by_test_id("stAlert").filter(has_text="broken.mp4")).to_be_visible()
    settle(page)
    assert len(names_of_clips(page)) == 1
    expect(camera(page, IN).get_by_role("button", name="Close camera")).to_be_visible()


def test_a_reload_in_the_middle_of_teaching_breaks_nothing(page):
    fill(page, count=3)
    press(page, "Teach")
    expect(page.get_by_test_id("stProgress")).to_contain_text("...")
    page.reload()
    settle(page)
    if not found(page).is_visible():  # it went on, or it was left behind and begins anew
        teach(page)
    assert len(names_of_clips(page)) == 6
    expect(page.get_by_test_id("stException")).to_have_count(0)
    open_in_explore(page, IN)


def test_two_visitors_at_once_each_see_their_own(visit):
    anna, ben = visit(), visit()
    begin(anna, "hands", "Opening a hand", "Closing a hand")
    expect(ben.get_by_text("Collect a few short clips")).to_be_visible()
    begin(ben, "boxes", "Opening a box", "Closing a box")
    for page, own, other in ((anna, "hands", "boxes"), (ben, "boxes", "hands")):
        drop(page, f"Opening a {own.rstrip('s').replace('xe', 'x')}", films(IN, 1))
        page.reload()
        settle(page)
        assert names_of_clips(page) == ["Take walk-07.mp4 out"]
        page.get_by_role("combobox", name="Collection").click()
        expect(page.get_by_role("option", name=own)).to_have_count(1)
        expect(page.get_by_role("option", name=other)).to_have_count(0)
        page.keyboard.press("Escape")
    # A link to a clip is of no use to another visitor.
    page.get_by_role("button", name="Open walk-07.mp4 in Explore").click()
    expect(page.get_by_text("True class: Opening a box")).to_be_visible()
    anna.goto(page.url)
    expect(anna.get_by_text("unknown; ignored")).to_be_visible()
    expect(anna.get_by_text("Opening a box")).to_have_count(0)


def test_a_teaching_is_stopped_at_once_and_resumes(page):
    fill(page)
    press(page, "Teach")
    press(page, "Stop")
    begun = time.monotonic()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    assert time.monotonic() - begun < STOP_SECONDS
    settle(page)
    expect(found(page)).to_have_count(0)
    press(page, "Resume")
    expect(found(page)).to_be_visible(timeout=WORK_MS)
    settle(page)
    # Once stopped, it can also begin anew by its own button.
    page.get_by_role("button", name="Take walk-07.mp4 out").click()
    expect(page.get_by_text("has changed since")).to_be_visible()
    press(page, "Teach again")
    press(page, "Stop")
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    press(page, "Teach again")
    expect(page.get_by_text("of 11 left-out clips correctly")).to_be_visible(timeout=WORK_MS)


def test_a_collection_goes_out_as_a_zip_and_comes_back(page, tmp_path):
    fill(page, count=2)
    before = names_of_clips(page)
    with page.expect_download() as got:
        press(page, "Export")
    file = tmp_path / got.value.suggested_filename
    got.value.save_as(file)
    assert file.name == "people.zip"
    assert zipfile.ZipFile(file).namelist()[0] == f"{IN}/001 walk-07.mp4"
    press(page, "Remove")
    press(page, "Remove it")
    expect(page.get_by_text("Collect a few short clips")).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stAlert").filter(has_text="ignored")).to_have_count(0)
    page.get_by_role("region", name=re.compile("^A ZIP file")).locator("input").set_input_files(
        file
    )
    expect(page.get_by_role("combobox", name="Collection")).to_be_visible(timeout=WORK_MS)
    settle(page)
    assert names_of_clips(page) == before
    expect(page.get_by_role("combobox", name="Played backwards it shows").first).to_have_value(OUT)
    press(page, "Teach")
    expect(found(page)).to_be_visible(timeout=WORK_MS)


def test_names_are_shown_letter_by_letter(page, tmp_path):
    one, other = hostile.LABELS[3].replace("/", "-"), "<img src=x onerror=window.hit=1> $y$"
    page.get_by_label("Name of the collection").fill("people")
    page.get_by_label("One action").fill(one)
    page.get_by_label("Its opposite").fill(other)
    press(page, "Begin")
    expect(page.get_by_label("Class", exact=True).nth(1)).to_have_value(other)
    settle(page)
    clip = tmp_path / hostile.UPLOAD.replace("/", "-")
    clip.write_bytes(films(IN, 1)[0].read_bytes())
    page.get_by_test_id("stMain").locator("input[type=file]").last.set_input_files(clip)
    expect(page.get_by_text("1 clip", exact=True)).to_be_visible()
    settle(page)
    assert page.evaluate("window.hit") is None
    assert page.locator("img[src='x'], a[href^='javascript'], .katex").count() == 0
    page.get_by_role("combobox", name="Played backwards it shows").first.click()
    expect(page.get_by_role("option", name=other)).to_be_visible()
    assert page.locator("img[src='x']").count() == 0
    page.keyboard.press("Escape")
    press(page, "Remove this class")
    expect(page.get_by_text("This cannot be undone").first).to_be_visible()
    assert page.locator("img[src='x'], a[href^='javascript'], .katex").count() == 0
    assert page.evaluate("window.hit") is None
