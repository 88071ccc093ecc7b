"""A server of Streamlit in a process of its own: for tests, benchmarks and screenshots."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 180
LOOK_SECONDS = 0.2
END_SECONDS = 60  # of a machine that has other things to do


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_of(port: int) -> str:
    """Its address on this machine."""
    return f"http://127.0.0.1:{port}"


@contextmanager
def served(
    command: Sequence[str],
    port: int,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    children: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command; the block begins once it serves on that port of 127.0.0.1, and ends it.

    Args:
        command: its words.
        port: where it was told to serve.
        environment: in addition to this process's own.
        folder: where it runs; the project's root has `app`, `maagn` and the settings.
        children: whether to end what it started as well, such as the server that `make` started.

    Raises:
        RuntimeError: it has ended, or does not serve within `START_SECONDS`.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=children,
    )
    try:
        _wait(process, port)
        yield process
    finally:
        if children:
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
        process.wait(timeout=END_SECONDS)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url_of(port)}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"{process.args} did not serve on port {port} in {START_SECONDS} s")
