"""The journey: choose two networks, click a class, open one of its clips."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from maagn.evaluate.compare import gains, table, won
from maagn.evaluate.results import read_results
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.browser.visitor import choose

ROOT = Path(__file__).parents[2]
ANSWER_MS = 90_000


@pytest.fixture
def page(browser_page: Page, console_errors, serve_streamlit):
    browser_page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    browser_page.get_by_role("link", name="Compare").click(timeout=ANSWER_MS)
    heading = browser_page.get_by_role("heading", name="Where does MAAGN beat TSM?")
    expect(heading).to_be_visible(timeout=ANSWER_MS)
    yield browser_page
    assert console_errors == []


def lonely(first: str, second: str) -> tuple[int, str]:
    """Row and class of the point farthest from all others, which a click cannot miss."""
    results = read_results()
    rows = table(gains(results.of(first), results.of(second)))
    points = rows[["first", "second"]].to_numpy()
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    row = int(apart.min(axis=1).argmax())
    return row, str(rows["classes"].iloc[row])


def test_from_two_networks_to_a_clip_that_one_alone_has_right(page):
    choose(page, "Network", "TPN")
    choose(page, "Against", "MAAGN")
    heading = page.get_by_role("heading", name="Where does TPN beat MAAGN?")
    expect(heading).to_be_visible(timeout=ANSWER_MS)
    expect(page).to_have_url(re.compile("a=TPN"))
    expect(page).to_have_url(re.compile("b=MAAGN"))

    row, label = lonely("tpn-demo", "maagn-demo")
    points = page.locator(".st-key-figure-class-scatter .scatterlayer .points path")
    expect(points).to_have_count(len(OPPOSITES_LABELS), timeout=ANSWER_MS)
    point = points.nth(row)
    page.wait_for_timeout(3000)  # let the charts come to rest
    point.click(force=True)  # over the points lies the layer that listens
    results = read_results()
    number = OPPOSITES_LABELS.index(label)
    found = won(results.of("tpn-demo"), results.of("maagn-demo"), label=number)
    summary = f"{label}, n = 60: TPN alone is right on {len(found.won)} clips"
    expect(page.get_by_text(summary)).to_be_visible(timeout=ANSWER_MS)
    expect(page).to_have_url(re.compile("class_="))

    page.get_by_role("radio", name=re.compile("Both right")).click()
    clip = found.both_right[0].index
    expect(page.get_by_text(f"Test clip {clip}", exact=True)).to_be_visible(timeout=ANSWER_MS)
    page.locator(f".st-key-open-{number}-{clip} button").click()
    expect(page).to_have_url(re.compile(f"clip=test-{number}-{clip}(&|$)"), timeout=ANSWER_MS)
    expect(page.get_by_text(f"True class: {label}")).to_be_visible(timeout=ANSWER_MS)
