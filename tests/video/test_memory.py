"""A large clip is read as a stream: its frames are never all in memory."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import av
import pytest

from maagn.config import SamplingSpec
from maagn.video.decoder.picture import AS_STORED, upright
from maagn.video.read import read_clip
from tests.crowd.server import taken
from tests.video.coded import encode

SECONDS = 30
WIDTH, HEIGHT = 1920, 1080
MOST = 1_500_000_000  # bytes, of this process and its workers together


def test_half_a_minute_of_1080p_stays_under_a_gigabyte_and_a_half(tmp_path):
    path = encode(
        tmp_path / "large.mp4", count=25 * SECONDS, size=(WIDTH, HEIGHT),
        options={"preset": "ultrafast"},
    )  # fmt: skip
    frames, most = map(
        int,
        subprocess.run(
            [sys.executable, "-m", "tests.video.test_memory", str(path)],
            check=True, capture_output=True, text=True,
        ).stdout.split(),
    )  # fmt: skip
    assert frames == 8
    assert 100_000_000 < most < MOST


THREADS = Path("/proc/self/task")


@pytest.mark.skipif(not THREADS.is_dir(), reason="threads are counted as Linux lists them")
def test_no_frame_has_threads_of_its_own(make):
    """Their stacks would fill a worker's address space after some hundred frames."""
    with av.open(str(make("a.mp4", count=10))) as container:
        frames = list(container.decode(video=0))
    before = len(list(THREADS.iterdir()))
    for frame in frames:
        upright(frame, size=(frame.width, frame.height), how=AS_STORED)
    assert len(list(THREADS.iterdir())) == before


def _most_while_reading(path: Path) -> tuple[int, int]:
    """Frames read, and the most bytes in memory meanwhile."""
    over = threading.Event()
    found = [0]

    def look() -> None:
        while not over.wait(0.02):
            found.append(taken(os.getpid(), path / "-").memory)

    watch = threading.Thread(target=look)
    watch.start()
    clip = read_clip(path, samplings=[SamplingSpec(8)])
    over.set()
    watch.join()
    return len(clip.frames), max(found)


if __name__ == "__main__":
    print(*_most_while_reading(Path(sys.argv[1])))
