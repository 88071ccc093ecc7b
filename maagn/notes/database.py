"""Where notes are kept: tables, and how a database of an older version becomes one of this."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, OperationalError

from maagn import folders
from maagn.errors import NotesError

VERSION = 2
MAX_OWNER = 512
# Ids of videos are as long as paths: SQLite takes any length, PostgreSQL the declared one.
_CLIP = String(200).with_variant(Text(), "postgresql")
_MODEL = String(100).with_variant(Text(), "postgresql")
metadata = MetaData()

about = Table("maagn_notes", metadata, Column("version", Integer, nullable=False))

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("owner", String(MAX_OWNER), nullable=False, server_default="", index=True),
    Column("clip", _CLIP, nullable=False, index=True),
    Column("model", _MODEL, nullable=False),
    Column("text", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
)

tags = Table(
    "tags",
    metadata,
    Column("note", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(60), primary_key=True),
    Index("tags_by_name", "tag"),
)

slices = Table(
    "slices",
    metadata,
    Column("owner", String(MAX_OWNER), primary_key=True, server_default=""),
    Column("name", String(120), primary_key=True),
    Column("hypothesis", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
)


_OLDEST = 1
# As version 1 had them: one book for all, a name once.
_ownerless = Table(
    "slices",
    MetaData(),
    Column("name", String(120), primary_key=True),
    Column("hypothesis", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("created", String(32), nullable=False),
    Column("updated", String(32), nullable=False),
)


def bring_up(connection: Connection) -> None:
    """Version 1 to 2: everything that was kept belongs to the local book, whose owner is "".

    All within the caller's transaction, so that a program that dies on the way leaves version 1
    (on databases that can undo a change of tables: SQLite, PostgreSQL). Does nothing to any other
    version.
    """
    # First, because it takes the lock: of two programs that begin at once the second waits here,
    # and then finds nothing to do.
    claimed = connection.execute(
        update(about).where(about.c.version == _OLDEST).values(version=VERSION)
    )
    if not claimed.rowcount:
        return
    connection.execute(text("ALTER TABLE notes ADD COLUMN owner VARCHAR(512) DEFAULT '' NOT NULL"))
    for index in notes.indexes:
        if "owner" in index.columns:
            index.create(connection)
    # SQLite cannot change a primary key: the table is made anew.
    kept = connection.execute(select(_ownerless)).mappings().all()
    _ownerless.drop(connection)
    slices.create(connection)
    if kept:
        connection.execute(insert(slices), [{**row, "owner": ""} for row in kept])


VARIABLE = "MAAGN_DATABASE"
_BUSY_SECONDS = 5.0
_REACHED_SECONDS = 5  # a server that does not answer, by a name that leads nowhere
_OURS = 0x4D4141474E  # "MAAGN": of PostgreSQL's advisory locks, the one for making our tables
_POSTGRES = "postgresql"
_DRIVER = "postgresql+psycopg"  # of `maagn[postgres]`
_BUSY = ("55P03", "40P01", "40001")  # PostgreSQL: a lock not given, a deadlock, a serialization


def address() -> str:
    """The database's URL: MAAGN_DATABASE, else a file in the person's data folder."""
    given = os.environ.get(VARIABLE)
    if given:
        return given
    return f"sqlite:///{folders.data_folder() / 'notes.db'}"


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
                metadata.create_all(connection)
                connection.execute(insert(about).values(version=VERSION))
            yield connection


def _ready(connection: Connection) -> bool:
    """Whether our tables are there; those of an older version are brought up first.

    Raises:
        NotesError: they are of another version.
    """
    if not inspect(connection).has_table(about.name):
        return False
    version = _version(connection)
    if version is not None and version < VERSION:
        bring_up(connection)
        version = _version(connection)
    if version != VERSION:
        raise NotesError(
            f"The notes were written by another version of this program ({version}, "
            f"here {VERSION}): point {VARIABLE} to another database."
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
    return connection.execute(select(about.c.version)).scalar()


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
