"""The runs that a visitor can choose: Compare, Errors and the statistics speak of the chosen one.

The explorer's own, those of the command line and of the app, and the left-out predictions of what
was taught stand side by side. A run's title stands for it in an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote

from app import cache, left_out
from app.networks import TAUGHT, results_folders
from app.selection import ClipChoice
from maagn.errors import ResultsError
from maagn.evaluate import runner
from maagn.evaluate import runs as stored
from maagn.evaluate.results import SHIPPED, Results, clips_folder
from maagn.evaluate.runs import StoredRun
from maagn.evaluate.store import RESULTS
from maagn.labels import NO_PAIRS, ClassPairs
from maagn.opposites.split import Split
from maagn.teach.report import SPLIT, read_teaching
from maagn.teach.report import TAUGHT as TAUGHT_FILE

BENCHMARK = "Benchmark, demonstration networks"
BENCHMARK_CLIPS = "Benchmark, rendered"
_MARK = "run"


@dataclass(frozen=True)
class RunChoice:
    """A run that can be chosen.

    Attributes:
        title: unique among those that the visitor sees.
        path: folder of the run, or file of results.
        about: its networks and its clips, for people.
        digests: of its networks; None where they are only known once it is read.
        pairs: that were given for its classes.
        stored: the run, where it is a folder.
    """

    title: str
    path: Path
    about: str
    digests: frozenset[str] | None = None
    pairs: ClassPairs = NO_PAIRS
    stored: StoredRun | None = None

    def results(self) -> Results:
        """Its predictions.

        Raises:
            ResultsError: they are missing or damaged.
        """
        return cache.results(self.path)

    def clip(self, results: Results, label: int, number: int) -> ClipChoice:
        """A clip of the run, with the link that reopens it.

        Args:
            results: of this run.
            label: number of its true class.
            number: of the clip, as in the predictions.
        """
        first, origin = results.predictions[0], results.origin
        if origin.clips is None:
            split: Split = "val" if first.split == "val" else "test"
            return ClipChoice.of_test(label, number, split=split)
        if first.split == SPLIT:
            return left_out.choice(results, self.path, number)
        folder = clips_folder(self.path / RESULTS if self.stored else self.path, origin)
        path = origin.clips[number]
        found = ClipChoice.of(
            folder / path,
            name=f"{origin.data} {origin.clip_name(number)}",
            label=first.labels[label],
            link=f"{_MARK}/{quote(self.title, safe='')}/{path}",
            root=folder,
        )
        return replace(found, pairs=self.pairs)


def choices() -> dict[str, RunChoice]:
    """All by title: the explorer's own first, then the latest first."""
    found: dict[str, RunChoice] = {}
    about = "the demonstration networks; clips of the test split"
    first = RunChoice(BENCHMARK, SHIPPED, about)
    for choice in (first, *map(_of_run, _stored()), *_files(), *_left_out()):
        again = sum(title.split(" (again")[0] == choice.title for title in found)
        title = f"{choice.title} (again {again})" if again else choice.title
        found[title] = replace(choice, title=title)
    return found


def title_of(folder: Path) -> str | None:
    """What the run in that folder is offered as; None where it is not among the choices."""
    return next((title for title, run in choices().items() if run.path == folder), None)


def _stored() -> list[StoredRun]:
    """Those of the command line and of the app, the latest first, each once."""
    found = {run.folder.resolve(): run for run in (*stored.runs(), *stored.runs(runner.FOLDER))}
    return sorted(found.values(), key=lambda run: -run.stamp)


def _of_run(run: StoredRun) -> RunChoice:
    plan = run.plan
    clips = f"{plan.clips:,} clips of {plan.data}, {plan.split}"
    title = run.name
    if run.folder.parent.resolve() == runner.FOLDER.resolve():  # the app's, named by a digest
        title = f"{plan.data} {plan.split}, {', '.join(plan.models)} ({run.folder.name[:6]})"
    return RunChoice(
        title,
        run.folder,
        f"{', '.join(plan.models)}; {clips}",
        frozenset(plan.digests),
        ClassPairs.from_dict(plan.pairs),
        run,
    )


def _files() -> Iterator[RunChoice]:
    """Files of results that `maagn evaluate --out` wrote beside the folders of runs."""
    for path in sorted(stored.FOLDER.glob("[!.]*.parquet")):
        try:
            results = cache.results(path)
        except ResultsError:
            continue  # of factors, for example
        first = results.predictions[0]
        yield RunChoice(
            path.stem,
            path,
            f"{', '.join(results.models)}; {len(first):,} clips, {first.split}",
        )


def _left_out() -> Iterator[RunChoice]:
    for results, path in left_out.left_out(results_folders()):
        first = results.predictions[0]
        yield RunChoice(
            f"{TAUGHT}: {_collection(path)}",
            path,
            f"{', '.join(results.models)}; {len(first)} left-out clips",
        )


def _collection(path: Path) -> str:
    taught = path.parent / TAUGHT_FILE
    return _named(path.parent, taught.stat().st_mtime_ns if taught.is_file() else 0)


@lru_cache(maxsize=256)  # asked for in every run of every page
def _named(folder: Path, stamp: int) -> str:  # noqa: ARG001 - part of the key
    try:
        return read_teaching(folder).collection
    except ResultsError:
        return folder.name


def linked(text: str) -> ClipChoice | None:
    """The clip of a run that a link names; None where there is none."""
    mark, _, rest = text.partition("/")
    title, _, path = rest.partition("/")
    run = choices().get(unquote(title)) if mark == _MARK else None
    if run is None:
        return None
    try:
        results = run.results()
    except ResultsError:
        return None
    clips, first = results.origin.clips or (), results.predictions[0]
    number = clips.index(path) if path in clips else -1
    labels = first.truth[first.clip == number]
    return run.clip(results, int(labels[0]), number) if len(labels) else None
