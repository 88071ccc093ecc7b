"""The server is killed at random moments, again and again: what was acknowledged has to be there.

    python -m tests.crowd.kills --kills 20 --out docs/reliability/kills.json

Three visitors are at work each time: one writes notes, one goes from page to page, one runs an
evaluation. After each kill the server starts again on the same folders.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from app.gallery.catalogue import gallery
from maagn.checkpoint import load_card, load_model
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan, evaluate
from maagn.evaluate.store import RESULTS
from maagn.notes.book import Book
from tests.app.guarded import Guarded, guarded
from tests.crowd.server import under
from tests.crowd.visitor import Visitor, together

MODELS = ("tsn-demo", "tsm-demo")
PER_CLASS = 3  # clips: some seconds of work for these two networks
VIEW = {"clip": gallery()[1].name, "method": "hirescam"}
PAGES = ("attention", "gating", "evidence", "whatif", "")
ENDED_SECONDS = 2.0  # that a decoding worker may outlive its server


@dataclass(frozen=True)
class Kills:
    """What was left after the last kill.

    Attributes:
        kills: of the server.
        seconds: how long it was let work before each.
        acknowledged: notes that a visitor was told were kept.
        lost: of them, those that are gone.
        doubled: notes that are there more than once.
        same_view: whether an address shows after the kills what it showed before them.
        same_evaluation: whether its results have the bytes of one that was never stopped.
        asked_twice: batches of the evaluation that were on disk and were written again.
        processes_left: decoding workers that outlived a server.
        folders_left: folders of uploads, apart from the running server's.
    """

    kills: int
    seconds: tuple[float, ...]
    acknowledged: int
    lost: int
    doubled: int
    same_view: bool
    same_evaluation: bool
    asked_twice: int
    processes_left: int
    folders_left: int


def kills(times: int, *, seed: int, most_seconds: float = 25.0) -> Kills:
    """Kill it so often, and look at what is there.

    Args:
        times: how often.
        seed: of the moments.
        most_seconds: that the server is let work.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        environment = {"TMPDIR": folder, "MAAGN_EVALUATIONS": str(room / "evaluations")}
        plan = benchmark_plan(
            [load_card(name) for name in MODELS], split="val", per_class=PER_CLASS
        )
        kept = EvaluationRun(plan, root=room / "evaluations")
        with guarded(room, environment) as server:
            before = _view(server.url)
        kept.begin()
        seconds, twice, left = [], 0, 0
        acknowledged: list[str] = []
        for turn in range(times):
            seconds.append(chance.uniform(1.0, most_seconds))
            stored = _batches(kept)
            with guarded(room, environment) as server:
                workers = _work_until_killed(server, seconds[-1], turn, acknowledged)
                left += _still_running(workers)
            twice += sum(_batches(kept).get(name) != when for name, when in stored.items())
        with guarded(room, environment) as server:
            after = _view(server.url)
            if kept.results() is None:
                _go_on(server.url)
            own = f"maagn-uploads-{server.process}"
            folders = sum(one.name != own for one in room.glob("maagn-uploads-*"))
        notes = Counter(note.text for note in Book(f"sqlite:///{room / 'notes.db'}").find())
        whole = EvaluationRun(plan, root=room / "whole")
        evaluate(whole, [load_model(name) for name in MODELS])
        return Kills(
            kills=times,
            seconds=tuple(round(one, 1) for one in seconds),
            acknowledged=len(acknowledged),
            lost=sum(text not in notes for text in acknowledged),
            doubled=sum(number > 1 for number in notes.values()),
            same_view=before == after,
            same_evaluation=(kept.folder / RESULTS).read_bytes()
            == (whole.folder / RESULTS).read_bytes(),
            asked_twice=twice,
            processes_left=left,
            folders_left=folders,
        )


def _work_until_killed(
    server: Guarded, seconds: float, turn: int, acknowledged: list[str]
) -> list[int]:
    """Let three visitors work, kill the server; the processes that were under it."""

    def notes() -> None:
        visitor = Visitor(server.url)
        for number in count():
            visitor.open("errors", view="Notes", **VIEW)
            text = f"note {turn}-{number}"
            visitor.press("Keep", {"Note": text})
            if "Kept." in visitor.shown():
                acknowledged.append(text)

    def pages() -> None:
        visitor = Visitor(server.url)
        for number in count():
            visitor.open(PAGES[number % len(PAGES)], clip=gallery()[number % 9].name)

    def evaluation() -> None:
        with contextlib.suppress(LookupError):  # it may be done by now
            _go_on(server.url)

    works = [notes, pages, evaluation]
    gone = (ConnectionClosed, OSError)  # as a killed server is
    visits = threading.Thread(target=lambda: raised.extend(together(works, expected=gone)))
    raised: list[BaseException] = []
    visits.start()
    time.sleep(seconds)
    workers = under(server.process)
    os.kill(server.process, signal.SIGKILL)
    visits.join()
    if raised:
        raise raised[0]
    return workers


def _go_on(url: str) -> None:
    """Ask for the rest of the evaluation, and wait until it is there."""
    visitor = Visitor(url)
    visitor.open("data", view="Evaluate")
    visitor.press("Resume")


def _view(url: str) -> list[str]:
    visitor = Visitor(url)
    visitor.open("evidence", **VIEW)
    return visitor.shown()


def _batches(kept: EvaluationRun) -> dict[str, int]:
    """When each batch was written."""
    return {one.name: one.stat().st_mtime_ns for one in (kept.folder / "parts").glob("*.parquet")}


def _still_running(processes: list[int]) -> int:
    """How many of them outlive their server."""
    deadline = time.monotonic() + ENDED_SECONDS
    while time.monotonic() < deadline and any(map(_runs, processes)):
        time.sleep(0.05)
    return sum(map(_runs, processes))


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def main() -> None:
    """Run it as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file for JSON")
    given = parser.parse_args()
    text = json.dumps(asdict(kills(given.kills, seed=given.seed)), indent=1)
    print(text)
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
