import sqlite3

import pytest
from sqlalchemy import event

from maagn.errors import NotesError
from maagn.notes import database
from maagn.notes.book import Book


@pytest.fixture
def book(tmp_path) -> Book:
    return Book(f"sqlite:///{tmp_path / 'notes.db'}")


def test_the_first_note_makes_a_file_with_a_write_ahead_log(book, tmp_path):
    book.write("test-6-17", "the lid never moves")
    with sqlite3.connect(tmp_path / "notes.db") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_locked_database_is_named(book, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    book.write("a", "first")
    with sqlite3.connect(tmp_path / "notes.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(NotesError, match="by another program"):
            book.write("a", "second")
        other.execute("ROLLBACK")
    assert book.write("a", "second") == 2


def test_notes_of_another_version_are_named(book, tmp_path):
    book.write("a", "x")
    with sqlite3.connect(tmp_path / "notes.db") as plain:
        plain.execute("UPDATE maagn_notes SET version = 99")
    with pytest.raises(NotesError, match="another version"):
        book.find()
    with pytest.raises(NotesError, match="another version"):
        book.write("a", "y")


def test_a_file_that_is_no_database_is_named(tmp_path):
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database at all\n" * 99)
    with pytest.raises(NotesError, match="cannot be used"):
        Book(f"sqlite:///{broken}").find()


def test_a_server_out_of_reach_or_without_driver_is_named():
    with pytest.raises(NotesError, match=r"driver that is not installed|cannot be reached"):
        Book("postgresql+psycopg://nobody@127.0.0.1:1/none").find()


def test_the_address_is_the_variables_or_the_data_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("MAAGN_DATABASE", "postgresql+psycopg://u@h/d")
    assert Book.open().url == "postgresql+psycopg://u@h/d"
    monkeypatch.delenv("MAAGN_DATABASE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Book.open().url == f"sqlite:///{tmp_path}/maagn/notes.db"


def test_a_note_is_replaced_and_struck_with_its_tags(book):
    number = book.write("a", "first", given=["x"])
    assert book.write("a", "second", given=["y"], number=number) == number
    (note,) = book.find()
    assert (note.text, note.tags) == ("second", ("y",))
    book.strike(number)
    assert book.find() == ()
    assert book.tags() == ()
    with pytest.raises(NotesError, match="no longer there"):
        book.write("a", "third", number=number)


def test_what_is_looked_for_is_a_parameter_and_never_part_of_the_query(book):
    book.write("a", "'; DROP TABLE notes; --")
    seen: list[str] = []
    event.listen(
        database._engine(book.url), "before_cursor_execute", lambda *given: seen.append(given[2])
    )
    assert len(book.find(text="'; DROP")) == 1
    assert seen
    assert not any("drop" in one.lower() for one in seen)
