"""How fast pages with a large run are: 220,000 clips registered, 50,000 x 174 x 3 evaluated.

    python -m tests.app.scale [--json]

Times are of a real Chromium beside the server, from the click to what it asked for.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from maagn.bench.synthetic import make_up
from maagn.data.registry import register
from maagn.data.videos import Video, VideoSet
from maagn.labels import something_something_v2
from tests.served import free_port, served, url_of

CLIPS, CLASSES, NETWORKS = 50_000, 174, 3
REGISTERED = 220_000
WAIT_MS = 60_000
TIMES = 5


def prepare(folder: Path) -> None:
    """A run and a registered set of files that are nowhere."""
    make_up(folder / "runs" / "big", clips=CLIPS, classes=CLASSES, models=NETWORKS)
    labels = something_something_v2()
    videos = tuple(
        Video(str(number), folder / "videos" / f"{number}.webm", number % CLASSES)
        for number in range(REGISTERED)
    )
    register(
        VideoSet("huge", "something-v2", folder / "videos", "val", labels, videos),
        name="huge",
        root=folder / "sets",
    )


def seconds(act: Callable[[], object]) -> float:
    """How long something takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def opened(page: Page, address: str, text: str) -> float:
    """From the address to a text that stands at the end of what was asked for."""

    def go() -> None:
        page.goto(address)
        page.get_by_text(re.compile(text)).first.wait_for(timeout=WAIT_MS)

    return seconds(go)


def choose(page: Page, label: str, words: str, text: str) -> float:
    """Choose from a list; until the text is there."""
    box = page.get_by_test_id("stMain").get_by_role("combobox", name=re.compile(label)).first
    box.click()
    box.fill(words)
    option = page.get_by_role("option", name=words, exact=True).first
    option.wait_for()

    def press() -> None:
        option.click()
        page.get_by_text(re.compile(text)).first.wait_for(timeout=WAIT_MS)

    return seconds(press)


def measure(page: Page, address: str) -> dict[str, float]:
    """Seconds of every kind of thing that a person does, medians of some."""
    compare, errors = f"{address}/compare?run=big", f"{address}/errors?run=big"
    found = {"first visit": opened(page, address, "Weights")}
    found["Compare, first"] = opened(page, compare, "Expected calibration error")
    found["Compare, again"] = statistics.median(
        opened(page, compare, "Expected calibration error") for _ in range(TIMES)
    )
    labels = something_something_v2()[10 : 10 + TIMES]
    found["Compare, a class"] = statistics.median(
        choose(page, "Class$", label, rf"{re.escape(label)}, n = ") for label in labels
    )
    found["Errors, pairs"] = statistics.median(
        opened(page, f"{errors}&view=Pairs", "of the pair were classified") for _ in range(TIMES)
    )
    found["Errors, matrix"] = statistics.median(
        opened(page, f"{errors}&view=Matrix", "Click a square") for _ in range(TIMES)
    )
    found["Errors, a cell"] = statistics.median(
        opened(page, f"{errors}&view=Matrix&cell={row}-{row + 1}", ", predicted ")
        for row in range(TIMES)
    )
    found["Errors, neighbours"] = opened(page, f"{errors}&view=Neighbours", "variance")
    found["Data, browse"] = statistics.median(
        opened(page, f"{address}/data?set=huge", "of 220,000 clips") for _ in range(TIMES)
    )
    found["Data, a class"] = statistics.median(
        choose(page, "Class$", label, r"^1,2\d\d of 220,000|1,2\d\d of 220,000 clips")
        for label in labels[:1]
    )
    return found


def most_memory(process: int) -> float:
    """Most megabytes of 10^6 bytes that a process held."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    line = next(line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def main() -> None:
    """Make the run, serve it, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app/main.py", f"--server.port={port}"]
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        prepare(folder)
        environment = {
            "MAAGN_RUNS": str(folder / "runs"),
            "MAAGN_EVALUATIONS": str(folder / "evaluations"),
            "MAAGN_DATASETS": str(folder / "sets"),
            "MAAGN_TAUGHT": str(folder / "taught"),
        }
        with served(command, port, environment=environment) as server:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox"],
            )
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            found = measure(page, url_of(port))
            memory = most_memory(server.pid)
            browser.close()
    if asked.json:
        print(json.dumps(found | {"MB": memory}, indent=1))
        return
    for name, time_ in found.items():
        print(f"{name:22}{1000 * time_:7.0f} ms")
    print(f"{'memory of the server':22}{memory:7.0f} MB")


if __name__ == "__main__":
    main()
