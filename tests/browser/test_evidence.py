from pathlib import Path

from playwright.sync_api import expect

from tests.browser.visitor import settle

ROOT = Path(__file__).parents[2]


def test_from_the_map_to_its_verdict_and_the_row(browser_page, serve_streamlit, console_errors):
    page = browser_page
    missing: list[str] = []
    page.on("response", lambda got: missing.append(got.url) if got.status == 404 else None)
    page.goto(serve_streamlit(ROOT / "app" / "main.py"))
    settle(page)
    page.get_by_role("link", name="Evidence").click()
    expect(page.get_by_role("heading", name="Where is the evidence")).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("player").locator("canvas")).to_have_count(5)
    page.get_by_role("radio", name="A minus B").click()
    settle(page)
    expect(page.get_by_text("the maps of A and B have a cosine").first).to_be_visible()
    page.get_by_role("radio", name="Is it faithful?").click()
    expect(page.get_by_text("random on this clip").first).to_be_visible(timeout=120_000)
    settle(page)
    assert "view=" in page.url
    page.get_by_role("radio", name="Figure 7").click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the row").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    assert (missing, console_errors) == ([], [])
