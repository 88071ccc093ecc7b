"""A run from beginning to end: resumable at every batch, by one process or several.

Videos are decoded ahead of the network, in order, by a bounded number of workers.
"""

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies.ddp import DDPStrategy

from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError
from maagn.io import atomic_write
from maagn.runs.plan import Plan
from maagn.runs.shards import ANSWERS, EXPLANATIONS, VIDEO_ROWS, VIDEOS, WRITTEN, Parts
from maagn.train.devices import leave

T = TypeVar("T")
_AHEAD = 3  # batches that are decoded, or being decoded, at a time


_PATIENCE = timedelta(days=7)  # a process waits for the others' last batch, however long it takes


@dataclass(frozen=True)
class Processes:
    """Who this process is among those that share the work.

    Attributes:
        rank: its number, from 0.
        count: how many there are.
        fabric: that they meet through; None for one alone.
    """

    rank: int
    count: int
    fabric: Fabric | None = None

    def wait(self) -> None:
        """Wait until all processes have reached this point."""
        if self.fabric is not None:
            self.fabric.barrier()

    def leave(self) -> None:
        """Part from the others, when all have come here; this process is alone from then on."""
        if self.fabric is not None:
            leave(self.fabric)

    @contextlib.contextmanager
    def first_alone(self, context: Any) -> Iterator[None]:  # noqa: ANN401 - any context
        """Run the block with the context in the first process, without it in the others."""
        with context if self.rank == 0 else contextlib.nullcontext():
            yield


ALONE = Processes(0, 1)


def join_processes() -> Processes:
    """Meet the others that torchrun started; without it, this process is alone.

    On a GPU each process takes one of its own.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    count = int(os.environ.get("WORLD_SIZE", here))
    if count == 1:
        return ALONE
    fabric = Fabric(
        accelerator="auto",
        strategy=DDPStrategy(timeout=_PATIENCE),
        devices=here,
        num_nodes=count // here,
    )
    fabric.launch()
    return Processes(fabric.global_rank, fabric.world_size, fabric)


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
            for places, videos in batches:
                futures = [pool.submit(_one, prepare, video) for video in videos]
                waiting.append((places, futures))
                if len(waiting) >= _AHEAD:
                    yield _result(waiting.popleft())
            while waiting:
                yield _result(waiting.popleft())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _one(prepare: Callable[[Video], T], video: Video) -> T | ClipError:
    try:
        return prepare(video)
    except ClipError as error:
        return error


def _result(
    batch: tuple[range, list[Future[T | ClipError]]],
) -> tuple[range, list[T | ClipError]]:
    places, futures = batch
    return places, [future.result() for future in futures]


TABLES = {"answers": ANSWERS, "explanations": EXPLANATIONS}


@runtime_checkable
class Asking(Protocol):
    """What a run computes for every video."""

    schema: pa.Schema

    def prepare(self, video: Video) -> Any:  # noqa: ANN401 - its own business
        """Read a video; called on threads.

        Raises:
            ClipError: it cannot be read.
        """

    def rows(self, places: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
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


def run(
    folder: Path,
    plan: Plan,
    videos: VideoSet,
    asking: Asking,
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
        asking: makes the rows.
        workers: videos that are read at a time.
        processes: who shares the work.
        report: told after every batch; may raise, to stop.

    Returns:
        The table's file.

    Raises:
        RunError: the folder holds another run, or another process is at work in it.
    """
    parts = Parts(folder, asking.schema)
    out = folder / TABLES[plan.kind]
    torch.set_num_threads(plan.threads)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    with processes.first_alone(parts.held()):
        if processes.rank == 0:
            plan.agree(folder)
            parts.clean()
            _write_videos(folder / VIDEOS, videos)
        processes.wait()
        mine = plan.batches()[processes.rank :: processes.count]
        missing = [places for places in mine if not parts.has(places)]
        clock = _Clock(mine, missing)
        for places, seen in prefetch(_named(missing, videos), asking.prepare, workers=workers):
            chosen = videos.videos[places.start : places.stop]
            parts.store(places, asking.rows(places, chosen, seen))
            report(clock.tick(places))
        processes.wait()
        if processes.rank == 0:
            parts.join(plan.batches(), plan.models, out)
        processes.wait()
    return out


def _named(missing: list[range], videos: VideoSet) -> Iterator[tuple[range, list[Video]]]:
    for places in missing:
        yield places, list(videos.videos[places.start : places.stop])


class _Clock:
    """Measures the pace since the run was started or resumed."""

    def __init__(self, mine: list[range], missing: list[range]) -> None:
        self._total = sum(map(len, mine))
        self._before = self._total - sum(map(len, missing))
        self._done = self._before
        self._begun = time.monotonic()

    def tick(self, places: range) -> Progress:
        self._done += len(places)
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
