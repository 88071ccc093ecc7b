"""The app as people start it, with no network but loopback, and a record of what it asked for."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).parent / "guard"
START_SECONDS = 180


@dataclass(frozen=True)
class Guarded:
    """A server.

    Attributes:
        port: on 127.0.0.1.
        record: what its sockets were asked for, a line each.
        process: its number.
    """

    port: int
    record: Path
    process: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ports(self) -> set[int]:
        """Where on this machine it connected to so far."""
        lines = [line for line in self.asked() if line.startswith("own socket.connect")]
        return {int(line.rpartition(",")[2].strip(" )")) for line in lines}

    def asked(self) -> list[str]:
        """The lines of the record so far."""
        return self.record.read_text().splitlines() if self.record.exists() else []


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def guarded(
    folder: Path, environment: Mapping[str, str], options: Sequence[str] = ()
) -> Iterator[Guarded]:
    """Start the app with the project's own settings; only its port and these options are set."""
    port, record = free_port(), folder / "asked.txt"
    paths = f"{GUARD}{os.pathsep}{ROOT}"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", f"--server.port={port}", *options],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": paths, "MAAGN_GUARD": str(record)}
        | {"MAAGN_DATABASE": f"sqlite:///{folder / 'notes.db'}"}
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Guarded(port, record, process.pid)
    try:
        _wait(process, server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=60)  # a machine that has other things to do


def _wait(process: subprocess.Popen[bytes], server: Guarded) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the app did not start in {START_SECONDS} s")
