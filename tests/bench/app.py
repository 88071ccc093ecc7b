"""How fast the app is: a clip already worked out, and the first screen of a cold start.

    python -m tests.bench.app --out docs/performance.json

By a visitor without a browser (`tests.crowd.visitor`): from the message that asks for a page until
the server says that it stands still. The cold start stands beside `import torch` and Streamlit's
own hello, from the start of their processes, measured in turns.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from maagn.bench.page import Table
from maagn.bench.row import Row, described, row
from tests.app.guarded import guarded
from tests.crowd.visitor import Visitor
from tests.served import ROOT, free_port, served, url_of

WARM_SECONDS = 0.2
COLD_RATIO = 1.5
PAGES = ("attention", "evidence", "gating")


def warm(rounds: int) -> Row:
    """The explore page of a clip whose answers are there: its 95th percentile over 200 ms."""
    with tempfile.TemporaryDirectory() as folder, guarded(Path(folder), _places(folder)) as server:
        visitor = Visitor(server.url)
        visitor.open()
        classes = visitor.options("class")[:3]

        def asked() -> Iterator[float]:
            for page, name in zip(PAGES, classes, strict=True):
                visitor.open(page)
                yield visitor.open("explore").answer
                yield visitor.choose("class", name).answer

        visitor.pages["explore"] = visitor.pages[""]
        list(asked())
        list(asked())
        took = list(itertools.chain.from_iterable(asked() for _ in range(rounds)))
        visitor.close()
    low, middle, high = np.quantile(took, (0.25, 0.5, 0.75)) / WARM_SECONDS
    last = float(np.quantile(took, 0.95))
    return Row(
        name="app, warm clip",
        what="the explore page's time on the server, 95th percentile / 0.2 s",
        ratio=last / WARM_SECONDS,
        low=float(low),
        high=float(high),
        target=1.0,
        rounds=len(took),
        parts={"median": statistics.median(took), "95th percentile": last},
        note=f"median {statistics.median(took) * 1000:.0f} ms, 95th percentile {last * 1000:.0f} "
        f"ms; quartiles are those of single answers; median {middle:.2f}",
    )


def cold(rounds: int) -> tuple[Row, Row]:
    """From the start of the process to the first complete page, in turns with what it rests on.

    Alone, and by `make app` where all is set up.
    """
    works = {
        "the app's first screen": _app,
        "make app": _make,
        "import torch": _torch,
        "streamlit hello": _hello,
    }
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    seconds = statistics.median(taken["make app"])
    return row(
        "app, cold start",
        "from the start to the first screen with answers / import torch + Streamlit's own hello",
        taken,
        over=("the app's first screen", ("import torch", "streamlit hello")),
        target=COLD_RATIO,
    ), row(
        "app, make app again",
        "from `make app` where all is set up to the first screen with answers / the same two",
        taken,
        over=("make app", ("import torch", "streamlit hello")),
        note=f"{seconds:.1f} s",
    )


def _app() -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with guarded(Path(folder), _places(folder)) as server:
            return _first_page(server.url, begun)


def _make() -> float:
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        return _served(["make", "-s", "app", f"PORT={port}"], ROOT, port, begun, _places(folder))


def _torch() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - begun


def _hello() -> float:
    begun = time.perf_counter()
    port = free_port()
    options = (f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1")
    words = [sys.executable, "-m", "streamlit", "hello", *options]
    quiet = {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    with tempfile.TemporaryDirectory() as folder:
        return _served(words, Path(folder), port, begun, quiet)


def _served(
    words: list[str], folder: Path, port: int, begun: float, environment: dict[str, str]
) -> float:
    """Seconds until a command that serves has given its first page; it and its children end."""
    with served(words, port, environment=environment, folder=folder, children=True):
        return _first_page(url_of(port), begun)


def _first_page(url: str, begun: float) -> float:
    visitor = Visitor(url)
    visitor.open()
    took = time.perf_counter() - begun
    visitor.close()
    return took


def _places(folder: str) -> dict[str, str]:
    return {"MAAGN_DATABASE": f"sqlite:///{folder}/notes.db"}


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, help="table to put the rows into")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    table = Table(described(), (warm(4 * given.rounds), *cold(given.rounds)))
    print(table.as_markdown())
    if given.out is not None:
        table.write(given.out)


if __name__ == "__main__":
    main()
