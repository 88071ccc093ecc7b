"""Where notes are kept: a file of the person's own, or any database that they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
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
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from maagn.errors import MaagnError
from maagn.notes import migration, schema

VARIABLE = "MAAGN_DATABASE"
_BUSY_SECONDS = 5.0
_BEGINNING = 0x6D6161676E  # "maagn": the lock by which a PostgreSQL database is begun once


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
            if connection.dialect.name == "postgresql":  # which lets two programs begin at once
                connection.execute(select(func.pg_advisory_xact_lock(_BEGINNING)))
            if not _ready(connection):
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


def _version(connection: Connection) -> int | None:
    return connection.execute(select(schema.about.c.version)).scalar()


def _file(url: str) -> Path | None:
    """The file of an SQLite address; None for a server or for memory."""
    parsed = make_url(url)
    named = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return Path(named) if named and named != ":memory:" else None


@lru_cache(maxsize=8)
def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")  # the driver of `maagn[postgres]`
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:  # noqa: ANN401 - the driver's own
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA journal_mode=WAL")  # readers do not wait for a writer

    return engine


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except (ArgumentError, NoSuchModuleError) as error:
        raise NotesError(
            f"{VARIABLE} names no database: write e.g. sqlite:////folder/notes.db."
        ) from error
    except ModuleNotFoundError as error:
        wanted = "'maagn[postgres]'" if error.name == "psycopg" else error.name
        raise NotesError(
            f"Notes in this database need a driver that is not installed: `pip install {wanted}`."
        ) from error
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise NotesError(
                "The notes are being written by another program: wait a moment, then try again."
            ) from error
        raise NotesError(
            f"The notes' database cannot be reached: check {VARIABLE} and that it may be written."
        ) from error
    except (DBAPIError, OSError) as error:
        raise NotesError(
            f"The notes' database cannot be used: point {VARIABLE} to another one."
        ) from error
