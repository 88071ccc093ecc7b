"""The databases that notes are kept in: SQLite's file, and a PostgreSQL server of the tests."""

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.programs import program
from tests.served import free_port

START_SECONDS = 60
PASSWORD = "s3cret-word"
USER = "explorer"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server on a free port of 127.0.0.1, without a database's name.

    It runs as a user without rights where root runs the tests, because it refuses root, and ends
    with the tests, also with those that are killed: the system tells it.
    """
    folder = Path(tempfile.mkdtemp(prefix="maagn-postgres-"))
    data, words, log = folder / "data", folder / "password", folder / "log"
    words.write_text(PASSWORD)
    try:
        initdb, server = program("initdb"), program("postgres")
        as_user = _as_user(folder, words)
        made = subprocess.run(
            [*as_user, initdb, "-D", data, "-U", USER, "--pwfile", words, "--no-sync",
             "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        port = free_port()
        settings = {"port": port, "listen_addresses": "127.0.0.1", "fsync": "off",
                    "unix_socket_directories": folder, "deadlock_timeout": "100ms"}  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with log.open("w") as out:
            process = subprocess.Popen(
                [*as_user, server, "-D", data, *options], cwd=folder, stdout=out, stderr=out
            )
        try:
            url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}"
            _wait(process, url, log)
            yield url
        finally:
            process.send_signal(subprocess.signal.SIGQUIT)  # at once: nothing of it is kept
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres: str) -> str:
    """The address of an empty database of that server."""
    name = f"notes_{secrets.token_hex(8)}"
    engine = _engine(f"{postgres}/postgres")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{postgres}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'notes.db'}"
    return request.getfixturevalue("postgres_database")


def _as_user(*given: Path) -> list[str]:
    """What a command begins with to be another's than root's, and to end with this process."""
    setpriv = shutil.which("setpriv")
    ending = [setpriv, "--pdeathsig", "QUIT"] if setpriv else []
    if os.getuid() != 0:
        return ending
    for path in given:
        shutil.chown(path, "nobody", "nogroup")
    other = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    return [program("setpriv"), "--pdeathsig", "QUIT", *other]


def _engine(url: str):
    parsed = url.replace("postgresql:", "postgresql+psycopg:")
    return create_engine(parsed, isolation_level="AUTOCOMMIT")


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    engine = _engine(f"{url}/postgres")
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with engine.connect():
                engine.dispose()
                return
        except OperationalError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}")
