"""A run that is killed at any moment, and goes on: nothing lost, nothing twice, the same bytes.

`make kills` does it at full size: twenty kills of a run of 300 videos.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.evaluate.conftest import GALLERY

KILLS = int(os.environ.get("MAAGN_KILLS", "3"))
VIDEOS = int(os.environ.get("MAAGN_KILLS_VIDEOS", "32"))
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Videos of one class, some of them empty."""
    place = tmp_path_factory.mktemp("set") / "Opening something"
    place.mkdir()
    for number in range(VIDEOS):
        path = place / f"{number:04d}.mp4"
        shutil.copy(GALLERY[number % len(GALLERY)], path)
        if number % 13 == 5:
            path.write_bytes(b"")
    return place.parent


def command(folder, out, *, processes=1):
    launcher = [sys.executable, "-m"]
    if processes > 1:
        launcher += ["torch.distributed.run", f"--nproc-per-node={processes}", "-m"]
    options = ["--data", str(folder), "--model", "tsm-demo", "--batch", "4", "--out", str(out)]
    return [*launcher, "maagn", "evaluate", *options]


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    begun = time.monotonic()
    subprocess.run(command(folder, out), check=True, capture_output=True, env=ENVIRONMENT)
    return out, time.monotonic() - begun


def stored(out):
    return {one.name: one.stat().st_mtime_ns for one in (out / "parts").glob("*.parquet")}


@pytest.mark.timeout(3600)
def test_killed_at_any_moment_it_goes_on_to_the_same_bytes(folder, whole, tmp_path):
    """No batch is asked twice: what was on disk stays as it was."""
    first, seconds = whole
    out = tmp_path / "run"
    chance = random.Random(0)
    killed = 0
    while killed < KILLS:
        before = stored(out)
        running = subprocess.Popen(
            command(folder, out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        # From the first import to, with luck, the table's last byte.
        time.sleep(chance.uniform(0, max(seconds / (1 + KILLS / 4), 6)))
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        killed += 1
        after = stored(out)
        assert before.items() <= after.items()
    subprocess.run(command(folder, out), check=True, capture_output=True, env=ENVIRONMENT)
    for name in ("answers.parquet", "videos.parquet", "manifest.json"):
        assert (out / name).read_bytes() == (first / name).read_bytes()
    assert not list(out.glob("**/*.part"))


@pytest.mark.timeout(3600)
def test_two_processes_give_the_bytes_of_one(folder, whole, tmp_path):
    first, alone = whole
    out = tmp_path / "run"
    begun = time.monotonic()
    subprocess.run(
        command(folder, out, processes=2), check=True, capture_output=True, env=ENVIRONMENT
    )
    print(f"one process {alone:.1f} s, two {time.monotonic() - begun:.1f} s, {VIDEOS} videos")
    assert (out / "answers.parquet").read_bytes() == (first / "answers.parquet").read_bytes()
    batches = sorted(stored(out))
    assert batches == sorted(stored(first))  # each of them once, none of them padded
