import csv
import io
import json

import pytest

from maagn.errors import NotesError
from maagn.notes.book import Book, as_csv, as_json


@pytest.fixture
def book(database) -> Book:
    return Book(database)


def test_reading_makes_no_file_and_finds_nothing(tmp_path):
    book = Book(f"sqlite:///{tmp_path / 'deep' / 'notes.db'}")
    assert book.find() == ()
    assert book.tags() == ()
    assert book.slices() == ()
    assert not (tmp_path / "deep").exists()


def test_notes_are_found_by_text_tag_and_clip(book):
    one = book.write("test-6-17", "The Lid is hidden", model="tsm-demo", given=["#Hand", "hand "])
    book.write("test-7-3", "blurred", given=["motion"])
    assert [note.number for note in book.find(text="lid")] == [one]
    assert [note.clip for note in book.find(text="HAND")] == ["test-6-17"]
    assert [note.tags for note in book.find(tag="hand")] == [("hand",)]
    assert [note.clip for note in book.find(clip="test-7-3")] == ["test-7-3"]
    assert book.find(text="100%") == ()
    assert book.tags() == ("hand", "motion")
    book.write("test-6-17", "It opens late", number=one)
    assert {note.text for note in book.find()} == {"It opens late", "blurred"}
    book.strike(one)
    assert [note.clip for note in book.find()] == ["test-7-3"]


def test_what_cannot_be_kept_is_named_and_nothing_is_lost(book, tmp_path):
    book.write("test-1-1", "kept")
    for wrong in ({"text": " "}, {"text": "x" * 10_001}, {"text": "x", "number": 99}):
        with pytest.raises(NotesError):
            book.write("test-1-1", **wrong)
    assert [note.text for note in book.find()] == ["kept"]
    with pytest.raises(NotesError, match="names no database"):
        Book("nonsense").write("a", "b")
    (tmp_path / "no.db").write_text("this is no database " * 50)
    with pytest.raises(NotesError, match="database"):
        Book(f"sqlite:///{tmp_path / 'no.db'}").find()


def test_slices_and_exports(book):
    book.save_slice("blurred", '[{"factor": "blur", "low": 4.0, "high": null}]', hypothesis="why")
    book.write("test-1-1", "=1+1", given=["a", "b"])
    rows = list(csv.DictReader(io.StringIO(as_csv(book.find()))))
    assert (rows[0]["text"], rows[0]["tags"]) == ("'=1+1", "a; b")
    whole = json.loads(as_json(book.find(), book.slices()))
    assert whole["slices"][0]["query"][0]["factor"] == "blur"
    assert whole["notes"][0]["text"] == "=1+1"
