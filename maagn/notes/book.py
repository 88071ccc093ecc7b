"""A book of notes: write, find, strike out and export notes on clips; save and reopen slices.

One database holds the books of many people. A book sees what its owner wrote and nothing else.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from maagn.errors import NotesError
from maagn.notes.database import MAX_OWNER, address, notes, reading, slices, tags, writing
from maagn.spreadsheet import cell

MAX_TEXT = 10_000
MAX_TAG = 60
MAX_NAME = 120
_COLUMNS = (
    notes.c.id, notes.c.clip, notes.c.model, notes.c.text, notes.c.created, notes.c.updated,
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a clip.

    Attributes:
        number: unique in the database.
        clip: the clip's link text, e.g. `test-6-17`.
        model: the network that the note is about; empty for none in particular.
        tags: lower case, sorted, each once.
        text: plain text.
        created: UTC, ISO 8601.
        updated: the same.
    """

    number: int
    clip: str
    model: str
    tags: tuple[str, ...]
    text: str
    created: str
    updated: str


@dataclass(frozen=True)
class NamedSlice:
    """A slice that somebody gave a name and a guess about why it is hard.

    Attributes:
        name: unique among its owner's.
        hypothesis: plain text.
        query: the slice in JSON.
        created: UTC, ISO 8601.
        updated: the same.
    """

    name: str
    hypothesis: str
    query: str
    created: str
    updated: str


@dataclass(frozen=True)
class Book:
    """One owner's notes in a database, which is made when the first is written.

    Attributes:
        url: SQLAlchemy's address of the database.
        owner: who the notes belong to; "" is the local book, of whoever runs the program.

    Raises:
        NotesError: the owner's name is too long to be kept whole.
    """

    url: str = field(repr=False)  # it may hold a password
    owner: str = ""

    def __post_init__(self) -> None:
        if len(self.owner) > MAX_OWNER:
            raise NotesError(
                f"Notes belong to a name of up to {MAX_OWNER} characters, this one has "
                f"{len(self.owner)}: ask whoever runs the login for a shorter one."
            )

    @classmethod
    def open(cls, *, owner: str = "") -> "Book":
        """The book at MAAGN_DATABASE, else in the person's data folder; opens nothing yet."""
        return cls(address(), owner)

    def write(
        self, clip: str, text: str, *, model: str = "", given: Sequence[str] = (), number: int = 0
    ) -> int:
        """Keep a note and give its number.

        Args:
            clip: the clip's link text.
            text: up to `MAX_TEXT` characters; may be empty where there are tags.
            model: the network that it is about.
            given: tags.
            number: of the note that this one takes the place of; 0 for a new one.

        Raises:
            NotesError: nothing to keep, too long, no such note of this owner's, or a
                database out of reach.
        """
        kept, text = tidy(given), _plain(text)
        if not text.strip() and not kept:
            raise NotesError("There is nothing to keep: write a text or a tag.")
        if len(text) > MAX_TEXT:
            raise NotesError(f"A note has up to {MAX_TEXT} characters, this one {len(text)}.")
        now = _now()
        values = {"clip": clip, "model": model, "text": text.strip(), "updated": now}
        with writing(self.url) as connection:
            if number:
                changed = connection.execute(
                    update(notes)
                    .where(notes.c.id == number, notes.c.owner == self.owner)
                    .values(values)
                )
                if not changed.rowcount:
                    raise NotesError("This note is no longer there: save it as a new one.")
                connection.execute(delete(tags).where(tags.c.note == number))
            else:
                made = connection.execute(
                    insert(notes).values(**values, owner=self.owner, created=now)
                )
                number = made.inserted_primary_key[0] if made.inserted_primary_key else 0
            if kept:
                connection.execute(insert(tags), [{"note": number, "tag": tag} for tag in kept])
        return number

    def strike(self, number: int) -> None:
        """Take a note out with its tags; nothing happens if it is gone already, or another's."""
        with writing(self.url) as connection:
            connection.execute(
                delete(notes).where(notes.c.id == number, notes.c.owner == self.owner)
            )

    def find(self, *, text: str = "", tag: str = "", clip: str = "") -> tuple[Note, ...]:
        """Notes that have the text (in any case), the tag and the clip asked for, latest first."""
        query = (
            select(*_COLUMNS)
            .where(notes.c.owner == self.owner)
            .order_by(notes.c.updated.desc(), notes.c.id.desc())
        )
        text, tag, clip = map(_plain, (text, tag, clip))
        if text.strip():
            wanted = text.strip().lower()
            tagged = select(tags.c.note).where(tags.c.tag.contains(wanted, autoescape=True))
            query = query.where(
                or_(
                    func.lower(notes.c.text).contains(wanted, autoescape=True),
                    notes.c.id.in_(tagged),
                )
            )
        if tag:
            query = query.where(notes.c.id.in_(select(tags.c.note).where(tags.c.tag == tag)))
        if clip:
            query = query.where(notes.c.clip == clip)
        with reading(self.url) as connection:
            if connection is None:
                return ()
            rows = connection.execute(query).all()
            known = self._tags(connection)
            return tuple(_note(tuple(row), known) for row in rows)

    def tags(self) -> tuple[str, ...]:
        """Every tag in use, sorted."""
        query = select(tags.c.tag).where(tags.c.note.in_(self._own()))
        with reading(self.url) as connection:
            if connection is None:
                return ()
            return tuple(sorted(connection.execute(query.distinct()).scalars()))

    def save_slice(self, name: str, query: str, *, hypothesis: str = "") -> None:
        """Keep a slice under a name; the same name again replaces it.

        Raises:
            NotesError: no name, one too long, or a database out of reach.
        """
        name = _plain(name).strip()
        if not 0 < len(name) <= MAX_NAME:
            raise NotesError(f"A slice needs a name of 1 to {MAX_NAME} characters.")
        now = _now()
        values = {"hypothesis": _plain(hypothesis).strip(), "query": query, "updated": now}
        with writing(self.url) as connection:
            replace = update(slices).where(self._named(name)).values(values)
            if not connection.execute(replace).rowcount:
                new = insert(slices).values(owner=self.owner, name=name, created=now, **values)
                try:
                    with connection.begin_nested():
                        connection.execute(new)
                except IntegrityError:  # by another program, since the line before
                    connection.execute(replace)

    def slices(self) -> tuple[NamedSlice, ...]:
        """All slices that were saved, by name."""
        names = [slices.c[field.name] for field in fields(NamedSlice)]
        query = select(*names).where(slices.c.owner == self.owner)
        with reading(self.url) as connection:
            if connection is None:
                return ()
            kept = [NamedSlice(*row) for row in connection.execute(query)]
        # Not by the database: PostgreSQL sorts as its own language does, SQLite by letter codes.
        return tuple(sorted(kept, key=lambda one: one.name))

    def _own(self) -> Select[tuple[int]]:
        """Condition that selects this owner's notes."""
        return select(notes.c.id).where(notes.c.owner == self.owner)

    def _named(self, name: str) -> ColumnElement[bool]:
        """This owner's slice of that name."""
        return and_(slices.c.owner == self.owner, slices.c.name == name)

    def _tags(self, connection: Connection) -> dict[int, list[str]]:
        query = select(tags.c.note, tags.c.tag).where(tags.c.note.in_(self._own()))
        found: dict[int, list[str]] = {}
        for note, tag in sorted((note, tag) for note, tag in connection.execute(query)):
            found.setdefault(note, []).append(tag)
        return found


