"""A report is closed too: it opens from a file, draws by itself, and can ask for nothing."""

import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from playwright.sync_api import Page, Route, expect

from app.components.player import Overlay, PlayerView
from app.elements import Exhibit, PageContents, markdown
from app.html_report import to_html
from tests.browser import hostile

ENDS = "</script><script>window.hit=1</script>"


def player() -> PlayerView:
    seconds = np.arange(4) / 4
    maps = np.linspace(0, 1, 4 * 5 * 5, dtype=np.float32).reshape(4, 5, 5)
    return PlayerView(
        title=hostile.UPLOAD + ENDS,
        seconds=seconds,
        positions=np.arange(4),
        duration=1.0,
        frames=np.full((4, 32, 32, 3), 90, np.uint8),
        note=hostile.LABELS[2],
        overlays=(Overlay("MAAGN", "MAAGN", f"gives 61 % to {ENDS}", maps, seconds, 1.0),),
        charts=(),
    )


@pytest.fixture
def report(tmp_path):
    fig = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name=ENDS, text=list(hostile.LABELS[1:3])))
    fig.update_layout(title=hostile.LABELS[2], xaxis_title=ENDS)
    exhibits = {
        "figure": Exhibit(ENDS, fig, alt='"><img src=x onerror=window.hit=1>'),
        "table": Exhibit(hostile.LABELS[2], pd.DataFrame({ENDS: hostile.LABELS})),
        "words": Exhibit("", f"**{markdown(hostile.LABELS[4])}** {hostile.LABELS[1]}"),
        "player": Exhibit("", player()),
    }
    path = tmp_path / "report.html"
    path.write_text(to_html(PageContents(ENDS, exhibits, code=ENDS)), encoding="utf-8")
    return path


def test_a_report_draws_from_a_file_and_asks_for_nothing(
    browser_page: Page, console_errors: list[str], report
):
    asked: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.url == report.as_uri():
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    browser_page.route("**/*", refuse)
    browser_page.goto(report.as_uri())
    expect(browser_page.locator("#plot-0 .main-svg").first).to_be_visible()
    expect(browser_page.locator("#plot-0 .scatterlayer .point")).to_have_count(2)
    drawn = browser_page.get_by_test_id("player")
    expect(drawn).to_have_attribute("data-moment", "0")
    drawn.focus()
    browser_page.keyboard.press("ArrowRight")
    expect(drawn).to_have_attribute("data-moment", "1")
    text = browser_page.locator("body").inner_text().replace("\u2060", "")
    for name in (*hostile.LABELS, ENDS):
        assert name in text
    assert browser_page.evaluate("window.hit") is None
    assert browser_page.locator("img[src='x'], a[href^='javascript']").count() == 0
    assert console_errors == []
    assert asked == []


@pytest.mark.parametrize(
    "attempt",
    [
        "fetch('https://elsewhere.example/')",
        "new Promise((yes, no) => { const one = new Image();"
        " one.onload = yes; one.onerror = no; one.src = 'https://elsewhere.example/a.png'; })",
        "new Promise((yes, no) => { const one = document.createElement('script');"
        " one.onload = yes; one.onerror = no; one.src = 'https://elsewhere.example/a.js';"
        " document.head.append(one); })",
        "new Promise((yes, no) => { const one = document.createElement('script');"
        " one.textContent = 'window.hit = 1'; document.head.append(one);"
        " window.hit === 1 ? yes() : no(); })",
    ],
    ids=["fetch", "image", "script", "inline script"],
)
def test_what_is_smuggled_into_a_report_reaches_nothing(browser_page: Page, report, attempt):
    asked: list[str] = []
    browser_page.goto(report.as_uri())
    browser_page.route(
        re.compile("^https:"), lambda route: (asked.append(route.request.url), route.abort())
    )
    done = browser_page.evaluate(f"() => {attempt}.then(() => 'done', () => 'refused')")
    assert done == "refused"
    assert asked == []
