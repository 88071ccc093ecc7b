"""From a folder of one's own clips to a finding that somebody else can open, all in the browser."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from app.gallery.catalogue import gallery
from maagn.evaluate.metrics import confused_pairs
from maagn.evaluate.results import Results
from maagn.evaluate.runs import runs
from maagn.opposites.clip import OPPOSITES_LABELS, opposite_numbers
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip
from tests.app.guarded import guarded
from tests.browser.visitor import serious, settle

CLIPS, EACH = 60, 30
WORK_MS = 240_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Thirty clips and their reversals, each in the folder of its class."""
    folder = tmp_path_factory.mktemp("own") / "doors and lids"
    opposites = opposite_numbers()
    for clip in gallery()[:EACH]:
        choice = clip.choice()
        seen = read_clip(choice.path)
        number = OPPOSITES_LABELS.index(clip.label)
        for label, order in ((number, 1), (int(opposites[number]), -1)):
            into = folder / OPPOSITES_LABELS[label]
            into.mkdir(parents=True, exist_ok=True)
            way = "forwards" if order == 1 else "backwards"
            path = into / f"{choice.path.stem}-{way}.mp4"
            frames = np.ascontiguousarray(seen.frames[::order])
            write_mp4(path, frames, seconds=np.arange(len(frames)) / 10)
    return folder


@pytest.fixture(scope="module")
def app(tmp_path_factory, folder):
    here = tmp_path_factory.mktemp("explorer")
    environment = {
        "MAAGN_DATA": str(folder.parent),
        "MAAGN_RUNS": str(here / "runs"),
        "MAAGN_EVALUATIONS": str(here / "runs" / "evaluations"),
        "MAAGN_DATASETS": str(here / "sets"),
        "MAAGN_TAUGHT": str(here / "taught"),
        "MAAGN_DATABASE": f"sqlite:///{here / 'notes.db'}",
    }
    with guarded(here, environment) as server:
        yield server


def results_of(app) -> Results:
    (run,) = runs(app.record.parent / "runs")
    return run.read()


def register(page: Page) -> None:
    page.get_by_label("Folder, or list").click()
    page.keyboard.type("doors")
    page.get_by_role("option", name=re.compile("doors and lids$")).first.click()
    expect(page.get_by_text(f"{CLIPS} videos of")).to_be_visible(timeout=WORK_MS)
    expect(page.get_by_text("Nothing wrong was found")).to_be_visible()
    page.locator(".st-key-register").get_by_role("button").last.click()
    expect(page.get_by_text(f"Registered: {CLIPS} clips")).to_be_visible()
    page.locator(".st-key-registered-Evaluate").get_by_role("button").click()


def evaluate(page: Page) -> None:
    expect(page.get_by_text("each in both orders: about")).to_be_visible(timeout=WORK_MS)
    for other in ("tpn-demo", "tsn-demo"):
        page.get_by_role("button", name=re.compile(other)).last.click()
        settle(page)
    expect(page.get_by_text("each in both orders: about")).to_be_visible(timeout=WORK_MS)
    page.get_by_role("button", name="Run the evaluation").click()
    there = page.get_by_role("button", name="Open in Compare")
    expect(there).to_be_visible(timeout=WORK_MS)
    there.click()


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    settle(page)


def test_from_nothing_to_a_finding(browser_page, browser, app, console_errors):
    page = browser_page
    page.goto(f"{app.url}/data?view=Register")
    register(page)
    evaluate(page)
    expect(page.get_by_text("Where does MAAGN beat TSM?")).to_be_visible()
    expect(page.get_by_text(f"{CLIPS} clips of doors-and-lids-val, val.")).to_be_visible()
    results = results_of(app)
    for name, network in (("MAAGN", "maagn-demo"), ("TSM", "tsm-demo")):
        one = results.of(network)
        share = 100 * (one.answer == one.truth).mean()
        expect(page.get_by_text(f"{name} is right on {share:.1f} %")).to_be_visible()
    title = parse_qs(urlsplit(page.url).query)["run"][0]

    page.get_by_role("link", name="Errors", exact=True).first.click()  # the run stays chosen
    settle(page)
    assert parse_qs(urlsplit(page.url).query)["run"] == [title]
    worst = confused_pairs(results.of("maagn-demo"))[0]
    said = f"{worst.opposite.hits} of {worst.clips} clips of the pair were classified"
    expect(page.get_by_text(said)).to_be_visible()
    view(page, "Wrong clips")
    moving = page.get_by_role("img", name=re.compile(", moving$")).first
    expect(moving).to_be_visible(timeout=WORK_MS)
    page.get_by_role("link", name="Open", exact=True).first.click()
    settle(page)
    clip = parse_qs(urlsplit(page.url).query)["clip"][0]
    assert clip.startswith("run/")

    page.get_by_role("link", name="Errors", exact=True).first.click()
    settle(page)
    page.get_by_role("radio", name="Notes").or_(
        page.get_by_role("button", name="Notes")
    ).first.click()
    page.get_by_label("Note", exact=True).fill("The lid is hidden by the hand.")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.get_by_role("link", name="Compare", exact=True).first.click()
    settle(page)
    expect(page.get_by_text("Where does MAAGN beat TSM?")).to_be_visible()
    with page.expect_download() as loading:
        page.get_by_role("button", name="Report as one HTML file").click()
    report = Path(loading.value.path()).read_text(encoding="utf-8")
    assert f"Run: {title}" in report
    assert results.origin.digests["maagn-demo"] in report
    assert not serious(page)
    assert console_errors == []
    address = page.url

    other = browser.browser.new_context().new_page()  # somebody else, elsewhere
    other.goto(address)
    expect(other.get_by_text(f"{CLIPS} clips of doors-and-lids-val, val.")).to_be_visible()
    share = 100 * (results.of("maagn-demo").answer == results.of("maagn-demo").truth).mean()
    expect(other.get_by_text(f"MAAGN is right on {share:.1f} %")).to_be_visible()
    other.goto(f"{app.url}/explore?clip={clip}")
    settle(other)
    assert not serious(other)
    other.context.close()
