import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maagn.errors import UnreadableClip
from maagn.video import worker as pool
from maagn.video.decoder.protocol import Request
from maagn.video.read import read_clip
from maagn.video.validate import Limits
from maagn.video.worker import ENTRANCE, Worker, WorkerExpiredError, WorkerLostError
from tests.video.coded import numbers

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def request_for(path, *, reader="pyav", seconds=30.0):
    return Request(
        reader=reader,
        path=str(path),
        name=path.name,
        samplings=None,
        limits=Limits(seconds_to_decode=seconds),
    )


def children():
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            found.update((task / "children").read_text().split())
    return {child for child in found if _decodes(child)}


def _decodes(child):
    try:
        return str(ENTRANCE).encode() in Path("/proc", child, "cmdline").read_bytes()
    except FileNotFoundError:
        return False


@pytest.fixture(autouse=True)
def _no_workers_left():
    pool.close()
    yield
    pool.close()


@pytest.fixture
def endless(tmp_path):
    """A pipe that nobody writes to: native code that opens it never comes back."""
    path = tmp_path / "endless.mp4"
    os.mkfifo(path)
    return path


@linux
@pytest.mark.parametrize("reader", ["pyav", "decord"])
def test_a_hanging_decoder_is_killed_at_the_deadline(endless, reader):
    before = children()
    start = time.monotonic()
    with (
        pool.borrowed(request_for(endless, reader=reader, seconds=1.0)) as worker,
        pytest.raises(WorkerExpiredError),
    ):
        worker.answer()
    assert time.monotonic() - start > 0.9  # not before it
    assert children() == before


@linux
def test_leaving_the_block_ends_the_worker(endless):
    before = children()
    with pytest.raises(KeyboardInterrupt), pool.borrowed(request_for(endless)):
        raise KeyboardInterrupt
    assert children() == before


def test_a_worker_that_dies_is_noticed(endless):
    with pool.borrowed(request_for(endless)) as worker:
        os.kill(worker._process.pid, signal.SIGSEGV)
        with pytest.raises(WorkerLostError) as lost:
            worker.answer()
    assert not isinstance(lost.value, WorkerExpiredError)


def test_death_of_the_decoder_is_a_named_error(make, monkeypatch):
    def die(_worker):
        raise WorkerLostError

    monkeypatch.setattr(Worker, "answer", die)
    with pytest.raises(UnreadableClip, match=r"a\.mp4 crashes the decoder"):
        read_clip(make("a.mp4", count=8))


@linux
def test_the_worker_dies_with_its_parent(endless):
    code = (
        "import sys, time; from pathlib import Path; from tests.video.test_worker import *;"
        "worker = Worker('pyav'); worker.ask(request_for(Path(sys.argv[1])));"
        "time.sleep(1); print(worker._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(endless)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        worker = Path("/proc", parent.stdout.readline().strip())
        assert worker.exists()
        parent.kill()
    deadline = time.monotonic() + 5
    while worker.exists() and "\nState:\tZ" not in (worker / "status").read_text():
        assert time.monotonic() < deadline, "the worker outlived its parent"
        time.sleep(0.02)


def test_the_worker_starts_light():
    code = (
        f"import runpy, sys; runpy.run_path({str(ENTRANCE)!r})"
        "['_name_packages_without_running_them']();"
        "import maagn.video.decoder.serve, maagn.video.decoder.with_pyav;"
        "print({'torch', 'jaxtyping', 'cv2', 'decord'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


@linux
def test_the_worker_confines_itself(endless):
    with pool.borrowed(request_for(endless)) as worker:
        limits = Path("/proc", str(worker._process.pid), "limits")
        deadline = time.monotonic() + 5
        while "4000000000" not in limits.read_text():
            assert time.monotonic() < deadline, limits.read_text()
            time.sleep(0.02)


def test_what_native_code_prints_does_not_reach_the_answers():
    code = (
        "import os; from maagn.video.decoder.serve import private_stdout;"
        "stream = private_stdout(); os.write(1, b'noise'); print('more', flush=True);"
        "stream.write(b'answer')"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert run.stdout == b"answer"


def test_many_at_once_do_not_mix(make):
    paths = [make(f"{count}.mp4", count=count) for count in (8, 9, 10, 11)]
    with ThreadPoolExecutor(4) as threads:
        clips = list(threads.map(read_clip, paths))
    assert [numbers(clip.frames) for clip in clips] == [list(range(n)) for n in (8, 9, 10, 11)]


@linux
def test_a_sound_worker_is_used_again(make):
    path = make("a.mp4", count=8)
    read_clip(path)
    first = children()
    assert len(first) == 1
    assert numbers(read_clip(path).frames) == list(range(8))
    assert children() == first
    pool.close()
    assert not children()


@linux
def test_a_worker_that_saw_a_bad_file_is_not_used_again(make, tmp_path):
    (tmp_path / "noise.mp4").write_bytes(b"\0\0\0\x20ftypisom" + os.urandom(5000))
    with pytest.raises(UnreadableClip):
        read_clip(tmp_path / "noise.mp4")
    assert not children()
    path = make("a.mp4", count=8)
    path.write_bytes(path.read_bytes()[:-200])
    with contextlib.suppress(UnreadableClip):
        read_clip(path)
    assert not children()


@linux
def test_a_worker_is_replaced_in_time(make, monkeypatch):
    monkeypatch.setattr(pool, "MOST_ANSWERS", 2)
    path = make("a.mp4", count=8)
    read_clip(path)
    before = children()
    read_clip(path)
    assert not children()
    read_clip(path)
    assert len(children()) == 1
    assert not children() & before


@linux
def test_a_worker_killed_while_it_waits_is_noticed(make):
    path = make("a.mp4", count=8)
    read_clip(path)
    for child in children():
        os.kill(int(child), signal.SIGKILL)
    time.sleep(0.1)
    assert numbers(read_clip(path).frames) == list(range(8))


@linux
def test_workers_outlive_the_thread_that_asked(make):
    path = make("a.mp4", count=8)
    with ThreadPoolExecutor(1) as other:
        other.submit(read_clip, path).result()
    time.sleep(0.2)  # the thread is gone; a parent's death signal would have come
    first = children()
    assert len(first) == 1
    read_clip(path)
    assert children() == first


@linux
def test_few_workers_at_a_time(make):
    path = make("a.mp4", count=8)
    seen = []

    def look(_):
        read_clip(path)
        seen.append(len(children()))

    with ThreadPoolExecutor(8) as many:
        list(many.map(look, range(16)))
    assert max(seen) <= pool.READS + pool.IDLE
    assert len(children()) <= pool.IDLE
