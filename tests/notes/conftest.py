"""A PostgreSQL of the tests' own: an unprivileged user's, on a free port of 127.0.0.1."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.conftest import lacking

_PATIENCE_SECONDS = 120.0


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The server's address without a database; it ends with the tests, killed ones too."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs or shutil.which("setpriv") is None:
        lacking("no PostgreSQL here: `apt-get install postgresql`")
    folder = Path(tempfile.mkdtemp(prefix="maagn-postgres-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    as_user = ["setpriv", "--pdeathsig", "INT"]  # as this process ends, so does the server
    if os.geteuid() == 0:
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user += [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data, log = folder / "data", folder / "log"
    made = subprocess.run(
        [*as_user, programs[-1], "-D", data, "-U", "tests", "--auth=trust", "--no-sync",
         "--encoding=UTF8", "--locale=C"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as lines:
        server = subprocess.Popen(
            [*as_user, programs[-1].with_name("postgres"), "-D", data, "-p", str(port),
             "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
             "-c", "fsync=off"],
            cwd=folder, stdout=lines, stderr=lines,
        )  # fmt: skip
    address = f"postgresql://tests@127.0.0.1:{port}"
    try:
        _wait(server, address, log)
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # whoever is still connected is not waited for
        server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    engine = create_engine(f"{address}/postgres".replace("://", "+psycopg://"))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.1)
        else:
            engine.dispose()
            return


@pytest.fixture
def postgres(postgres_server: str, request: pytest.FixtureRequest) -> str:
    """The address of a new database, in the form that people write."""
    name = f"notes_{abs(hash(request.node.nodeid))}"
    engine = create_engine(
        f"{postgres_server}/postgres".replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{postgres_server}/{name}"
