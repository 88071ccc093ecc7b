"""The app as people start it, with no network but loopback, and a record of what it asked for."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.served import ROOT, free_port, served, url_of

GUARD = Path(__file__).parent / "guard"


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
        return url_of(self.port)

    def ports(self) -> set[int]:
        """Where on this machine it connected to so far."""
        lines = [line for line in self.asked() if line.startswith("own socket.connect")]
        return {int(line.rpartition(",")[2].strip(" )")) for line in lines}

    def asked(self) -> list[str]:
        """The lines of the record so far."""
        return self.record.read_text().splitlines() if self.record.exists() else []


@contextmanager
def guarded(
    folder: Path, environment: Mapping[str, str], options: Sequence[str] = ()
) -> Iterator[Guarded]:
    """Start the app with the project's own settings; only its port and these options are set."""
    port, record = free_port(), folder / "asked.txt"
    own = {
        "PYTHONPATH": f"{GUARD}{os.pathsep}{ROOT}",
        "MAAGN_GUARD": str(record),
        "MAAGN_DATABASE": f"sqlite:///{folder / 'notes.db'}",
    }
    command = [sys.executable, "-m", "app", f"--server.port={port}", *options]
    with served(command, port, environment={**own, **environment}) as process:
        yield Guarded(port, record, process.pid)
