"""Half an hour of 720p through `maagn timeline`: memory does not grow with the film.

    python -m tests.slow.test_timeline --minutes 2 --model maagn-demo

prints the same figures of any film and networks: seconds of the clock and of the processors a
minute of film, and the most memory that all processes together have held.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from maagn.bench.reading import RATE, Filmed, film

MOST_BYTES = 1.5e9
MINUTES = 30.0
_ONCE = 10  # seconds that are encoded, and then repeated


def repeated(path: Path, *, minutes: float) -> Path:
    """A film of that length: moving texture and noise in 720p, H.264; packets are copied."""
    once = film(path.with_name("once.mp4"), Filmed(seconds=_ONCE))
    with av.open(str(once)) as source, av.open(str(path), "w") as output:
        stream = source.streams.video[0]
        copied = output.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.size]
        contents = [(bytes(one), one.pts, one.dts, one.is_keyframe) for one in packets]
        unit = stream.time_base
        length = round(_ONCE / unit)
        for turn in range(round(60 * minutes / _ONCE)):
            for content, shown, decoded, key in contents:
                packet = av.Packet(content)
                packet.stream, packet.time_base, packet.is_keyframe = copied, unit, key
                packet.pts, packet.dts = shown + turn * length, decoded + turn * length
                output.mux(packet)
    return path


@dataclass(frozen=True)
class Spent:
    """What a command took.

    Attributes:
        seconds: of the clock.
        processor: of the processors, of all its processes.
        most_bytes: resident, of all its processes together; looked at five times a second.
    """

    seconds: float
    processor: float
    most_bytes: int


def spent(words: list[str]) -> Spent:
    """Run `maagn` with those words to its end."""
    begun, before = time.monotonic(), os.times()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    most = 0
    with tempfile.TemporaryFile("w+") as said:  # a pipe that nobody empties would stop it
        process = subprocess.Popen(
            [sys.executable, "-m", "maagn", *words],
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            most = max(most, _resident(process.pid))
            time.sleep(0.2)
        said.seek(0)
        assert process.returncode == 0, said.read()
    after = os.times()
    processor = after.children_user + after.children_system
    processor -= before.children_user + before.children_system
    return Spent(time.monotonic() - begun, processor, most)


def _resident(process: int) -> int:
    """Bytes of a process and all below it, as far as they are still there."""
    folder = Path("/proc") / str(process)
    try:
        pages = int((folder / "statm").read_text().split()[1])
        below = [
            int(child)
            for task in (folder / "task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGESIZE") + sum(map(_resident, below))


@pytest.mark.timeout(3 * 3600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read in /proc")
def test_half_an_hour_of_720p_needs_less_than_a_gigabyte_and_a_half(tmp_path):
    path = repeated(tmp_path / "film.mp4", minutes=MINUTES)
    out = tmp_path / "out"
    found = spent(["timeline", str(path), "--out", str(out)])
    print(found, f"{found.processor / MINUTES:.1f} s of processor a minute of film")
    assert (out / "timeline.csv").stat().st_size > 100_000
    assert found.most_bytes < MOST_BYTES, found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--model", action="append", default=[])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = repeated(Path(folder) / "film.mp4", minutes=given.minutes)
        models = [word for name in given.model for word in ("--model", name)]
        figures = spent(["timeline", str(made), *models])
        print(
            f"{given.minutes:g} minutes of 720p at {RATE} frames a second: a minute takes "
            f"{figures.seconds / given.minutes:.1f} s of the clock and "
            f"{figures.processor / given.minutes:.1f} s of the processors; "
            f"at most {figures.most_bytes / 1e6:.0f} MB"
        )
