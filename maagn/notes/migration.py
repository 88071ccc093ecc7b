"""A database of an older version brought to this one, in place, with nothing lost."""

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    text,
    update,
)

from maagn.notes import schema

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
        update(schema.about).where(schema.about.c.version == _OLDEST).values(version=schema.VERSION)
    )
    if not claimed.rowcount:
        return
    connection.execute(text("ALTER TABLE notes ADD COLUMN owner VARCHAR(512) DEFAULT '' NOT NULL"))
    for index in schema.notes.indexes:
        if "owner" in index.columns:
            index.create(connection)
    # SQLite cannot change a primary key: the table is made anew.
    kept = connection.execute(select(_ownerless)).mappings().all()
    _ownerless.drop(connection)
    schema.slices.create(connection)
    if kept:
        connection.execute(insert(schema.slices), [{**row, "owner": ""} for row in kept])
