"""What an evaluation will take, measured on a few of its clips."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maagn.checkpoint import Model
from maagn.data.videos import VideoSet
from maagn.errors import ClipError
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.runner import AHEAD

_SAMPLE = 3  # clips: the first, one in the middle, the last
_EVERY_SECONDS = 0.01
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True)
class Forecast:
    """What a run will take.

    Attributes:
        seconds: from its beginning to its end, on a machine that does nothing else.
        bytes: of memory that it needs beside what is held now; 0 where the system does not tell.
        clips: that it was measured on.
    """

    seconds: float
    bytes: int
    clips: int


def forecast(
    plan: Plan,
    videos: VideoSet,
    models: Sequence[Model],
    *,
    workers: int = 2,
    report: Callable[[float, str], None] = lambda _part, _what: None,
) -> Forecast:
    """Read some of the clips and show them to every network, once to warm up and once timed.

    Args:
        plan: of the run.
        videos: its clips.
        models: its networks.
        workers: videos that are read at a time.
        report: told the part that is done, in [0, 1], and what is next; may raise, to stop.

    Raises:
        ClipError: none of the clips that were tried can be read.
    """
    rows = PredictionRows(plan, models)
    places = sorted({0, len(videos) // 2, len(videos) - 1})[:_SAMPLE]
    report(0.0, "Reading some of the clips")
    begun = time.perf_counter()
    seen, read, error = [], [], None
    for place in places:
        try:
            seen.append(rows.prepare(videos.videos[place]))
            read.append(place)
        except ClipError as unreadable:
            error = unreadable
    if error is not None and not seen:
        raise error
    reading = (time.perf_counter() - begun) / len(places)
    shown = [videos.videos[place] for place in read]
    report(0.3, "Showing one to every network")
    with _peak() as peak:
        rows.rows(range(1), shown[:1], seen[:1])
        report(0.6, "Showing some to every network")
        begun = time.perf_counter()
        rows.rows(range(len(shown)), shown, seen)
        forward = (time.perf_counter() - begun) / len(shown)
    views = len(shown) * plan.views.count
    more = max(plan.batch / views, 1.0)
    decoded = (
        sum(pictures.nbytes for clip in seen for pictures, _ in clip.values())
        // len(seen)
        * plan.batch
        * AHEAD
    )
    return Forecast(
        seconds=plan.clips * (reading / workers + forward),
        bytes=int(peak() * more) + decoded if _STATM.exists() else 0,
        clips=len(shown),
    )


@contextmanager
def _peak() -> Iterator[Callable[[], int]]:
    """How many bytes more than at the beginning this process held at most within the block."""
    begun = most = _resident()
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(_EVERY_SECONDS):
            most = max(most, _resident())

    thread = threading.Thread(target=watch, name="memory", daemon=True)
    thread.start()
    try:
        yield lambda: max(most - begun, 0)
    finally:
        ended.set()
        thread.join()


def _resident() -> int:
    if not _STATM.exists():
        return 0
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
