"""Visitors who stop, leave or close in the middle of long work: when is the next one served?

    python -m tests.crowd.abandoned --jobs 20 --out docs/reliability/abandoned.json

One visitor's test of a map runs and another's waits, both in tabs of a Chromium; a third visitor
waits for something else. At a random moment both tabs are abandoned. From then on it may take two
seconds, and the forward that is under way, until the third visitor's work begins.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import torch
from playwright.sync_api import BrowserContext, Page, sync_playwright

from maagn.checkpoint import Provenance, save_model
from maagn.config import TransformSpec
from maagn.nn.build import PRESETS, build
from maagn.opposites.clip import OPPOSITES_LABELS as LABELS
from tests.crowd.visitor import Visitor
from tests.served import ROOT, free_port, served, url_of

WAYS = ("stop", "leave", "close")
ALLOWED_SECONDS = 2.0
_PATIENCE = 240.0


@dataclass(frozen=True)
class Abandoned:
    """One time.

    Attributes:
        way: how the two were abandoned.
        served: seconds from then on until the next visitor's work began.
        forward: seconds of the longest step of the work that was abandoned.
        started: whether the abandoned work that waited began all the same.
    """

    way: str
    served: float
    forward: float
    started: bool

    @property
    def over(self) -> float:
        """Seconds that it took beyond the forward."""
        return self.served - self.forward


def write_network(folder: Path, *, preset: str) -> str:
    """A network with random weights; its file's name without the ending."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    network = build(replace(PRESETS[preset], classes=len(LABELS)))
    provenance = Provenance("nothing", "a test", 1, 0, 0, 0, "none")
    save_model(
        folder / f"{preset}.safetensors",
        network,
        labels=tuple(LABELS),
        transform=TransformSpec(),
        provenance=provenance,
    )
    return preset


@dataclass(frozen=True)
class Watched:
    """A server whose jobs are recorded."""

    url: str
    record: Path

    def events(self) -> list[dict]:
        """What happened so far."""
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        return [json.loads(line) for line in lines]

    def until(self, found: Callable[[dict], bool], *, since: float) -> dict:
        """The first event since then that is looked for; waits for it."""
        deadline = time.time() + _PATIENCE
        while time.time() < deadline:
            for event in self.events():
                if event["at"] >= since and found(event):
                    return event
            time.sleep(0.02)
        raise TimeoutError(f"it did not happen in {_PATIENCE:.0f} s")


@contextmanager
def watched(folder: Path, environment: dict[str, str]) -> Iterator[Watched]:
    """Start the app so that what happens to its jobs is written down."""
    port, record = free_port(), folder / "jobs.txt"
    own = {
        "MAAGN_JOBS": str(record),
        "MAAGN_DATABASE": f"sqlite:///{folder / 'notes.db'}",
        "PYTHONPATH": str(ROOT),
    }
    script = str(Path(__file__).with_name("watched.py"))
    command = [sys.executable, script, f"--server.port={port}", "--server.headless=true"]
    with served(command, port, environment={**own, **environment}):
        yield Watched(url_of(port), record)


def abandoned(times: int, *, seed: int, preset: str, most_seconds: float = 6.0) -> list[Abandoned]:
    """Abandon two jobs so often.

    Args:
        times: half as many as jobs are abandoned.
        seed: of the moments.
        preset: of the network, whose weights are random; it sees clips at 224 pixels.
        most_seconds: that the work runs before it is abandoned.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        network = write_network(folder / "networks", preset=preset)
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        with watched(folder, {"MAAGN_CHECKPOINTS": str(folder / "networks")}) as server:
            context = chromium.new_context(viewport={"width": 1280, "height": 900})
            title = f"{len(LABELS)} classes: {network}"
            found = []
            for turn in range(times):
                one = _once(server, context, title, turn, chance.uniform(0, most_seconds))
                print(
                    f"{one.way:6} {one.served:5.2f} s, a forward {one.forward:5.2f} s", flush=True
                )
                found.append(one)
        chromium.close()
        return found


def _once(
    server: Watched, context: BrowserContext, title: str, turn: int, moment: float
) -> Abandoned:
    """Two tabs at work on the map of two classes, a visitor for a third, and both abandoned."""
    way = WAYS[turn % len(WAYS)]
    labels = [LABELS[(3 * turn + number) % len(LABELS)] for number in range(3)]
    running, waiting = context.new_page(), context.new_page()
    first = _open(server, running, title, labels[0], work="('faithful'", event="step")
    second = _open(server, waiting, title, labels[1])
    visitor = Visitor(server.url)
    visitor.open("paper")
    begun = time.time()
    query = {"networks": title, "class": labels[2]}
    nexts = threading.Thread(target=lambda: visitor.open("evidence", **query))
    nexts.start()
    after = server.until(lambda event: _asks(event, labels[2]), since=begun)
    time.sleep(moment)
    left = time.time()
    for page in (waiting, running):
        _abandon(page, way)
    left = left if way == "close" else time.time()  # a click is made once the page stands still
    start = server.until(
        lambda event: event["event"] == "start" and event["job"] == after["job"], since=begun
    )
    nexts.join()
    visitor.close()
    for page in (running, waiting):
        if not page.is_closed():
            page.close()
    mine = [event for event in server.events() if event["at"] >= begun - _PATIENCE]
    steps = [
        event["at"]
        for event in mine
        if event["job"] == first["job"] and event["event"] in ("start", "step", "end")
    ]
    longest = max(after - before for before, after in pairwise(steps))
    started = any(
        event["job"] == second["job"] and event["event"] == "start" and event["at"] > left
        for event in mine
    )
    return Abandoned(way, start["at"] - left, longest, started)


def _open(
    server: Watched, page: Page, title: str, label: str, *, work: str = "", event: str = "ask"
) -> dict:
    """Have the map of a class tested; the first such event of a job whose key begins so."""
    since = time.time()
    query = {"networks": title, "class": label, "view": "Is it faithful?", "test": "full"}
    page.goto(f"{server.url}/evidence?{urlencode(query)}")
    asked = server.until(
        lambda one: _asks(one, label) and one["words"].startswith(work), since=since
    )
    return server.until(
        lambda one: one["job"] == asked["job"] and one["event"] == event, since=since
    )


def _asks(event: dict, label: str) -> bool:
    return event["event"] == "ask" and repr(label) in event["words"]


def _abandon(page: Page, way: str) -> None:
    if way == "close":
        page.close()
    elif way == "leave":
        page.locator("a[href$='/paper']").first.click()
    else:
        page.get_by_role("button", name="Stop").click()


def main() -> None:
    """Run it as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--preset", default="tsm-r50-8f")
    parser.add_argument("--out", type=Path, help="file for JSON")
    given = parser.parse_args()
    found = abandoned(given.jobs // 2, seed=given.seed, preset=given.preset)
    over = [one.over for one in found]
    middle = sorted(over)[len(over) // 2]
    print(f"beyond the forward: {max(over):.2f} s at most, {middle:.2f} s in the middle")
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        rows = {"network": given.preset, "times": [asdict(one) for one in found]}
        given.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
