"""Videos decoded ahead of the network: in order, by a bounded number of workers."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from maagn.data.videos import Video
from maagn.errors import ClipError

T = TypeVar("T")
_AHEAD = 3  # batches that are decoded, or being decoded, at a time


def feed(
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
    return places, [one.result() for one in futures]
