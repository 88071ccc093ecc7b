"""Notes of version 1, as its program left them, open in this one with nothing lost."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from maagn.notes import database
from maagn.notes.book import Book

# What version 1 made, word by word.
VERSION_1 = """
CREATE TABLE maagn_notes (version INTEGER NOT NULL);
CREATE TABLE notes (
    id INTEGER NOT NULL, clip VARCHAR(200) NOT NULL, model VARCHAR(100) NOT NULL,
    text TEXT NOT NULL, created VARCHAR(32) NOT NULL, updated VARCHAR(32) NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_notes_clip ON notes (clip);
CREATE TABLE slices (
    name VARCHAR(120) NOT NULL, hypothesis TEXT NOT NULL, query TEXT NOT NULL,
    created VARCHAR(32) NOT NULL, updated VARCHAR(32) NOT NULL, PRIMARY KEY (name)
);
CREATE TABLE tags (
    note INTEGER NOT NULL, tag VARCHAR(60) NOT NULL, PRIMARY KEY (note, tag),
    FOREIGN KEY(note) REFERENCES notes (id) ON DELETE CASCADE
);
CREATE INDEX tags_by_name ON tags (tag);
INSERT INTO maagn_notes VALUES (1);
INSERT INTO notes VALUES (3, 'test-6-17', 'tsm-demo', 'the lid', '2025-01-01', '2025-01-02');
INSERT INTO notes VALUES (7, 'test-7-3', '', 'it''s blurred', '2025-01-03', '2025-01-03');
INSERT INTO tags VALUES (3, 'hand'), (3, 'lid');
INSERT INTO slices VALUES ('blurred', 'why', '[]', '2025-01-01', '2025-01-04');
"""
OWNER = "https://login.example|ada"


@pytest.fixture
def old(tmp_path) -> Book:
    with sqlite3.connect(tmp_path / "notes.db") as plain:
        plain.executescript(VERSION_1)
    return Book(f"sqlite:///{tmp_path / 'notes.db'}")


def ask(book: Book, question: str) -> list[tuple]:
    with sqlite3.connect(book.url.removeprefix("sqlite:///")) as plain:
        return plain.execute(question).fetchall()


def test_everything_is_in_the_local_book_and_in_nobody_elses(old):
    first, second = sorted(old.find(), key=lambda note: note.number)
    assert (first.number, first.clip, first.model) == (3, "test-6-17", "tsm-demo")
    assert first.tags == ("hand", "lid")
    assert (first.text, first.created, first.updated) == ("the lid", "2025-01-01", "2025-01-02")
    assert (second.number, second.text) == (7, "it's blurred")
    (named,) = old.slices()
    assert (named.name, named.hypothesis, named.updated) == ("blurred", "why", "2025-01-04")
    stranger = Book(old.url, OWNER)
    assert (stranger.find(), stranger.tags(), stranger.slices()) == ((), (), ())
    assert ask(old, "SELECT version FROM maagn_notes") == [(2,)]


def test_a_first_write_brings_it_up_too_and_names_are_free_for_others(old):
    other = Book(old.url, OWNER)
    other.save_slice("blurred", "[]", hypothesis="another")
    assert other.write("test-1-1", "new") == 8
    assert [one.hypothesis for one in old.slices()] == ["why"]
    assert len(old.find()) == 2


def test_what_was_brought_up_has_the_shape_of_what_is_made_new(old, tmp_path):
    old.find()
    new = Book(f"sqlite:///{tmp_path / 'new.db'}")
    new.write("a", "b")
    for table in database.metadata.tables:
        columns = (
            f"SELECT name, type, [notnull], pk FROM pragma_table_info('{table}') ORDER BY name"
        )
        assert ask(old, columns) == ask(new, columns)
    indexes = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY name"
    assert ask(old, indexes) == ask(new, indexes)


def test_what_fails_on_the_way_leaves_version_1_whole(old, monkeypatch):
    def fail(_connection: object) -> None:
        raise RuntimeError("pulled the plug")

    with monkeypatch.context() as broken:
        broken.setattr(database.slices, "create", fail)
        with pytest.raises(RuntimeError, match="plug"):
            old.find()
    assert ask(old, "SELECT version FROM maagn_notes") == [(1,)]
    assert ask(old, "SELECT name FROM slices") == [("blurred",)]
    assert "owner" not in [row[1] for row in ask(old, "PRAGMA table_info(notes)")]
    assert len(old.find()) == 2
    assert len(old.slices()) == 1


def test_many_who_come_first_at_once_bring_it_up_once(old):
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: len(old.find()), range(8)))
    assert found == [2] * 8
    assert ask(old, "SELECT name, owner FROM slices") == [("blurred", "")]
