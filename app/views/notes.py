"""What a person notes about clips: a form for the one of the sidebar, then all that was noted."""

from functools import partial

import pandas as pd
import streamlit as st

from app import controls, elements, page, session
from app.elements import markdown
from app.gallery.catalogue import gallery
from app.selection import ClipChoice
from app.server import login
from maagn.errors import MaagnError
from maagn.notes.book import Book, as_csv, as_json


def show(clip: ClipChoice, model: str) -> None:
    """A form about the clip of the sidebar, then all notes.

    Args:
        clip: that the next note is about.
        model: whose answers are on the page.
    """
    book = Book.open(owner=login.owner())
    _form(book, clip, model)
    try:
        _list(book)
    except MaagnError as error:
        elements.show(error)


def _form(book: Book, clip: ClipChoice, model: str) -> None:
    if clip.link is None:
        first = gallery()[0].choice()
        elements.dead_end(
            "Notes are kept for clips of the gallery and of the test split.",
            key="notes",
            ways={"Open a clip of the gallery": partial(session.choose_clip, first)},
        )
        return
    with st.form("note", clear_on_submit=True):
        st.markdown(f"**A note on {markdown(clip.name)}**")
        text = st.text_area("Note", height=80)
        tags = st.text_input("Tags, separated by commas")
        if st.form_submit_button("Keep"):
            try:
                book.write(clip.link, text, model=model, given=tags.split(","))
                st.success("Kept.")
            except MaagnError as error:
                elements.show(error)


def _list(book: Book) -> None:
    left, right = st.columns([2, 1])
    text = left.text_input("Find", key="note_text", placeholder="words of a note or a tag")
    tag = right.selectbox("Tag", ["any", *book.tags()], key="note_tag")
    found = book.find(text=text, tag="" if tag == "any" else tag)
    if not found:
        st.info("No matching notes yet: write one above.")
        return
    rows = [
        {"clip": one.clip, "note": one.text, "tags": ", ".join(one.tags), "model": one.model,
         "written": one.updated}
        for one in found
    ]  # fmt: skip
    state = elements.table(
        pd.DataFrame(rows), key="notes", title=f"{len(found)} notes", on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    with st.container(horizontal=True):
        st.download_button("Notes as CSV", as_csv(found), "notes.csv", "text/csv")
        whole = as_json(found, book.slices())
        st.download_button("Notes and slices as JSON", whole, "notes.json", "application/json")
        chosen = state.selection.rows if state is not None else []
        if chosen:
            choice = controls.linked(found[chosen[0]].clip)
            if choice is not None and st.button("Open the clip"):
                page.open_clip(choice)
            if st.button("Strike the note out"):
                book.strike(found[chosen[0]].number)
                st.rerun()
