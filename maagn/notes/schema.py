"""The notes' tables, and the version by which a database is known to be ours."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

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
