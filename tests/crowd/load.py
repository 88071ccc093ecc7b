"""Many visitors at once, each with a script of mixed actions: is every answer the one given alone?

    python -m tests.crowd.load --sessions 16 --actions 50 --out docs/reliability/load.json

The same scripts were played before, one visitor after another, on a server of their own: what
stands on the page after every single action has to be the same.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.gallery.catalogue import gallery
from tests.app.guarded import guarded
from tests.crowd.server import taken
from tests.crowd.visitor import Took, Visitor, together

# Not Settings, which tells what is kept in memory for all visitors.
PAGES = ("attention", "gating", "evidence", "whatif", "compare", "errors", "learn", "paper")
CLIPS = 16  # of the gallery that the scripts are about
OWN = 4  # files that visitors upload
KINDS = {"page": 30, "clip": 25, "class": 20, "method": 10, "first page": 10, "upload": 5}
"""What a visitor does next: how often of a hundred times."""


@dataclass(frozen=True)
class Action:
    """One thing that a visitor does; `value` is a page, a clip's link, or a place in a list."""

    kind: str
    value: str


@dataclass
class Played:
    """What came of one script.

    Attributes:
        took: of each action.
        shown: what stood on the page after each.
    """

    took: list[Took] = field(default_factory=list)
    shown: list[list[str]] = field(default_factory=list)


def script(number: int, *, actions: int, seed: int) -> list[Action]:
    """What the visitor of that number does; the first action is to come."""
    chance = random.Random(f"{seed}-{number}")
    clips = [clip.name for clip in gallery()][:CLIPS]
    values = {"page": PAGES, "clip": clips, "upload": [str(own) for own in range(OWN)]}
    places = [str(place) for place in range(100)]
    kinds = chance.choices(list(KINDS), list(KINDS.values()), k=actions - 1)
    doing = [Action(kind, chance.choice(values.get(kind, places))) for kind in kinds]
    return [Action("first page", ""), *doing]


def play(
    visitor: Visitor, doing: Sequence[Action], *, think: float, chance: random.Random
) -> Played:
    """Do it all.

    Args:
        visitor: who has not come yet.
        doing: what to do.
        think: mean seconds between an answer and the next action.
        chance: decides how long each time.
    """
    played = Played()
    page = ""
    for action in doing:
        if think and played.took:
            time.sleep(min(chance.expovariate(1 / think), 4 * think))
        match action.kind:
            case "page" | "first page":
                page = action.value if action.kind == "page" else ""
                took = visitor.open(page)
            case "clip":
                took = visitor.open(page, clip=action.value)
            case "upload":
                took = visitor.upload(f"own-{action.value}.mp4", _own(int(action.value)))
            case kind:
                options = visitor.options(kind)
                took = visitor.choose(kind, options[int(action.value) % len(options)])
        played.took.append(took)
        played.shown.append(visitor.shown())
    visitor.close()
    return played


def _own(number: int) -> bytes:
    """A clip of a visitor's own: one of the gallery's last, as another file."""
    clip = sorted((Path(__file__).parents[2] / "app" / "gallery").rglob("*.mp4"))[-1 - number]
    return clip.read_bytes() + b"\x00\x00\x00\x10free" + number.to_bytes(8, "big")


@dataclass(frozen=True)
class Load:
    """What came of the crowd.

    Attributes:
        sessions: visitors.
        actions: of each.
        think: mean seconds between two.
        feedback: median, 95th percentile and longest seconds until the page changed.
        answer: the same until it stood still.
        share: the longest sum of a visitor's waiting over the mean one.
        different: sentences on answers that were not those given alone.
        raised: what visitors met that should not be.
        processes: most at a time of the server.
        memory: most bytes in memory.
    """

    sessions: int
    actions: int
    think: float
    feedback: tuple[float, float, float]
    answer: tuple[float, float, float]
    share: float
    different: tuple[str, ...]
    raised: tuple[str, ...]
    processes: int
    memory: int


def load(*, sessions: int, actions: int, think: float, seed: int) -> Load:
    """Each alone first; then all at the same moment, to a server that has just begun."""
    scripts = [script(number, actions=actions, seed=seed) for number in range(sessions)]
    played: dict[int, Played] = {}
    most = [0, 0]

    def visit(url: str, number: int) -> None:
        chance = random.Random(f"{seed}-{number}-think")
        played[number] = play(Visitor(url), scripts[number], think=think, chance=chance)

    with tempfile.TemporaryDirectory() as folder, guarded(Path(folder), {}) as server:
        alone = [
            play(Visitor(server.url), doing, think=0.0, chance=random.Random()) for doing in scripts
        ]
    with tempfile.TemporaryDirectory() as folder, guarded(Path(folder), {}) as server:
        over = threading.Event()

        def watch() -> None:
            while not over.wait(1.0):
                now = taken(server.process, Path(folder) / "-")
                most[:] = max(most[0], now.processes), max(most[1], now.memory)

        watcher = threading.Thread(target=watch)
        watcher.start()
        raised = together([lambda n=n: visit(server.url, n) for n in range(sessions)])
        over.set()
        watcher.join()
    different = [
        f"visitor {number}, {scripts[number][index]}: {_first_difference(*pair)}"
        for number, one in sorted(played.items())
        for index, pair in enumerate(zip(one.shown, alone[number].shown, strict=True))
        if pair[0] != pair[1]
    ]
    took = [one for visitor in played.values() for one in visitor.took]
    waited = np.array([sum(one.answer for one in visitor.took) for visitor in played.values()])
    return Load(
        sessions,
        actions,
        think,
        _spread([one.feedback for one in took]),
        _spread([one.answer for one in took]),
        float(waited.max() / waited.mean()),
        tuple(different),
        tuple(f"{type(one).__name__}: {one}" for one in raised),
        *most,
    )


def _spread(seconds: list[float]) -> tuple[float, float, float]:
    middle, high, longest = np.quantile(seconds, (0.5, 0.95, 1.0))
    return float(middle), float(high), float(longest)


def _first_difference(here: list[str], there: list[str]) -> str:
    if len(here) != len(there):
        return f"{len(here)} elements, alone {len(there)}"
    one, other = next(pair for pair in zip(here, there, strict=True) if pair[0] != pair[1])
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[max(0, at - 60) : at + 60]!r}, alone {other[max(0, at - 60) : at + 60]!r}"


def main() -> None:
    """Run it as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=16)
    parser.add_argument("--actions", type=int, default=50)
    parser.add_argument("--think", type=float, default=8.0, help="mean seconds between actions")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="file for JSON")
    given = parser.parse_args()
    found = load(sessions=given.sessions, actions=given.actions, think=given.think, seed=given.seed)
    text = json.dumps(found.__dict__, indent=1)
    print(text)
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
