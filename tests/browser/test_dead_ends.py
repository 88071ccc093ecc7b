"""Somebody with a TSM of their own alone is led on by the buttons of empty pages."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.networks import DEMONSTRATION
from maagn.checkpoint import FOLDER as NETWORKS
from tests.app.guarded import Guarded, guarded
from tests.app.own_networks import TEN, save_own
from tests.browser.visitor import settle
from tests.tiny import BASELINES

OWN = "10+classes:+my-tsm"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    here = tmp_path_factory.mktemp("own")
    networks = here / "networks"
    networks.mkdir()
    for path in NETWORKS.glob("*-demo.safetensors"):
        (networks / path.name).symlink_to(path)
    save_own(networks / "my-tsm.safetensors", BASELINES["tsm"], TEN)
    with guarded(here, {"MAAGN_CHECKPOINTS": str(networks)}) as server:
        yield server


def test_a_page_of_masks_leads_to_networks_that_have_some(browser_page: Page, app: Guarded):
    browser_page.goto(f"{app.url}/attention?networks={OWN}")
    expect(browser_page.get_by_text("my-tsm has no SDM, MTAM and AGM")).to_be_visible()
    settle(browser_page)
    browser_page.get_by_role("button", name=f"Choose {DEMONSTRATION}").click()
    expect(browser_page.get_by_text("Eq. 6", exact=False).first).to_be_visible(timeout=120_000)
    expect(browser_page.get_by_text("my-tsm has no SDM, MTAM and AGM")).to_have_count(0)
    expect(browser_page.get_by_role("combobox", name="Class set")).to_have_value(DEMONSTRATION)


def test_a_search_without_a_match_is_cleared_in_the_browser_too(browser_page: Page, app: Guarded):
    browser_page.goto(f"{app.url}/settings?q=no+such+clip")
    settle(browser_page)
    clips = browser_page.get_by_test_id("gallery-clip")
    expect(clips).to_have_count(0)
    browser_page.get_by_role("button", name=re.compile("Clear both")).click()
    expect(clips.first).to_be_visible()
    expect(browser_page.get_by_label("Search").first).to_have_value("")
