"""What a visitor waits for, in a real Chromium: an answer to a click or an upload, another page.

    python -m tests.bench.felt --before TREE --out docs/performance.json

TREE is the project as it was (`git worktree add --detach TREE COMMIT`). Each tree has a server of
its own, which has answered everything once before anything counts, and a visitor whose browser has
Streamlit's scripts. They take turns, journey by journey, so that what else the machine does falls
on both.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from app.gallery.catalogue import FIRST, GalleryClip, gallery
from maagn.bench.felt import Felt, Journey, Side
from maagn.bench.page import Table
from maagn.bench.row import described
from tests.bench.phone import PHONES, another, phone_film
from tests.served import ROOT, free_port, served, url_of

PAGES = ("explore", "attention", "gating", "evidence", "whatif", "compare")
"""Those about the clip, by their names in the address, where the first has none."""

WAIT_MS = 180_000
REST_MS = 300
_TICKS = os.sysconf("SC_CLK_TCK")
# Looks once before every picture that the browser makes. A mark is the first time that something
# is seen; what has to stand still is looked at for `rest` milliseconds more, and a page that
# stirs again begins anew. Times are milliseconds from the event that the visitor caused.
_WATCH = """({ event, title, rest }) => {
  const main = () => document.querySelector('[data-testid=stMain]');
  const ranking = () =>
    [...main().querySelectorAll('section > ol')].map((one) => one.textContent).join('|');
  const before = { ranking: ranking(), heading: main().querySelector('h2')?.textContent };
  const player = () => {
    for (const host of main().querySelectorAll('*')) {
      const found = host.shadowRoot?.querySelector('[data-testid=player]');
      if (found) return found;
    }
  };
  const drawn = () => {
    const one = player();
    const same = one?.getAttribute('aria-label') === `Clip player: ${title}`;
    return same && one.querySelector('canvas')?.dataset.moment !== undefined;
  };
  const still = () =>
    document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning' &&
    !document.querySelector('[data-stale=true]');
  const other = () => {
    const now = main().querySelector('h2')?.textContent;
    return now && now !== before.heading;
  };
  const tests = title
    ? { answer: () => ranking() && ranking() !== before.ranking, picture: drawn, whole: still }
    : { whole: () => other() && still() };
  let begun = null;
  window.addEventListener(event, (one) => (begun ??= one.timeStamp), { capture: true, once: true });
  window.felt = new Promise((done) => {
    const marks = {};
    const look = (now) => {
      requestAnimationFrame(look);
      if (begun === null) return;
      for (const [name, test] of Object.entries(tests)) {
        if (!test()) {
          if (name === 'whole') delete marks[name];
        } else marks[name] ??= now - begun;
      }
      const all = Object.keys(tests).every((name) => name in marks);
      if (all && now - begun - marks.whole > rest) done(marks);
    };
    requestAnimationFrame(look);
  });
}"""


@dataclass(frozen=True)
class Waited:
    """What came of one journey.

    Attributes:
        seconds: from what the visitor did until each mark: `answer`, `picture`, `whole`.
        cpu: seconds of the processors that the server and its decoders took.
    """

    seconds: dict[str, float]
    cpu: float


class Visit:
    """A visitor of one server, in a browser of their own.

    Args:
        browser: Chromium.
        port: of the server.
        process: the server's number.
    """

    def __init__(self, browser: Browser, port: int, process: int) -> None:
        self._process, self._url = process, url_of(port)
        self._browser = browser.new_context(viewport={"width": 1280, "height": 900})
        self.come()

    def come(self) -> None:
        """Come anew, to the first page."""
        for page in self._browser.pages:
            page.close()
        self.page = self._browser.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.page.goto(self._url)
        self.page.get_by_test_id("player").first.wait_for()
        self.page.locator("[data-test-script-state=notRunning]").wait_for()
        self.page.wait_for_timeout(1000)

    def click(self, clip: GalleryClip) -> Waited:
        """Click on a clip of the gallery."""
        thumbnail = self.page.locator(f'[data-testid=gallery-clip][data-name="{clip.name}"]')
        thumbnail.scroll_into_view_if_needed()
        return self._waited(thumbnail.click, event="click", title=clip.path.name)

    def upload(self, film: Path) -> Waited:
        """Give a film to the box for one's own clips."""
        box = self.page.get_by_test_id("stSidebar").locator("input[type=file]").first
        return self._waited(lambda: box.set_input_files(film), event="change", title=film.name)

    def go(self, name: str) -> Waited:
        """Change to one of `PAGES`."""
        links = self.page.get_by_test_id("stTopNavLink").all()
        path = "" if name == PAGES[0] else name
        link = next(one for one in links if _path(one.get_attribute("href")) == path)
        return self._waited(link.click, event="click", title=None)

    def _waited(self, act: Callable[[], None], *, event: str, title: str | None) -> Waited:
        before = processor_seconds(self._process)
        self.page.evaluate(_WATCH, {"event": event, "title": title, "rest": REST_MS})
        act()
        marks: dict[str, float] = self.page.evaluate("window.felt")
        cpu = processor_seconds(self._process) - before
        return Waited({name: ms / 1000 for name, ms in marks.items()}, cpu)


def _path(address: str | None) -> str:
    return urlsplit(address or "").path.strip("/")


