"""How smoothly the player follows a pointer that drags its scrubber, in a real Chromium.

    python -m tests.bench.scrub --out docs/performance.json

The explore page of a clip with every pane and chart; the pointer goes to and fro from sample to
sample as fast as the browser takes it. A picture counts when it shows another moment than the one
before it.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page, WebSocket, sync_playwright

from app.gallery.catalogue import gallery
from maagn.bench.machine import described
from maagn.bench.row import Row, row
from maagn.bench.table import Table
from tests.app.guarded import guarded

PICTURES_A_SECOND = 30
_WAIT_MS = 120_000
# Called before every picture that the browser makes; it counts those with a moment of their own.
_COUNT = """root => {
  const counted = (window.counted = { pictures: 0, moment: root.dataset.moment });
  const look = () => {
    const { moment } = root.dataset;
    if (moment !== counted.moment) counted.pictures += 1;
    counted.moment = moment;
    if (window.counted === counted) requestAnimationFrame(look); // else a later drag counts
  };
  requestAnimationFrame(look);
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

    slider = page.get_by_test_id("player-scrubber").first
    slider.scroll_into_view_if_needed()
    places = [box for tick in slider.locator(".tick").all() if (box := tick.bounding_box())]
    page.get_by_test_id("player").first.evaluate(_COUNT)
    for one in sockets:
        one.on("framesent", heard)
        one.on("framereceived", heard)
    page.mouse.move(places[0]["x"], places[0]["y"])
    page.mouse.down()
    to_and_fro = [*places, *places[-2:0:-1]]
    begun, moves = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        place = to_and_fro[moves % len(to_and_fro)]
        page.mouse.move(place["x"], place["y"])
        moves += 1
    took = time.monotonic() - begun
    pictures = int(page.evaluate("window.counted.pictures"))
    page.mouse.up()
    for one in sockets:
        one.remove_listener("framesent", heard)
        one.remove_listener("framereceived", heard)
    return Scrubbed(pictures / took, len(messages))


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
