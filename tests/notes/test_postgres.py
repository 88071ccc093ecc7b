"""Notes on a real PostgreSQL, by the address that people write."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from maagn.errors import NotesError
from maagn.notes import database
from maagn.notes.book import Book
from tests.notes.test_migration import VERSION_1

ROOT = Path(__file__).parents[2]
MANY = """
import sys
from maagn.notes.book import Book
book = Book(sys.argv[1])
for number in range(40):
    book.write("test-6-17", f"{sys.argv[2]} {number}", given=["both", sys.argv[2]])
    book.save_slice(f"{sys.argv[2]} {number % 3}", "[]")
"""


@pytest.fixture
def book(postgres_database) -> Book:
    return Book(postgres_database)


def test_reading_finds_nothing_and_makes_nothing(book):
    assert book.find() == ()
    assert book.tags() == ()
    assert book.slices() == ()


def test_notes_and_tags_are_kept_found_changed_and_struck(book):
    first = book.write("test-6-17", "The lid never moves", model="tsm-demo", given=["Lid", "hand"])
    book.write("test-7-3", "it's 100 % blurred")
    assert [note.text for note in book.find(text="LID")] == ["The lid never moves"]
    assert [note.text for note in book.find(text="0 %")] == ["it's 100 % blurred"]
    assert [note.number for note in book.find(tag="lid")] == [first]
    assert [note.clip for note in book.find(clip="test-7-3")] == ["test-7-3"]
    assert book.write("test-6-17", "It does", number=first, given=["moves"]) == first
    assert book.tags() == ("moves",)
    book.strike(first)
    assert [note.clip for note in book.find()] == ["test-7-3"]
    assert book.tags() == ()


def test_owners_and_slices_are_kept_apart(book):
    ada = Book(book.url, "https://login.example|ada")
    ada.save_slice("blurred", "[1]", hypothesis="motion")
    book.save_slice("blurred", "[2]")
    book.save_slice("blurred", "[3]")
    assert [(one.query, one.hypothesis) for one in ada.slices()] == [("[1]", "motion")]
    assert [one.query for one in book.slices()] == ["[3]"]


def test_what_postgresql_cannot_hold_is_left_out_and_the_rest_kept(book):
    book.write("test-6-17", "a\0b \ud800 c", given=["t\0ag"])
    assert [(note.text, note.tags) for note in book.find()] == [("ab ? c", ("tag",))]


def test_notes_of_version_1_are_brought_up_with_nothing_lost(book):
    engine = create_engine(book.url.replace("://", "+psycopg://"))
    with engine.begin() as connection:
        for statement in VERSION_1.replace("id INTEGER", "id SERIAL").split(";"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(text("SELECT setval('notes_id_seq', 7)"))
    assert [(note.number, note.tags) for note in book.find()] == [(7, ()), (3, ("hand", "lid"))]
    assert [one.name for one in book.slices()] == ["blurred"]
    assert book.write("test-1-1", "new") == 8
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version FROM maagn_notes")).scalar_one() == 2
    engine.dispose()


def test_two_programs_begin_and_write_at_once(book):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, book.url, name],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )
        for name in ("ada", "bob")
    ]  # fmt: skip
    for writer in writers:
        _, errors = writer.communicate(timeout=200)
        assert writer.returncode == 0, errors
    notes = book.find(tag="both")
    assert len({note.number for note in notes}) == 80
    assert sorted(note.text for note in notes) == sorted(
        f"{name} {number}" for name in ("ada", "bob") for number in range(40)
    )
    assert len(book.slices()) == 6


def test_a_server_out_of_reach_is_one_sentence_without_the_password():
    with pytest.raises(NotesError, match="cannot be reached") as refused:
        Book("postgresql://ada:hush-hush@127.0.0.1:1/none").find()
    assert "hush-hush" not in str(refused.value)


def test_a_missing_driver_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    database._engine.cache_clear()
    with pytest.raises(NotesError, match=r"pip install 'maagn\[postgres\]'"):
        Book("postgresql://ada@127.0.0.1:1/driverless").find()
