"""No name is cut on any page at 1280: of 34 classes, and of the 174 of Something-Something V2."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.columns import text_pixels
from app.gallery.catalogue import gallery
from maagn.bench.synthetic import make_up
from maagn.checkpoint import FOLDER as NETWORKS
from maagn.data.registry import register
from maagn.data.videos import Video, VideoSet
from maagn.labels import something_something_v2
from tests.app.guarded import Guarded, guarded
from tests.app.own_networks import save_own
from tests.browser.visitor import settle
from tests.tiny import BASELINES, SPEC

MANY = something_something_v2()
LONGEST = sorted(range(len(MANY)), key=lambda number: -len(MANY[number]))[:12]
LONG, OTHER = (MANY[number].replace(" ", "+") for number in LONGEST[:2])
TITLE = "174+classes:+big-maagn,+big-tsn"
VIEWS = ("Pairs", "Matrix", "Slices", "Neighbours", "Wrong+clips")
SMALL = (
    "", "?class=Moving+something+and+something+away+from+each+other", "attention", "gating",
    "evidence", "evidence?view=Class+and+opposite", "whatif",
    "compare", "compare?gains=All+classes", *(f"errors?view={view}" for view in VIEWS),
    "data", "data?view=Evaluate", "learn", "learn?step=11", "learn?step=13", "teach", "paper",
    "settings",
)  # fmt: skip
OF_NETWORKS = (
    "?", f"?class={LONG}&", "attention?", "gating?", "evidence?", "whatif?", "data?set=long&",
    f"data?set=long&of={OTHER}&", "settings?", "teach?",
)  # fmt: skip
OF_RUN = (
    "compare?class_=Opening+something&", "compare?gains=All+classes&",
    *(f"errors?view={view}&" for view in VIEWS),
)  # fmt: skip
BIG = (
    *(f"{path}networks={TITLE}" for path in OF_NETWORKS),
    *(f"{path}networks={TITLE}&run=many" for path in OF_RUN),
)


CUT = (Path(__file__).parent / "cut.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The explorer with networks, a run and a set of 174 classes beside its own."""
    here = tmp_path_factory.mktemp("names")
    networks = here / "networks"
    networks.mkdir()
    for path in NETWORKS.glob("*-demo.safetensors"):
        (networks / path.name).symlink_to(path)
    save_own(networks / "big-maagn.safetensors", SPEC, MANY)
    save_own(networks / "big-tsn.safetensors", BASELINES["tsn"], MANY)
    make_up(here / "runs" / "many", clips=1500, classes=len(MANY), models=2)
    clips = [clip.path for clip in gallery()]
    videos = tuple(
        Video(f"{MANY[number].replace(' ', '_')}/{number}.mp4", clips[place], number)
        for place, number in enumerate(LONGEST)
    )
    register(
        VideoSet("long", "classes", clips[0].parent, "val", MANY, videos),
        name="long",
        root=here / "sets",
    )
    environment = {
        "MAAGN_CHECKPOINTS": str(networks),
        "MAAGN_RUNS": str(here / "runs"),
        "MAAGN_DATASETS": str(here / "sets"),
        "MAAGN_TAUGHT": str(here / "taught"),
    }
    with guarded(here, environment) as server:
        yield server


@pytest.mark.parametrize("at", SMALL + BIG)
def test_no_name_is_cut_or_covered(browser_page: Page, app: Guarded, at):
    browser_page.goto(f"{app.url}/{at}")
    settle(browser_page, rest=1500)
    expect(browser_page.get_by_test_id("stException")).to_have_count(0)
    for summary in browser_page.get_by_test_id("stMain").locator("summary").all():
        if re.search("table|classes|pairs", summary.inner_text()):
            summary.click()
    settle(browser_page, rest=1500)
    assert browser_page.evaluate(CUT) == []


def test_the_rows_of_a_list_are_whole_and_apart(browser_page: Page, app: Guarded):
    browser_page.goto(f"{app.url}/settings?networks={TITLE}")
    settle(browser_page)
    browser_page.get_by_role("combobox", name="Class to explain").click()
    browser_page.keyboard.type("so it falls on its side")
    option = browser_page.get_by_role("option").first
    expect(option).to_contain_text("so it falls on its side")
    beyond = option.evaluate(
        """(row) => {
            const name = row.querySelector("[data-item-hl]");
            const range = document.createRange();
            range.selectNodeContents(name);
            const [text, room] = [range.getBoundingClientRect(), row.getBoundingClientRect()];
            return [room.left - text.left, text.right - room.right, text.height - 48]
        }"""
    )
    assert max(beyond) <= 0


def test_letters_of_tables_are_as_wide_as_is_reckoned(browser_page: Page, app: Guarded):
    """What `app.columns` reckons for a name is never less than Streamlit's letters take."""
    browser_page.goto(f"{app.url}/settings")
    settle(browser_page)
    names = [*MANY, "95 % interval", "MAAGN, %", "0123456789", "A ↔ B"]
    drawn = browser_page.evaluate(
        """(names) => {
            const pen = document.createElement("canvas").getContext("2d");
            const app = document.querySelector("[data-testid=stApp]");
            pen.font = `14px ${getComputedStyle(app).fontFamily}`;
            return names.map((name) => pen.measureText(name).width);
        }""",
        names,
    )
    for name, pixels in zip(names, drawn, strict=True):
        assert 0.98 * pixels <= text_pixels(name) < 1.1 * pixels + 3, name


def test_the_measure_finds_what_is_cut(browser: BrowserContext):
    page = browser.new_page()
    page.set_content(
        '<div data-testid="stMain"><p style="width:50px;overflow:hidden;white-space:nowrap">'
        "Pushing something from left to right</p><p>Opening</p></div>"
    )
    assert page.evaluate(CUT) == ["cut: Pushing something from left to right"]
    page.close()
