"""People who share a database see and strike only what is theirs."""

import pytest

from maagn.errors import NotesError
from maagn.notes.book import Book

ADA = "https://login.example|ada"
BOB = "https://login.example|bob"


@pytest.fixture
def books(database) -> tuple[Book, Book, Book]:
    url = database
    return Book(url, ADA), Book(url, BOB), Book(url)


def test_each_finds_their_own_notes_and_tags_alone(books):
    for book, word in zip(books, ("first", "second", "third"), strict=True):
        book.write("test-6-17", f"the {word} lid", given=[word, "lid"])
    for book, word in zip(books, ("first", "second", "third"), strict=True):
        assert [note.text for note in book.find()] == [f"the {word} lid"]
        assert [note.text for note in book.find(text="lid")] == [f"the {word} lid"]
        assert [note.tags for note in book.find(tag="lid")] == [tuple(sorted((word, "lid")))]
        assert [note.text for note in book.find(clip="test-6-17")] == [f"the {word} lid"]
        assert book.tags() == tuple(sorted((word, "lid")))
    assert books[0].find(tag="second") == ()


def test_nobody_strikes_or_replaces_what_is_anothers(books):
    ada, bob, local = books
    number = ada.write("test-6-17", "mine", given=["kept"])
    for stranger in (bob, local):
        stranger.strike(number)
        with pytest.raises(NotesError, match="no longer there"):
            stranger.write("test-6-17", "taken", given=["taken"], number=number)
    (note,) = ada.find()
    assert (note.text, note.tags) == ("mine", ("kept",))
    ada.strike(number)
    assert ada.find() == ()
    assert ada.tags() == ()


def test_a_slice_has_its_name_once_an_owner(books):
    bob = books[1]
    for book, guess in zip(books, ("a", "b", "c"), strict=True):
        book.save_slice("blurred", "[]", hypothesis=guess)
    bob.save_slice("blurred", "[]", hypothesis="better")
    guesses = [[one.hypothesis for one in book.slices()] for book in books]
    assert guesses == [["a"], ["better"], ["c"]]


def test_a_name_that_could_not_be_kept_whole_is_refused(books):
    with pytest.raises(NotesError, match="up to 512 characters"):
        Book(books[0].url, "x" * 513)