def tidy(given: Sequence[str]) -> tuple[str, ...]:
    """Tags in lower case, sorted, each once, without a leading `#`.

    Raises:
        NotesError: a tag is too long.
    """
    given = [_plain(tag) for tag in given]
    kept = sorted({" ".join(tag.lower().split()).lstrip("#") for tag in given} - {""})
    for tag in kept:
        if len(tag) > MAX_TAG:
            raise NotesError(f"A tag has up to {MAX_TAG} characters: shorten {tag[:20]!r}.")
    return tuple(kept)


def _note(row: tuple[Any, ...], known: dict[int, list[str]]) -> Note:
    number, clip, model, text, created, updated = row
    return Note(number, clip, model, tuple(known.get(number, ())), text, created, updated)


def _plain(text: str) -> str:
    """Without what no text holds: NUL, which PostgreSQL refuses, and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def as_csv(found: Sequence[Note]) -> str:
    """One row per note, tags joined by `; `.

    A text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    names = [field.name for field in fields(Note)]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for note in found:
        row = {**asdict(note), "tags": "; ".join(note.tags)}
        writer.writerow({name: cell(value) for name, value in row.items()})
    return out.getvalue()


def as_json(found: Sequence[Note], slices: Sequence[NamedSlice] = ()) -> str:
    """Notes and slices, with the slices' queries as they were saved."""
    named = [{**asdict(one), "query": json.loads(one.query)} for one in slices]
    whole = {"notes": [asdict(note) for note in found], "slices": named}
    return json.dumps(whole, ensure_ascii=False, indent=2)
