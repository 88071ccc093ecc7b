"""How smoothly the player follows a pointer that drags its scrubber, in a real Chromium.

    python -m tests.bench.scrub --out docs/performance.json

The explore page of a clip with every pane and chart; the pointer goes to and fro from sample to
sample, once before every picture that the browser makes. Without a GPU it draws on the processor.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page, WebSocket, sync_playwright

from app.gallery.catalogue import gallery
from maagn.bench.page import Table
from maagn.bench.row import Row, described, row
from tests.app.guarded import guarded

PICTURES_A_SECOND = 30
_WAIT_MS = 120_000
# The pointer is down already. It moves once before every picture that the browser makes, to the
# next tick and back again from the last; pictures a second of which each shows another moment.
_DRAG = """async (player, seconds) => {
  const slider = player.querySelector('[data-testid=player-scrubber]');
  const ticks = [...slider.querySelectorAll('.tick')];
  const places = ticks.map((tick) => tick.getBoundingClientRect().x);
  const turn = [...places, ...places.slice(1, -1).reverse()];
  const picture = () => new Promise((drawn) => requestAnimationFrame(drawn));
  const begun = await picture();
  for (let moves = 0, pictures = 0; ; moves += 1) {
    const before = player.dataset.moment;
    const at = { clientX: turn[moves % turn.length], pointerId: 1, bubbles: true };
    slider.dispatchEvent(new PointerEvent('pointermove', at));
    const now = await picture();
    if (player.dataset.moment !== before) pictures += 1;
    if (now - begun > 1000 * seconds) return (1000 * pictures) / (now - begun);
  }
}"""


@dataclass(frozen=True)
class Scrubbed:
    """What came of one drag.

    Attributes:
        pictures: a second, each of another moment.
        messages: to or from the server by websocket while it lasted.
    """

    pictures: float
    messages: int


def scrub(page: Page, sockets: list[WebSocket], *, seconds: float) -> Scrubbed:
    """Drag the scrubber of the page's player to and fro.

    Args:
        page: at rest, with a player.
        sockets: every websocket that the page has opened.
        seconds: how long.
    """
    messages: list[object] = []

    def heard(message: object) -> None:
        messages.append(message)

    player = page.get_by_test_id("player").first
    slider = player.get_by_test_id("player-scrubber")
    slider.scroll_into_view_if_needed()
    for socket in sockets:
        socket.on("framesent", heard)
        socket.on("framereceived", heard)
    slider.hover()
    page.mouse.down()
    pictures = float(player.evaluate(_DRAG, seconds))
    page.mouse.up()
    for socket in sockets:
        socket.remove_listener("framesent", heard)
        socket.remove_listener("framereceived", heard)
    return Scrubbed(pictures, len(messages))


def scrubbing(rounds: int, *, seconds: float = 3.0) -> Row:
    """Thirty pictures a second over what the player makes, on the explore page."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        guarded(Path(folder), {}) as server,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        sockets: list[WebSocket] = []
        page.on("websocket", lambda one: sockets.append(one))
        page.goto(f"{server.url}/?clip={gallery()[0].name}")
        page.get_by_test_id("player").first.wait_for(timeout=_WAIT_MS)
        page.locator("[data-test-script-state=notRunning]").wait_for(timeout=_WAIT_MS)
        page.wait_for_timeout(2000)
        scrub(page, sockets, seconds=1.0)
        drags = [scrub(page, sockets, seconds=seconds) for _ in range(rounds)]
        chromium.close()
    pictures = [drag.pictures for drag in drags]
    messages = sum(drag.messages for drag in drags)
    found = row(
        "app, scrubbing",
        f"{PICTURES_A_SECOND} pictures a second / pictures a second while the time is dragged",
        {"meant": [float(PICTURES_A_SECOND)] * rounds, "drawn": pictures},
        over=("meant", "drawn"),
        target=1.0,
        note=f"{statistics.median(pictures):.0f} pictures a second, {messages} messages to or from "
        "the server",
    )
    return replace(found, unit="pictures a second")


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, help="table to put the row into")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    table = Table(described(), (scrubbing(given.rounds),))
    print(table.as_markdown())
    if given.out is not None:
        table.write(given.out)


if __name__ == "__main__":
    main()
