"""Where notes are kept: a file of the person's own, or any database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
)

from maagn.errors import MaagnError
from maagn.notes import migration, schema

VARIABLE = "MAAGN_DATABASE"
_BUSY_SECONDS = 5.0
_REACHED_SECONDS = 5  # a server that does not answer, by a name that leads nowhere
_OURS = 0x4D4141474E  # "MAAGN": of PostgreSQL's advisory locks, the one for making our tables
_POSTGRES = "postgresql"
_DRIVER = "postgresql+psycopg"  # of `maagn[postgres]`
_BUSY = ("55P03", "40P01", "40001")  # PostgreSQL: a lock not given, a deadlock, a serialization


class NotesError(MaagnError):
    """Notes that cannot be read or kept."""


def address() -> str:
    """The database's URL: MAAGN_DATABASE, else a file in the person's data folder."""
    given = os.environ.get(VARIABLE)
    if given:
        return given
    folder = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return f"sqlite:///{Path(folder) / 'maagn' / 'notes.db'}"


@contextmanager
def reading(url: str) -> Iterator[Connection | None]:
    """A connection to read by; None while nothing has been written yet.

    Raises:
        NotesError: locked, out of reach, or not ours.
    """
    with _named_errors():
        file = _file(url)
        if file is not None and not file.exists():
            yield None
            return
        with _engine(url).connect() as connection:
            ready = _ready(connection)
            connection.commit()  # what brought an older version up stays
            yield connection if ready else None


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A transaction, in a database that is made if there is none.

    Raises:
        NotesError: locked, out of reach, or not ours.
    """
    with _named_errors():
        file = _file(url)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        with _engine(url).begin() as connection:
            if not _ready(connection) and not _made_meanwhile(connection):
                schema.metadata.create_all(connection)
                connection.execute(insert(schema.about).values(version=schema.VERSION))
            yield connection


def _ready(connection: Connection) -> bool:
    """Whether our tables are there; those of an older version are brought up first.

    Raises:
        NotesError: they are of another version.
    """
    if not inspect(connection).has_table(schema.about.name):
        return False
    version = _version(connection)
    if version is not None and version < schema.VERSION:
        migration.bring_up(connection)
        version = _version(connection)
    if version != schema.VERSION:
        raise NotesError(
            f"The notes were written by another version of this program ({version}, "
            f"here {schema.VERSION}): point {VARIABLE} to another database."
        )
    return True


def _made_meanwhile(connection: Connection) -> bool:
    """Whether another program has made our tables, once this one alone may make them."""
    if connection.dialect.name == _POSTGRES:
        connection.execute(select(func.pg_advisory_xact_lock(_OURS)))
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    return _ready(connection)


def _version(connection: Connection) -> int | None:
    return connection.execute(select(schema.about.c.version)).scalar()


def _file(url: str) -> Path | None:
    """The file of an SQLite address; None for a server or for memory."""
    parsed = _parsed(url)
    named = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None


def _parsed(url: str) -> URL:
    """The address in its parts; PostgreSQL by the driver that comes with `maagn[postgres]`.

    Raises:
        NotesError: it is none.
    """
    try:
        parsed = make_url(url.strip())
        parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):  # whose words may hold a password
        raise _no_database() from None
    if parsed.drivername in (_POSTGRES, "postgres"):
        return parsed.set(drivername=_DRIVER)
    return parsed


@lru_cache(maxsize=8)
def _engine(url: str) -> Engine:
    parsed = _parsed(url)
    if parsed.drivername == _DRIVER:
        return _server(parsed)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA journal_mode=WAL")  # readers do not wait for a writer

    return engine


def _server(parsed: URL) -> Engine:
    """PostgreSQL: as patient as SQLite is, with a server that does not answer and with a lock."""
    waits = {} if "connect_timeout" in parsed.query else {"connect_timeout": _REACHED_SECONDS}
    engine = create_engine(parsed, pool_pre_ping=True, connect_args=waits)

    @event.listens_for(engine, "begin")
    def _prepare(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")

    return engine


def _no_database() -> NotesError:
    return NotesError(
        f"{VARIABLE} names no database: write e.g. sqlite:////folder/notes.db or "
        "postgresql://localhost/notes."
    )


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise _no_database() from error
    except ImportError as error:
        missing = error.name or ""
        driver = "'maagn[postgres]'" if "psycopg" in missing or not missing else missing
        raise NotesError(
            f"Notes in this database need a driver that is not installed: `pip install {driver}`."
        ) from error
    except OperationalError as error:
        if "locked" in str(error.orig) or getattr(error.orig, "sqlstate", "") in _BUSY:
            raise NotesError(
                "The notes are being written by another program: wait a moment, then try again."
            ) from error
        raise NotesError(
            f"The notes' database cannot be reached: check {VARIABLE}, and that it may be written "
            "or its server lets you in."
        ) from error
    except DataError as error:
        raise NotesError(
            "The notes' database cannot keep this: a name in it is too long, or is no text."
        ) from error
    except (DBAPIError, OSError) as error:
        raise NotesError(
            f"The notes' database cannot be used: point {VARIABLE} to another one."
        ) from error
