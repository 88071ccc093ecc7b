"""Visitors come, give clips, look at them and leave, for hours: what does the server keep?

    python -m tests.crowd.soak --hours 2 --clips 1000 --sessions 4 --out FOLDER

Every clip is new to the server: its bytes end in a number of its own. Each is looked at on two
pages and for a class of its own. A visitor leaves after 25 clips, and another comes.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.app.guarded import guarded
from tests.crowd.curve import draw
from tests.crowd.server import taken
from tests.crowd.visitor import Took, Visitor, together
from tests.served import ROOT

PAGES = ("attention", "gating", "evidence", "whatif")
CLIPS_OF_A_VISITOR = 25


def clips() -> list[bytes]:
    """The gallery's clips, which are small, and of several classes."""
    return [path.read_bytes() for path in sorted((ROOT / "app" / "gallery").rglob("*.mp4"))]


def numbered(clip: bytes, number: int) -> bytes:
    """The same clip as another file: a box that players skip holds a number."""
    return clip + b"\x00\x00\x00\x10free" + number.to_bytes(8, "big")


@dataclass
class Soak:
    """One long run.

    Attributes:
        hours: how long it is meant to take.
        clips: how many all visitors give together.
        sessions: visitors at a time.
        seconds_between: between two looks at the server.
    """

    hours: float
    clips: int
    sessions: int
    seconds_between: float = 15.0

    def __post_init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.took: list[Took] = []
        self.given = 0
        self._over = threading.Event()

    def run(self, out: Path) -> list[BaseException]:
        """Run it; rows are written as they come, what went wrong is returned."""
        with tempfile.TemporaryDirectory() as folder:
            environment = {"TMPDIR": folder}
            with guarded(Path(folder), environment) as server:
                self._begun = time.monotonic()
                watch = threading.Thread(target=self._watch, args=(server.process, folder, out))
                watch.start()
                one = [
                    lambda place=n: self._visits(server.url, place) for n in range(self.sessions)
                ]
                raised = together(one)
                self._over.set()
                watch.join()
        return raised

    def _visits(self, url: str, place: int) -> None:
        chance = random.Random(place)
        files = clips()
        visitor = None
        numbers = range(place, self.clips, self.sessions)
        for turn, number in enumerate(numbers):
            begin = self._begun + self.hours * 3600 * turn / len(numbers)
            time.sleep(max(0.0, begin - time.monotonic()))
            if visitor is None or turn % CLIPS_OF_A_VISITOR == 0:
                if visitor is not None:
                    visitor.close()
                visitor = Visitor(url)
                visitor.open()
            self._look(visitor, numbered(chance.choice(files), number), number, chance)
        if visitor is not None:
            visitor.close()

    def _look(self, visitor: Visitor, clip: bytes, number: int, chance: random.Random) -> None:
        visitor.open()
        self.took.append(visitor.upload(f"clip-{number}.mp4", clip))
        wrong = [text for text in visitor.shown() if "failed" in text]
        named = any(f"clip-{number}.mp4" in text for text in visitor.shown())
        if wrong or not named:
            raise AssertionError(f"clip {number} was not shown: {wrong[:1]}")
        self.took.append(visitor.choose("class", chance.choice(visitor.options("class"))))
        self.took.append(visitor.open(chance.choice(PAGES)))
        self.given += 1

    def _watch(self, process: int, folder: str, out: Path) -> None:
        with out.open("w") as rows:
            while not self._over.is_set():
                now = taken(process, next(Path(folder).glob("maagn-uploads-*"), Path(folder) / "-"))
                seconds = round(time.monotonic() - self._begun, 1)
                self.rows.append({"seconds": seconds, "clips": self.given, **now.as_row()})
                rows.write(json.dumps(self.rows[-1]) + "\n")
                rows.flush()
                self._over.wait(self.seconds_between)


def growth(rows: Sequence[dict[str, float]], what: str, *, warm: float) -> float:
    """How much more there was in the last tenth after the warm-up than in the first (medians).

    Args:
        rows: as `Soak` writes them.
        what: of a row.
        warm: share of the clips that is warm-up.
    """
    later = [row[what] for row in rows if row["clips"] >= warm * rows[-1]["clips"]]
    tenth = max(1, len(later) // 10)
    return statistics.median(later[-tenth:]) - statistics.median(later[:tenth])


def main() -> None:
    """Run it as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--out", type=Path, required=True, help="file of rows, JSON lines")
    given = parser.parse_args()
    soak = Soak(given.hours, given.clips, given.sessions)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    raised = soak.run(given.out)
    draw(soak.rows, given.out.with_suffix(".svg"))
    for error in raised:
        print(f"{type(error).__name__}: {error}")
    print(f"{soak.given} clips, {len(soak.took)} actions")
    for what in ("memory", "own_memory"):
        print(f"{what}: {growth(soak.rows, what, warm=0.25) / 1e6:+.0f} MB after the warm-up")
    for what in ("threads", "descriptors", "processes"):
        print(f"{what}: {growth(soak.rows, what, warm=0.25):+.0f}")


if __name__ == "__main__":
    main()
