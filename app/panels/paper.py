"""What of the paper is where: its rows, and the code of each module."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import exhibit
from app.guide.code import MODULES, place, source
from app.guide.rows import Row
from app.page import PAGES

_TITLES = {page.url_path or "explore": page.title for page in PAGES}


def show(rows: Sequence[Row]) -> None:
    """The table of the paper's parts; then the code, a module an expander."""
    if rows:
        exhibit.table(
            table(rows),
            key="paper",
            title="Figure, equation or table → code → page",
            height="content",
            row_height=64,
            column_config={
                name: st.column_config.TextColumn(width="large")
                for name in ("what the paper leaves open", "what was chosen")
            },
        )
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


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as people read them."""
    return pd.DataFrame(
        [
            {
                "paper": row.what,
                "code": row.code.replace("`", ""),
                "page": _TITLES[row.page],
                "what the paper leaves open": row.unclear.replace("`", ""),
                "what was chosen": row.chosen.replace("`", ""),
                "held by": row.pinned.replace("`", ""),
            }
            for row in rows
        ]
    )


def _pages(rows: Sequence[Row]) -> None:
    """The pages that show parts of the paper, to go there."""
    with st.container(horizontal=True):
        for name in dict.fromkeys(row.page for row in rows):
            page = next(one for one in PAGES if (one.url_path or "explore") == name)
            st.page_link(page, label=f"Seen on: {page.title}", icon=page.icon)