def processor_seconds(process: int) -> float:
    """User's and system's seconds of a process and of those that it started, ended ones too."""
    taken, children = {}, defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            taken[int(folder.name)] = sum(map(int, fields[11:15])) / _TICKS
            children[int(fields[1])].append(int(folder.name))
    family = [process]
    for one in family:
        family += children[one]
    return sum(taken.get(one, 0.0) for one in family)


@contextmanager
def visit(browser: Browser, tree: Path, folder: Path) -> Iterator[Visit]:
    """A visitor who stands at the first page of that tree's server.

    Args:
        browser: Chromium.
        tree: the project's root.
        folder: for notes.
    """
    port = free_port()
    command = [sys.executable, "-m", "app", f"--server.port={port}"]
    environment = {"PYTHONPATH": str(tree), "MAAGN_DATABASE": f"sqlite:///{folder}/notes.db"}
    with served(command, port, environment=environment, folder=tree) as process:
        yield Visit(browser, port, process.pid)


class Measurement:
    """The journeys of every tree, as they come.

    Args:
        visitors: by tree.
    """

    def __init__(self, visitors: dict[str, Visit]) -> None:
        self._visitors = visitors
        self._taken: dict[str, dict[str, list[Waited]]] = defaultdict(lambda: defaultdict(list))
        self._turns = 0

    def take(self, what: str, act: Callable[[Visit], Waited], *, counts: bool) -> None:
        """Have every visitor make one journey, each time another of them first."""
        self._turns += 1
        for tree in list(self._visitors)[:: -1 if self._turns % 2 else 1]:
            waited = act(self._visitors[tree])
            if counts:
                self._taken[what][tree].append(waited)

    def journeys(self) -> Iterator[Journey]:
        """What has been waited for, for the page."""
        until = {"answer": "the answer", "picture": "the player's first picture"}
        for what, words in (("click", "click on a clip of the gallery"), *UPLOADS.items()):
            for mark, seen in until.items():
                yield self._journey(f"{words}, until {seen}", [what], mark)
        changes = [f"{start} {end}" for start, end in pairwise(ROUND)]
        yield self._journey("change of page, until it stands still", changes, "whole")
        for start, end in sorted(pairwise(ROUND), key=lambda pair: tuple(map(PAGES.index, pair))):
            found = self._journey("", [f"{start} {end}"], "whole")
            yield replace(found, change=(start, end))

    def _journey(self, what: str, parts: Sequence[str], mark: str) -> Journey:
        sides = {}
        for tree in self._visitors:
            waited = [one for part in parts for one in self._taken[part][tree]]
            seconds = [one.seconds[mark] for one in waited]
            sides[tree] = Side.of(seconds, [one.cpu for one in waited])
        return Journey(what, sides.get("before"), sides["after"])


def _round(pages: Sequence[str]) -> list[str]:
    """A way from the first page back to it on which every change of page is made once."""
    left = {page: [other for other in pages if other != page] for page in pages}
    way, stack = [], [pages[0]]
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            way.append(stack.pop())
    return way[::-1]


ROUND = _round(PAGES)
UPLOADS = {kind: f"upload of 5 s of 1080p in {kind}" for kind in PHONES}


def measure(trees: dict[str, Path], rounds: int) -> tuple[Journey, ...]:
    """All journeys.

    Args:
        trees: `after`, and maybe `before`.
        rounds: that count, after one that does not.
    """
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory(prefix="maagn-felt-") as name,
        sync_playwright() as playwright,
        ExitStack() as servers,
    ):
        folder = Path(name)
        films = {kind: phone_film(folder / f"{kind}.mp4", how) for kind, how in PHONES.items()}
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        visitors = {
            tree: servers.enter_context(visit(chromium, path, folder))
            for tree, path in trees.items()
        }
        found = Measurement(visitors)
        clips = [clip for clip in gallery() if clip.name != FIRST]
        for turn, clip in enumerate(clips[: rounds + 1]):
            found.take("click", lambda one, clip=clip: one.click(clip), counts=turn > 0)
            for kind, film in films.items():
                new = another(film, folder / f"{kind}-{turn}.mp4", turn)
                for one in visitors.values():
                    one.come()
                found.take(kind, lambda one, new=new: one.upload(new), counts=turn > 0)
                new.unlink()
            for one in visitors.values():
                one.come()
        for turn in range(rounds + 1):
            for start, end in pairwise(ROUND):
                found.take(f"{start} {end}", lambda one, end=end: one.go(end), counts=turn > 0)
        chromium.close()
    return tuple(found.journeys())


def commit(tree: Path) -> str:
    """The commit that a tree stands at, shortened."""
    command = ["git", "-C", str(tree), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path, help="root of the project as it was")
    parser.add_argument("--after", type=Path, default=ROOT, help="root of the project as it is")
    parser.add_argument("--out", type=Path, help="table to put the journeys into")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    asked = {"before": given.before, "after": given.after}
    trees = {name: tree.resolve() for name, tree in asked.items() if tree is not None}
    commits = {name: commit(tree) for name, tree in trees.items()}
    found = Felt(
        described(), commits.get("before", ""), commits["after"], measure(trees, given.rounds)
    )
    print(found.as_markdown())
    if given.out is not None:
        Table({}, (), felt=found).write(given.out)


if __name__ == "__main__":
    main()
