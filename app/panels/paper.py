"""What of the paper is where: its rows, and the code of each module."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import exhibit
from app.guide.code import MODULES, place, source
from app.guide.rows import Row
from app.page import named


def show(rows: Sequence[Row]) -> None:
    """The table of the paper's parts; then the code, a module an expander."""
    if rows:
        exhibit.words(markdown(rows), key="paper")
        with st.expander("Which test holds each choice"):
            exhibit.table(table(rows), key="held", title="Choices and the tests that hold them")
    else:
        st.warning(
            "docs/paper.md is missing, which says what of the paper is where: "
            "take it from the project. The code below is complete.",
            icon=":material/description:",
        )
    _pages(rows)
    st.subheader("The code as it runs here", anchor=False)
    for title, thing in MODULES.items():
        with st.expander(f"{title} · `{place(thing)}`"):
            st.code(source(thing), language="python", line_numbers=True)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a table whose long texts wrap."""
    lines = ["| paper | code | page | what it leaves open | what was chosen |", "|---" * 5 + "|"]
    lines += [
        f"| {row.what} | {_code(row)} | {named(row.page).title} | {row.unclear} | {row.chosen} |"
        for row in rows
    ]
    return "\n".join(lines)


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows with their tests, for downloading."""
    return pd.DataFrame(
        [
            {
                "paper": row.what,
                "held by": row.pinned.replace("`", ""),
                "code": _code(row).replace("`", ""),
                "page": named(row.page).title,
                "what it leaves open": row.unclear.replace("`", ""),
                "what was chosen": row.chosen.replace("`", ""),
            }
            for row in rows
        ]
    )


def _code(row: Row) -> str:
    """Its place; a row that names no file is in the one of the row above."""
    return row.code if row.file in row.code else f"`{row.file}`: {row.code}"


def _pages(rows: Sequence[Row]) -> None:
    """The pages that show parts of the paper, to go there."""
    with st.container(horizontal=True):
        for name in dict.fromkeys(row.page for row in rows):
            page = named(name)
            st.page_link(page, label=f"Seen on: {page.title}", icon=page.icon)
