"""What a click and a change of page cost, counted: runs of the script, and what is sent again."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from app.gallery.catalogue import GalleryClip, gallery
from tests.app.guarded import Guarded
from tests.bench.felt import PAGES, ROUND
from tests.browser.visitor import settle


class Heard:
    """What the server has sent since it was last asked."""

    def __init__(self, page: Page) -> None:
        self._frames: list[bytes] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._frames.append(bytes(frame)))

    def take(self) -> list[bytes]:
        """The messages, which are then forgotten."""
        taken, self._frames[:] = list(self._frames), []
        return taken


def runs(frames: list[bytes]) -> int:
    """How many runs of the script were begun."""
    kinds = [ForwardMsg.FromString(frame).WhichOneof("type") for frame in frames]
    return kinds.count("new_session")


def shows_again(frames: list[bytes], clip: GalleryClip) -> bool:
    """Whether a thumbnail is among them."""
    return any(clip.thumbnail.encode() in frame for frame in frames)


@pytest.fixture
def heard(browser_page: Page) -> Iterator[Heard]:
    return Heard(browser_page)


def test_a_click_on_the_gallery_is_one_run_without_its_pictures(
    closed_app: Guarded, browser_page: Page, heard: Heard
) -> None:
    browser_page.goto(closed_app.url)
    settle(browser_page)
    first, clip = gallery()[0], gallery()[3]
    frames = heard.take()
    assert shows_again(frames, first)  # once they have to be
    thumbnail = browser_page.locator(f'[data-testid=gallery-clip][data-name="{clip.name}"]')
    thumbnail.click()
    browser_page.get_by_test_id("player").and_(
        browser_page.get_by_label(f"Clip player: {clip.path.name}")
    ).wait_for()
    settle(browser_page)
    frames = heard.take()
    assert runs(frames) == 1
    assert not shows_again(frames, first)
    assert thumbnail.get_attribute("aria-pressed") == "true"
    assert browser_page.locator("[data-testid=gallery-clip][aria-pressed=true]").count() == 1


def test_a_change_of_page_is_one_run_without_the_gallerys_pictures(
    closed_app: Guarded, browser_page: Page, heard: Heard
) -> None:
    browser_page.goto(closed_app.url)
    settle(browser_page)
    heard.take()
    for name in (*PAGES[1:], PAGES[0]):
        link = browser_page.get_by_test_id("stTopNavLink").nth(PAGES.index(name))
        link.click()
        settle(browser_page)
        frames = heard.take()
        assert (name, runs(frames)) == (name, 1)
        assert not shows_again(frames, gallery()[0])


def test_the_benchmarks_round_makes_every_change_of_page_once() -> None:
    changes = list(pairwise(ROUND))
    assert len(changes) == len(set(changes)) == len(PAGES) * (len(PAGES) - 1)
    assert all(start != end for start, end in changes)
