"""A run from beginning to end: resumable at every batch, by one process or several.

Videos are decoded, or drawn, ahead of the network, in order, by a bounded number of workers.
"""

import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from maagn import folders
from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError
from maagn.evaluate.plan import Plan
from maagn.evaluate.processes import ALONE, Processes
from maagn.evaluate.store import SOURCE, TABLES, VIDEO_ROWS, VIDEOS, WRITTEN, BatchStore
from maagn.io import atomic_write

FOLDER = folders.EVALUATIONS

T = TypeVar("T")
AHEAD = 3  # batches that are decoded, or being decoded, at a time


def prefetch(
    batches: Iterable[tuple[range, list[Video]]],
    prepare: Callable[[Video], T],
    *,
    workers: int,
) -> Iterator[tuple[range, list[T | ClipError]]]:
    """What `prepare` makes of every video, a batch at a time, in order.

    A video that cannot be read gives its error in its place. Each call runs on a thread of its own,
    and decoding itself in processes that are killed at their deadline (`maagn.video.read`).

    Args:
        batches: the videos.
        prepare: reads one.
        workers: videos that are read at a time.
    """
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        waiting: deque[tuple[range, list[Future[T | ClipError]]]] = deque()
        try:
            for indices, videos in batches:
                futures = [pool.submit(_prepared, prepare, video) for video in videos]
                waiting.append((indices, futures))
                if len(waiting) >= AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _prepared(prepare: Callable[[Video], T], video: Video) -> T | ClipError:
    try:
        return prepare(video)
    except ClipError as error:
        return error


def _result(
    batch: tuple[range, list[Future[T | ClipError]]],
) -> tuple[range, list[T | ClipError]]:
    indices, futures = batch
    return indices, [future.result() for future in futures]


@runtime_checkable
class RowMaker(Protocol):
    """Reads videos, and makes the rows of a run's table about them."""

    schema: pa.Schema

    def prepare(self, video: Video) -> Any:  # noqa: ANN401 - its own business
        """Read a video; called on threads.

        Raises:
            ClipError: it cannot be read.
        """

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """The rows of a batch; called on one thread."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        done: videos whose rows are on disk, of this process's share.
        total: videos in its share.
        seconds_left: a guess from this go's pace; None before its first batch.
    """

    done: int
    total: int
    seconds_left: float | None = None

    @property
    def part(self) -> float:
        """Of the videos, in [0, 1]."""
        return self.done / self.total


def run(
    folder: Path,
    plan: Plan,
    videos: VideoSet,
    rows: RowMaker,
    *,
    workers: int = 2,
    processes: Processes = ALONE,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Path:
    """Ask what is missing, and put the whole table together.

    Whatever stops it, what was done is kept, and the table is the same to the byte as that of a run
    that nothing stopped; at most the batch under way is asked again.

    Args:
        folder: of the run; made where there is none.
        plan: of the run.
        videos: the plan's set, its classes numbered as the plan's.
        rows: makes them.
        workers: videos that are read at a time.
        processes: who shares the work.
        report: told after every batch; may raise, to stop.

    Returns:
        The table's file.

    Raises:
        RunError: the folder holds another run, or another process is at work in it.
    """
    store = BatchStore(folder, rows.schema)
    out = folder / TABLES[plan.kind]
    with _arithmetic(plan.threads), processes.first_alone(store.held()):
        if processes.rank == 0:
            plan.agree(folder)
            store.clean()
            _write_videos(folder / VIDEOS, videos)
            _write_source(folder / SOURCE, videos)
        processes.wait()
        mine = plan.batches()[processes.rank :: processes.count]
        missing = [indices for indices in mine if not store.has(indices)]
        clock = _Clock(mine, missing)
        for indices, seen in prefetch(_named(missing, videos), rows.prepare, workers=workers):
            chosen = videos.videos[indices.start : indices.stop]
            store.store(indices, rows.rows(indices, chosen, seen))
            report(clock.tick(indices))
        processes.wait()
        if processes.rank == 0:
            store.join(plan.batches(), plan.models, out)
        processes.wait()
    return out


@contextlib.contextmanager
def _arithmetic(threads: int) -> Iterator[None]:
    """Sums in the same order every time, on so many threads; then as before, for others' work."""
    cudnn = torch.backends.cudnn
    before = torch.get_num_threads(), cudnn.deterministic, cudnn.benchmark
    torch.set_num_threads(threads)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cudnn.deterministic, cudnn.benchmark = before[1:]


def _named(missing: list[range], videos: VideoSet) -> Iterator[tuple[range, list[Video]]]:
    for indices in missing:
        yield indices, list(videos.videos[indices.start : indices.stop])


class _Clock:
    """Measures the pace since the run was started or resumed."""

    def __init__(self, mine: list[range], missing: list[range]) -> None:
        self._total = sum(map(len, mine))
        self._before = self._total - sum(map(len, missing))
        self._done = self._before
        self._begun = time.monotonic()

    def tick(self, indices: range) -> Progress:
        self._done += len(indices)
        pace = (time.monotonic() - self._begun) / (self._done - self._before)
        return Progress(self._done, self._total, pace * (self._total - self._done))


def _write_videos(path: Path, videos: VideoSet) -> None:
    columns = {
        "place": pa.array(range(len(videos)), pa.int32()),
        "id": pa.array([video.id for video in videos.videos], pa.string()),
        "path": pa.array([str(video.path.relative_to(videos.folder)) for video in videos.videos]),
        "label": pa.array([video.label for video in videos.videos], pa.int16()),
    }
    with atomic_write(path) as part:
        pq.write_table(pa.table(columns, schema=VIDEO_ROWS), part, **WRITTEN)


def _write_source(path: Path, videos: VideoSet) -> None:
    """Where the videos lie now, so that whoever looks at the run can watch them."""
    if any(video.draw is not None for video in videos.videos[:1]):
        return
    said = {"folder": str(videos.folder.absolute()), "pictures": videos.pictures}
    with atomic_write(path) as part:
        part.write_text(json.dumps(said, indent=1, ensure_ascii=False), encoding="utf-8")
